# Pourquoi quelque chose a été refusé : chaque message porte le nom de sa phrase anglaise.

refusal-the-user-name-or-the-password-is-wrong = Le nom d’utilisateur ou le mot de passe est incorrect.
refusal-the-e-mail-address-of-this-account-is-not-verified-yet = L’adresse e-mail de ce compte n’est pas encore vérifiée.
refusal-this-account-is-suspended = Ce compte est suspendu.
refusal-this-tenant-is-suspended = Ce locataire est suspendu.
refusal-there-is-no-such-tenant = Ce locataire n’existe pas.
refusal-there-is-nothing-here = Il n’y a rien ici.
refusal-there-is-no-such-mail = Ce message n’existe pas.
refusal-the-password-has-to-have-8-characters-or-more = Le mot de passe doit avoir au moins 8 caractères.
refusal-the-password-is-longer-than-1024-bytes = Le mot de passe dépasse 1024 octets.
refusal-the-user-name-is-too-long = Le nom d’utilisateur est trop long.
refusal-a-user-name-has-up-to-64-characters-of-a-z-0-9-and = Un nom d’utilisateur a jusqu’à 64 caractères parmi a-z, 0-9, . _ et -.
refusal-too-many-people-are-signing-in-try-again-in-a-moment = Trop de personnes se connectent ; réessayez dans un instant.
refusal-this-form-is-out-of-date-or-comes-from-elsewhere-go-back-reload-and-try-again = Ce formulaire est périmé ou vient d’ailleurs ; revenez en arrière, rechargez la page et réessayez.
refusal-this-application-is-not-active-any-more = Cette application n’est plus active.
refusal-the-redirect-uri-is-not-registered-for-this-client = La redirect_uri n’est pas enregistrée pour cette application.
refusal-the-client-id-is-not-known-here = Le client_id n’est pas connu ici.
refusal-the-post-logout-redirect-uri-is-not-registered-for-this-client = La post_logout_redirect_uri n’est pas enregistrée pour cette application.
refusal-the-request-cannot-be-understood = La requête est incompréhensible.
refusal-the-request-took-too-long = La requête a pris trop de temps.
refusal-the-body-is-too-large = La requête est trop volumineuse.
refusal-the-address-is-too-long = L’adresse est trop longue.
refusal-this-method-is-not-for-this-address = Cette méthode ne convient pas à cette adresse.
refusal-the-content-type-is-not-for-this-address = Ce type de contenu ne convient pas à cette adresse.
refusal-a-parameter-is-repeated = Un paramètre est répété.
refusal-something-went-wrong-here-the-request-id-helps-to-find-out-what = Quelque chose a échoué ici ; le numéro de la requête aide à savoir quoi.
