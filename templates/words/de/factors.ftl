# Die Worte für Anmeldewege und zweite Faktoren.
