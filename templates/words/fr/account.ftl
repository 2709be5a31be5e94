# Les mots pour les pages du compte.

account-page = Votre compte
account-signed-in-at = Connecté à { $tenant }, { $when }.
account-sign-out = Se déconnecter

account-overview = Aperçu
account-profile = Profil
account-security = Sécurité
account-sessions = Appareils
account-applications = Applications
account-activity = Activité
account-data = Vos données

account-profile-line = Nom, photo et langue
account-security-line = Mot de passe et autres moyens de connexion
account-sessions-line = { $number ->
    [one] Connecté sur { $number } appareil
   *[other] Connecté sur { $number } appareils
}
account-applications-line = { $number ->
    [0] Aucune application n’a accès
    [one] { $number } application a accès
   *[other] { $number } applications ont accès
}
account-activity-line = Ce qui s’est passé récemment
account-data-line = Tout télécharger ou supprimer le compte

account-just-now = à l’instant
account-minutes-ago = { $number ->
    [one] il y a { $number } minute
   *[other] il y a { $number } minutes
}
account-hours-ago = { $number ->
    [one] il y a { $number } heure
   *[other] il y a { $number } heures
}
account-days-ago = { $number ->
    [one] il y a { $number } jour
   *[other] il y a { $number } jours
}

account-profile-lead = Ce que les applications peuvent montrer de vous, si vous le permettez.
account-name = Nom
account-picture = Photo
account-picture-hint = L’adresse d’une image, commençant par https://
account-picture-wrong = Ce n’est pas une adresse commençant par https://
account-field-wrong = Cela ne peut pas être enregistré ainsi
account-language = Langue
account-language-of-browser = Celle du navigateur
account-save = Enregistrer
account-saved = Enregistré.
account-metadata = Ce que les applications conservent ici
account-metadata-lead = Vos réglages que des applications ont enregistrés avec votre compte.

account-security-lead = Tout ce qui vous permet de vous connecter.
account-change = Modifier
account-email = Adresse e-mail
account-email-none = Aucune
account-email-verified = vérifiée
account-email-unverified = non vérifiée
account-password = Mot de passe
account-password-set = Défini
account-password-none = Aucun : vous vous connectez autrement

account-sessions-lead = Là où vous êtes connecté. Si vous n’en reconnaissez pas un, déconnectez-le et changez de mot de passe.
account-unknown-device = Appareil inconnu
account-last-used = utilisé { $when }
account-begun = connecté { $when }
account-this-browser = Ce navigateur
account-end-session = Déconnecter
account-end-others = Déconnecter tous les autres

account-applications-lead = Ce que vous avez autorisé à agir pour vous. Ce que vous retirez prend fin aussitôt.
account-no-applications = Aucune application n’a accès à votre compte.
account-allowed-since = Depuis le { $day }
account-take-back = Retirer

account-activity-lead = Ce qui a été fait avec votre compte, le plus récent d’abord.
account-by-administrator = Un administrateur
account-by-unknown = Personne inconnue
account-refused = refusé
account-older = Plus anciens

activity-user-created = Compte créé
activity-user-updated = Profil modifié
activity-user-login = Connexion
activity-user-login-failed = Échec de connexion
activity-user-verified = Adresse e-mail vérifiée
activity-password-changed = Mot de passe modifié
activity-password-reset = Mot de passe réinitialisé
activity-email-changed = Adresse e-mail modifiée
activity-role-changed = Rôle modifié
activity-user-suspended = Compte suspendu
activity-user-activated = Compte activé
activity-user-deleted = Compte supprimé
activity-user-restored = Compte rétabli
activity-user-exported = Données téléchargées
activity-mfa-enrolled = Moyen de connexion ajouté
activity-mfa-removed = Moyen de connexion retiré
activity-session-created = Session ouverte
activity-session-ended = Session terminée
activity-consent-granted = Application autorisée
activity-consent-revoked = Accès d’une application retiré

account-data-lead = Tout ce qui est conservé à votre sujet, dans un fichier JSON.
account-download = Télécharger mes données
account-delete = Supprimer le compte
account-delete-line = Vous êtes déconnecté partout et plus rien du compte ne fonctionne.
account-delete-title = Supprimer votre compte ?
account-delete-lead = Il prend fin aussitôt, partout. Pendant { $grace }, un administrateur peut le rétablir ; ensuite il disparaît pour de bon.
account-delete-sure = Oui, je veux supprimer mon compte
account-delete-confirm = Supprimer
account-delete-cancel = Le garder
account-deleted-title = Votre compte est supprimé
account-deleted-lead = Jusqu’au { $day }, un administrateur peut le rétablir.

refusal-this-is-the-only-owner-make-somebody-else-an-owner-first = Vous êtes le seul propriétaire. Nommez-en d’abord un autre.
refusal-tick-the-box-to-say-that-you-are-sure = Cochez la case pour dire que vous êtes sûr.

account-cancel = Annuler
account-current-password = Mot de passe actuel
account-password-lead = Vous restez connecté ici et êtes déconnecté partout ailleurs.
account-email-now = Actuellement : { $it }.
account-email-new = Nouvelle adresse
account-email-lead = Nous y envoyons un lien. L’ancienne adresse est prévenue et peut annuler le changement.
account-email-send = Envoyer le lien
account-email-sent = Un e-mail est en route vers { $email }. L’adresse change quand vous suivez son lien.

account-identities-line = Comptes d’autres fournisseurs
account-remove = Retirer
account-passkeys = Clés d’accès
account-passkeys-lead = Connectez-vous avec une empreinte, votre visage ou une clé de sécurité : rien à retenir, rien à divulguer.
account-passkeys-none = Aucune
account-passkeys-script = L’ajout d’une clé d’accès demande JavaScript.
account-passkeys-impossible = Les clés d’accès ne peuvent pas servir à cette adresse.
account-authenticator = Application d’authentification
account-authenticator-lead = Un code d’une application du téléphone, demandé après le mot de passe.
account-authenticator-scan = Scannez l’image avec l’application, puis tapez le code qu’elle affiche.
account-authenticator-on = Configurée
account-authenticator-off = Non configurée
account-codes-left = { $number ->
    [one] Il reste { $number } code de secours.
   *[other] Il reste { $number } codes de secours.
}
account-codes-renew = Créer de nouveaux codes de secours
account-identities = Comptes ailleurs
account-identities-lead = Les comptes d’autres fournisseurs avec lesquels vous vous connectez ici.
account-linked-since = depuis { $day }
account-unlink = Retirer
account-link-with = Ajouter { $provider }
account-no-identities = Aucun autre fournisseur n’est connu ici.

account-files = Fichiers
account-files-line = Ce que vous gardez ici et à qui vous l’avez donné
account-files-lead = Ce que vous gardez ici. Personne d’autre ne le voit, sauf si vous donnez un lien.
account-files-choose = Un fichier de cet appareil
account-files-upload = Envoyer
account-files-none = Il n’y a encore rien ici.
account-files-used = { $size } en tout.
account-files-share = Partager
account-files-unshare = Ne plus partager
account-files-delete = Supprimer
account-files-link = Un lien vers ce fichier
account-files-link-hint = Qui le possède peut lire le fichier pendant sept jours, ou jusqu’à ce que vous cessiez de le partager.
account-files-scanning = en cours de vérification
account-files-quarantined = bloqué : quelque chose de nuisible y a été trouvé
