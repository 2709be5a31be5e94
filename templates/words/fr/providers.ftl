# Les mots pour la connexion par d’autres.
