# Les mots pour les limites et les épreuves.
