# Les mots pour les limites et les épreuves.

challenge-working = De nombreuses tentatives de connexion à ce compte ou depuis ce réseau ont échoué. Votre navigateur résout un petit problème…
challenge-done = C’est fait. Vous pouvez vous connecter.
challenge-noscript = De nombreuses tentatives de connexion ont échoué récemment. Sans JavaScript, ce navigateur ne peut pas montrer qu’il n’est pas un robot : utilisez un navigateur dans lequel vous vous êtes déjà connecté, connectez-vous avec un code envoyé par e-mail ou revenez plus tard.
refusal-too-many-failed-attempts-try-again-later = Trop de tentatives échouées ; réessayez plus tard.
refusal-many-attempts-to-sign-in-have-failed-let-your-browser-do-some-work-then-try-again = De nombreuses tentatives de connexion ont échoué ; laissez votre navigateur travailler un peu, puis réessayez.
refusal-too-many-requests-try-again-later = Trop de requêtes ; réessayez plus tard.
refusal-no-more-accounts-can-be-made-here-at-the-moment = Il n’est pas possible de créer d’autres comptes ici pour le moment.
refusal-the-tenant-s-plan-has-no-room-for-more-users = L’offre ne permet pas d’ajouter d’autres personnes.
refusal-the-tenant-s-plan-has-no-room-for-more-clients = L’offre ne permet pas d’ajouter d’autres applications.
refusal-the-tenant-s-plan-has-no-room-for-more-organizations = L’offre ne permet pas d’ajouter d’autres organisations.
