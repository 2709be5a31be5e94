# Les pages de connexion, de consentement et de déconnexion, et ce que porte chaque page.

foot = Connexion par Chancery
foot-terms = Conditions
foot-privacy = Confidentialité
foot-support = Aide

span-days = { $number ->
    [one] { $number } jour
   *[other] { $number } jours
}
span-hours = { $number ->
    [one] { $number } heure
   *[other] { $number } heures
}
span-minutes = { $number ->
    [one] { $number } minute
   *[other] { $number } minutes
}
span-seconds = { $number ->
    [one] { $number } seconde
   *[other] { $number } secondes
}

login-title = Se connecter
login-to-continue = pour continuer vers { $it }
login-username = Adresse e-mail ou nom d’utilisateur
login-password = Mot de passe
login-forgot = Oublié ?
login-remember = Rester connecté sur cet appareil
login-verify = Renvoyer le message
login-submit = Se connecter
login-cancel = Annuler
login-new = Première visite ? { $it }
login-create = Créer un compte

client-policy = Politique de confidentialité
client-terms = Conditions d’utilisation

consent-page = Autoriser l’accès
consent-title = Autoriser { $it } à utiliser votre compte ?
consent-lead = Voici ce qui est demandé. Décochez ce que vous préférez garder pour vous.
consent-signed-in-as = Connecté en tant que
consent-asks-for = Ce que demande { $name }
consent-only-in = Parmi vos documents, seulement dans
consent-only-where = où
consent-only-fields = ces champs :
consent-allow = Autoriser
consent-deny = Refuser
consent-return = Vous retournerez ensuite à { $it }.

scope-openid = Savoir qui vous êtes
scope-openid-text = Un identifiant stable de votre compte.
scope-profile = Votre profil
scope-profile-text = Nom, image, langue et autres.
scope-email = Votre adresse e-mail
scope-email-text = Et si elle a été vérifiée.
scope-phone = Votre numéro de téléphone
scope-phone-text = Et s’il a été vérifié.
scope-address = Votre adresse postale
scope-offline-access = Accès en votre absence
scope-offline-access-text = Jusqu’à ce que vous ou l’application y mettiez fin.
scope-entitlements = Ce que vous avez payé
scope-entitlements-text = Vos formules et ce qu’elles comprennent.
scope-account = Gérer votre compte
scope-account-text = Profil, mot de passe, seconds facteurs et sessions.

logout-page = Se déconnecter
logout-title = Se déconnecter ?
logout-client-asks = { $it } demande de terminer votre session chez { $tenant }.
logout-this-ends = Cela termine votre session chez { $tenant } dans ce navigateur.
logout-signed-in-as = Connecté en tant que { $it }
logout-confirm = Se déconnecter
logout-cancel = Annuler

logged-out-title = Vous êtes déconnecté
logged-out-kept-title = Vous êtes toujours connecté
logged-out-text = Votre session chez { $tenant } est terminée. Vous pouvez fermer cette fenêtre.
logged-out-kept-text = Rien n’a changé. Vous pouvez fermer cette fenêtre.
logged-out-continue = Continuer

form-post-page = Retour
form-post-title = Un instant
form-post-text = Vous retournez à l’application.
form-post-continue = Continuer

start-page = Bienvenue
start-title = Un seul endroit pour se connecter
start-lead = Ce serveur parle OAuth 2.0 et OpenID Connect pour de nombreux locataires. Chacun a son propre émetteur, ses personnes, ses applications et ses clés.
start-try = Essayer
start-mailbox = Boîte aux lettres
start-discovery = Document de découverte
start-email = E-mail
start-password = Mot de passe
start-role = Rôle
start-role-administrator = administration
start-role-person = personne
start-why-before = Vous voyez ceci parce que le serveur fonctionne avec { $it }.
start-why-after = Ces personnes et ces mots de passe n’existent nulle part ailleurs.
start-elsewhere = Pour vous connecter, partez de l’application qui vous a envoyé ici.

error-code = Code
error-request = Requête
error-help = Si vous demandez de l’aide, donnez le numéro de la requête : il permet de retrouver ce qui s’est passé.
error-401 = Veuillez vous connecter
error-403 = Ce n’est pas permis
error-404 = Il n’y a rien ici
error-408 = Cela a pris trop de temps
error-413 = C’était trop
error-414 = C’était trop
error-429 = Trop d’essais
error-500 = Quelque chose a échoué ici
error-503 = Pas disponible pour l’instant
error-507 = Plus de place
error-other = Cette requête ne peut pas être servie
