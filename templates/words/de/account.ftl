# Die Worte für die Kontoseiten.

account-page = Ihr Konto
account-signed-in-at = Sie sind bei { $tenant } angemeldet.
account-account = Konto
account-since = Seit
account-sign-out = Abmelden
