# Die Worte für Grenzen und Aufgaben.
