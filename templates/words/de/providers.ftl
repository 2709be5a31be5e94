# Die Anmeldung über andere.

login-with = Weiter mit { $provider }
login-organisation = Anmeldung Ihrer Organisation benutzen
login-otherwise = Anders anmelden
organisation-title = Die Anmeldung Ihrer Organisation
organisation-why = Viele Organisationen haben eine eigene Anmeldung. Ihre dienstliche Adresse sagt, welche die Ihre ist.
organisation-email = E-Mail-Adresse
organisation-submit = Weiter
link-title = Ist das Ihr Konto?
link-found = { $provider } sagt, dass Sie { $account } sind, und hier gibt es schon ein Konto mit dieser Adresse.
link-why = Damit nur wem das Konto gehört es verbinden kann, melden Sie sich einmal wie gewohnt daran an. Danach meldet { $provider } Sie an.
link-sign-in = Anmelden und verbinden
link-later = Nicht jetzt

refusal-the-other-provider-does-not-answer-try-again-later-or-sign-in-another-way = Der andere Anbieter antwortet nicht; versuchen Sie es später noch einmal oder melden Sie sich anders an.
refusal-what-the-other-provider-answered-proves-nothing = Was der andere Anbieter geantwortet hat, beweist nichts.
refusal-the-sign-in-with-the-other-provider-was-cancelled = Die Anmeldung beim anderen Anbieter wurde abgebrochen.
refusal-the-account-that-this-sign-in-leads-to-was-deleted = Das Konto, zu dem diese Anmeldung führt, wurde gelöscht.
refusal-nobody-here-knows-this-account-ask-for-an-invitation = Dieses Konto kennt hier niemand; bitten Sie um eine Einladung.
refusal-the-other-provider-does-not-vouch-for-your-e-mail-address = Der andere Anbieter verbürgt sich nicht für Ihre E-Mail-Adresse.
refusal-accounts-here-are-for-other-e-mail-addresses-than-yours = Konten gibt es hier nur für andere E-Mail-Adressen als Ihre.
refusal-this-account-of-the-other-provider-belongs-to-another-account-here = Dieses Konto des anderen Anbieters gehört hier zu einem anderen Konto.
refusal-an-account-of-this-address-was-made-just-now-start-again = Ein Konto mit dieser Adresse wurde gerade eben angelegt; beginnen Sie noch einmal.
refusal-no-organisation-is-known-for-this-address = Zu dieser Adresse ist keine Organisation bekannt.
refusal-there-is-no-such-provider-in-this-tenant = Diesen Anbieter gibt es hier nicht.
