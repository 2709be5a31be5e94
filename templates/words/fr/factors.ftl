# Les mots pour les moyens de connexion et les seconds facteurs.
