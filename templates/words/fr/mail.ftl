# Les mots pour les messages.
