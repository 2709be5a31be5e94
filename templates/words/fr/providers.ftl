# Les mots de la connexion par d'autres.

login-with = Continuer avec { $provider }
login-organisation = Utiliser la connexion de votre organisation
login-otherwise = Se connecter autrement
organisation-title = La connexion de votre organisation
organisation-why = Beaucoup d'organisations ont leur propre connexion. Votre adresse professionnelle dit laquelle est la vôtre.
organisation-email = Adresse e-mail
organisation-submit = Continuer
link-title = Ce compte est-il le vôtre ?
link-found = { $provider } dit que vous êtes { $account }, et il y a ici un compte à cette adresse.
link-why = Pour que seul son titulaire puisse le relier, connectez-vous-y une fois comme d'habitude. Ensuite, { $provider } vous connecte.
link-sign-in = Se connecter et relier
link-later = Pas maintenant

refusal-the-other-provider-does-not-answer-try-again-later-or-sign-in-another-way = L'autre fournisseur ne répond pas ; réessayez plus tard ou connectez-vous autrement.
refusal-what-the-other-provider-answered-proves-nothing = Ce que l'autre fournisseur a répondu ne prouve rien.
refusal-the-sign-in-with-the-other-provider-was-cancelled = La connexion chez l'autre fournisseur a été annulée.
refusal-the-account-that-this-sign-in-leads-to-was-deleted = Le compte auquel mène cette connexion a été supprimé.
refusal-nobody-here-knows-this-account-ask-for-an-invitation = Personne ici ne connaît ce compte ; demandez une invitation.
refusal-the-other-provider-does-not-vouch-for-your-e-mail-address = L'autre fournisseur ne se porte pas garant de votre adresse e-mail.
refusal-accounts-here-are-for-other-e-mail-addresses-than-yours = Les comptes d'ici sont pour d'autres adresses e-mail que la vôtre.
refusal-this-account-of-the-other-provider-belongs-to-another-account-here = Ce compte de l'autre fournisseur appartient ici à un autre compte.
refusal-an-account-of-this-address-was-made-just-now-start-again = Un compte à cette adresse vient d'être créé ; recommencez.
refusal-no-organisation-is-known-for-this-address = Aucune organisation n'est connue pour cette adresse.
refusal-there-is-no-such-provider-in-this-tenant = Ce fournisseur n'existe pas ici.
