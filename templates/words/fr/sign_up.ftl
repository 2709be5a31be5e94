# Les mots pour l’inscription et la récupération.
