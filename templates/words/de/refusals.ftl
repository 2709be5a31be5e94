# Warum etwas abgelehnt wurde: jede Nachricht heißt nach ihrem englischen Satz.

refusal-the-user-name-or-the-password-is-wrong = Der Benutzername oder das Passwort ist falsch.
refusal-the-e-mail-address-of-this-account-is-not-verified-yet = Die E-Mail-Adresse dieses Kontos ist noch nicht bestätigt.
refusal-this-account-is-suspended = Dieses Konto ist gesperrt.
refusal-this-tenant-is-suspended = Dieser Mandant ist gesperrt.
refusal-there-is-no-such-tenant = Diesen Mandanten gibt es nicht.
refusal-there-is-nothing-here = Hier ist nichts.
refusal-there-is-no-such-mail = Diese Nachricht gibt es nicht.
refusal-the-password-has-to-have-8-characters-or-more = Das Passwort muss mindestens 8 Zeichen haben.
refusal-the-password-is-longer-than-1024-bytes = Das Passwort ist länger als 1024 Byte.
refusal-the-user-name-is-too-long = Der Benutzername ist zu lang.
refusal-a-user-name-has-up-to-64-characters-of-a-z-0-9-and = Ein Benutzername hat bis zu 64 Zeichen aus a-z, 0-9, . _ und -.
refusal-too-many-people-are-signing-in-try-again-in-a-moment = Es melden sich gerade zu viele an; versuchen Sie es gleich noch einmal.
refusal-this-form-is-out-of-date-or-comes-from-elsewhere-go-back-reload-and-try-again = Dieses Formular ist veraltet oder kommt von woanders; gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.
refusal-this-application-is-not-active-any-more = Diese Anwendung ist nicht mehr aktiv.
refusal-the-redirect-uri-is-not-registered-for-this-client = Die redirect_uri ist für diese Anwendung nicht eingetragen.
refusal-the-client-id-is-not-known-here = Die client_id ist hier nicht bekannt.
refusal-the-post-logout-redirect-uri-is-not-registered-for-this-client = Die post_logout_redirect_uri ist für diese Anwendung nicht eingetragen.
refusal-the-request-cannot-be-understood = Die Anfrage ist nicht zu verstehen.
refusal-the-request-took-too-long = Die Anfrage hat zu lange gedauert.
refusal-the-body-is-too-large = Die Anfrage ist zu groß.
refusal-the-address-is-too-long = Die Adresse ist zu lang.
refusal-this-method-is-not-for-this-address = Diese Methode gilt nicht für diese Adresse.
refusal-the-content-type-is-not-for-this-address = Dieser Inhaltstyp gilt nicht für diese Adresse.
refusal-a-parameter-is-repeated = Ein Parameter steht doppelt.
refusal-something-went-wrong-here-the-request-id-helps-to-find-out-what = Hier ist etwas schiefgegangen; die Nummer der Anfrage hilft, es herauszufinden.
