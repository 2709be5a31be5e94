# Les mots sur les organisations.

login-for-organization = pour { $organization }

choose-organization-title = Pour quelle organisation est-ce ?
choose-organization-lead = { $name } agit ensuite pour ce que vous choisissez.
choose-organization-none = Aucune : seulement pour moi

consent-for-organization = Pour l’organisation { $organization }

account-organizations = Organisations
account-organizations-line = À quoi vous appartenez
account-organizations-lead = À quoi vous appartenez, et ce que vous y êtes.
account-organizations-none = Vous n’appartenez à aucune organisation.
account-organizations-as = comme { $role }
account-organizations-leave = Quitter
account-organizations-waiting = Invitations
account-organizations-accept = Accepter
account-organizations-decline = Décliner
account-organizations-joinable = Pour les personnes ayant votre adresse
account-organizations-join = Rejoindre
account-organizations-suspended = suspendue

role-owner = propriétaire
role-admin = administrateur
role-member = membre
role-guest = invité

scope-roles = Vos rôles
scope-roles-text = Ce que vous êtes ici et dans votre organisation.
scope-orgs-read = Vos organisations
scope-orgs-read-text = À quoi vous appartenez, et qui d’autre.
scope-orgs-write = Gérer vos organisations
scope-orgs-write-text = Membres, invitations, rôles et réglages, autant que vous le pouvez.

refusal-this-is-the-organization-s-only-owner-transfer-it-or-make-somebody-else-an-owner-first = Vous êtes l’unique propriétaire. Transférez l’organisation ou nommez d’abord un autre propriétaire.
refusal-organizations-have-no-other-owner-transfer-or-delete-them-first = Des organisations n’ont pas d’autre propriétaire que vous. Transférez-les ou supprimez-les d’abord.
refusal-this-is-none-of-your-organizations = Ce n’est aucune de vos organisations.
refusal-no-such-invitation-waits-for-you = Aucune invitation de ce genre ne vous attend.
refusal-this-organization-is-suspended = Cette organisation est suspendue.
refusal-there-is-no-such-organization = Il n’y a pas de telle organisation.
refusal-this-invitation-is-for-people-who-have-an-account = Cette invitation est pour les personnes qui ont un compte.
