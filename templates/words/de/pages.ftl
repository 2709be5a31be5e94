# Die Seiten für Anmeldung, Zustimmung und Abmeldung, und was jede Seite trägt.

foot = Anmeldung mit Chancery
foot-terms = Bedingungen
foot-privacy = Datenschutz
foot-support = Hilfe

span-days = { $number ->
    [one] { $number } Tag
   *[other] { $number } Tage
}
span-hours = { $number ->
    [one] { $number } Stunde
   *[other] { $number } Stunden
}
span-minutes = { $number ->
    [one] { $number } Minute
   *[other] { $number } Minuten
}
span-seconds = { $number ->
    [one] { $number } Sekunde
   *[other] { $number } Sekunden
}

login-title = Anmelden
login-to-continue = und weiter zu { $it }
login-username = E-Mail-Adresse oder Benutzername
login-password = Passwort
login-forgot = Vergessen?
login-remember = Auf diesem Gerät angemeldet bleiben
login-verify = Mail noch einmal senden
login-submit = Anmelden
login-cancel = Abbrechen
login-new = Neu hier? { $it }
login-create = Konto anlegen

client-policy = Datenschutzerklärung
client-terms = Nutzungsbedingungen

consent-page = Zugriff erlauben
consent-title = Darf { $it } Ihr Konto verwenden?
consent-lead = Darum wird gebeten. Wählen Sie ab, was Sie lieber für sich behalten.
consent-signed-in-as = Angemeldet als
consent-asks-for = Worum { $name } bittet
consent-only-in = Von Ihren Dokumenten nur in
consent-only-where = wo
consent-only-fields = diese Felder:
consent-allow = Erlauben
consent-deny = Ablehnen
consent-return = Danach kehren Sie zu { $it } zurück.

scope-openid = Wissen, wer Sie sind
scope-openid-text = Eine gleichbleibende Kennung Ihres Kontos.
scope-profile = Ihr Profil
scope-profile-text = Name, Bild, Sprache und Ähnliches.
scope-email = Ihre E-Mail-Adresse
scope-email-text = Und ob sie bestätigt ist.
scope-phone = Ihre Telefonnummer
scope-phone-text = Und ob sie bestätigt ist.
scope-address = Ihre Postanschrift
scope-offline-access = Zugriff in Ihrer Abwesenheit
scope-offline-access-text = Bis Sie oder die Anwendung ihn beenden.
scope-entitlements = Was Sie bezahlt haben
scope-entitlements-text = Ihre Tarife und was sie enthalten.
scope-account = Ihr Konto verwalten
scope-account-text = Profil, Passwort, zweite Faktoren und Sitzungen.

logout-page = Abmelden
logout-title = Abmelden?
logout-client-asks = { $it } bittet darum, Ihre Sitzung bei { $tenant } zu beenden.
logout-this-ends = Das beendet Ihre Sitzung bei { $tenant } in diesem Browser.
logout-signed-in-as = Angemeldet als { $it }
logout-confirm = Abmelden
logout-cancel = Abbrechen

logged-out-title = Sie sind abgemeldet
logged-out-kept-title = Sie sind weiterhin angemeldet
logged-out-text = Ihre Sitzung bei { $tenant } ist beendet. Sie können dieses Fenster schließen.
logged-out-kept-text = Nichts hat sich geändert. Sie können dieses Fenster schließen.
logged-out-continue = Weiter

form-post-page = Weiterleitung
form-post-title = Einen Augenblick
form-post-text = Sie werden zur Anwendung zurückgebracht.
form-post-continue = Weiter

start-page = Willkommen
start-title = Ein Ort zum Anmelden
start-lead = Dieser Server spricht OAuth 2.0 und OpenID Connect für viele Mandanten. Jeder hat seinen eigenen Aussteller und seine eigenen Personen, Anwendungen und Schlüssel.
start-try = Ausprobieren
start-mailbox = Postfach
start-discovery = Discovery-Dokument
start-email = E-Mail
start-password = Passwort
start-role = Rolle
start-role-administrator = Verwaltung
start-role-person = Person
start-why-before = Sie sehen das, weil der Server mit { $it } läuft.
start-why-after = Diese Personen und Passwörter gibt es sonst nirgends.
start-elsewhere = Zum Anmelden beginnen Sie bei der Anwendung, die Sie hierher geschickt hat.

error-code = Code
error-request = Anfrage
error-help = Wenn Sie um Hilfe bitten, nennen Sie die Nummer der Anfrage: Sie zeigt, was geschehen ist.
error-401 = Bitte melden Sie sich an
error-403 = Das ist nicht erlaubt
error-404 = Hier ist nichts
error-408 = Das hat zu lange gedauert
error-413 = Das war zu viel
error-414 = Das war zu viel
error-429 = Zu viele Versuche
error-500 = Hier ist etwas schiefgegangen
error-503 = Gerade nicht verfügbar
error-507 = Kein Platz mehr
error-other = Diese Anfrage kann nicht bedient werden
