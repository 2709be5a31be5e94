# Die Worte für Nachrichten.
