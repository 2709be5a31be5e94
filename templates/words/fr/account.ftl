# Les mots pour les pages du compte.

account-page = Votre compte
account-signed-in-at = Vous êtes connecté chez { $tenant }.
account-account = Compte
account-since = Depuis
account-sign-out = Se déconnecter
