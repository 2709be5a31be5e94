# Die Wörter über Organisationen.

login-for-organization = für { $organization }

choose-organization-title = Für welche Organisation ist es?
choose-organization-lead = { $name } handelt dann für das, was Sie wählen.
choose-organization-none = Keine: nur für mich selbst

consent-for-organization = Für die Organisation { $organization }

account-organizations = Organisationen
account-organizations-line = Wo Sie dazugehören
account-organizations-lead = Wo Sie dazugehören, und was Sie dort sind.
account-organizations-none = Sie gehören zu keiner Organisation.
account-organizations-as = als { $role }
account-organizations-leave = Verlassen
account-organizations-waiting = Einladungen
account-organizations-accept = Annehmen
account-organizations-decline = Ablehnen
account-organizations-joinable = Für Personen mit Ihrer Adresse
account-organizations-join = Beitreten
account-organizations-suspended = gesperrt

role-owner = Eigentümer
role-admin = Verwalter
role-member = Mitglied
role-guest = Gast

scope-roles = Ihre Rollen
scope-roles-text = Was Sie hier sind, und in Ihrer Organisation.
scope-orgs-read = Ihre Organisationen
scope-orgs-read-text = Wo Sie dazugehören, und wer noch.
scope-orgs-write = Ihre Organisationen verwalten
scope-orgs-write-text = Mitglieder, Einladungen, Rollen und Einstellungen, soweit Sie es dürfen.

refusal-this-is-the-organization-s-only-owner-transfer-it-or-make-somebody-else-an-owner-first = Sie sind der einzige Eigentümer. Übertragen Sie die Organisation, oder machen Sie zuerst jemand anderen zum Eigentümer.
refusal-organizations-have-no-other-owner-transfer-or-delete-them-first = Organisationen haben keinen anderen Eigentümer als Sie. Übertragen oder löschen Sie sie zuerst.
refusal-this-is-none-of-your-organizations = Das ist keine Ihrer Organisationen.
refusal-no-such-invitation-waits-for-you = Keine solche Einladung wartet auf Sie.
refusal-this-organization-is-suspended = Diese Organisation ist gesperrt.
refusal-there-is-no-such-organization = Es gibt keine solche Organisation.
refusal-this-invitation-is-for-people-who-have-an-account = Diese Einladung ist für Personen, die ein Konto haben.
