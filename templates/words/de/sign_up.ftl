# Die Worte für Registrierung und Wiederherstellung.
