# Die Worte für Anmeldung über andere.
