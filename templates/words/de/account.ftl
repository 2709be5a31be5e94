# Die Worte für die Kontoseiten.

account-page = Ihr Konto
account-signed-in-at = Angemeldet bei { $tenant }, { $when }.
account-sign-out = Abmelden

account-overview = Überblick
account-profile = Profil
account-security = Sicherheit
account-sessions = Geräte
account-applications = Anwendungen
account-activity = Aktivität
account-data = Ihre Daten

account-profile-line = Name, Bild und Sprache
account-security-line = Passwort und andere Wege zur Anmeldung
account-sessions-line = { $number ->
    [one] Auf { $number } Gerät angemeldet
   *[other] Auf { $number } Geräten angemeldet
}
account-applications-line = { $number ->
    [0] Keine Anwendung hat Zugriff
    [one] { $number } Anwendung hat Zugriff
   *[other] { $number } Anwendungen haben Zugriff
}
account-activity-line = Was zuletzt geschah
account-data-line = Alles herunterladen oder das Konto löschen

account-just-now = gerade eben
account-minutes-ago = { $number ->
    [one] vor { $number } Minute
   *[other] vor { $number } Minuten
}
account-hours-ago = { $number ->
    [one] vor { $number } Stunde
   *[other] vor { $number } Stunden
}
account-days-ago = { $number ->
    [one] vor { $number } Tag
   *[other] vor { $number } Tagen
}

account-profile-lead = Was Anwendungen von Ihnen zeigen dürfen, wenn Sie es erlauben.
account-name = Name
account-picture = Bild
account-picture-hint = Die Adresse eines Bildes, sie beginnt mit https://
account-picture-wrong = Das ist keine Adresse, die mit https:// beginnt
account-field-wrong = So kann das nicht gespeichert werden
account-language = Sprache
account-language-of-browser = Wie der Browser es wünscht
account-save = Speichern
account-saved = Gespeichert.
account-metadata = Was Anwendungen hier aufbewahren
account-metadata-lead = Einstellungen von Ihnen, die Anwendungen bei Ihrem Konto abgelegt haben.

account-security-lead = Alles, womit Sie sich anmelden können.
account-change = Ändern
account-email = E-Mail-Adresse
account-email-none = Keine
account-email-verified = bestätigt
account-email-unverified = nicht bestätigt
account-password = Passwort
account-password-set = Festgelegt
account-password-none = Keines: Sie melden sich anders an

account-sessions-lead = Wo Sie angemeldet sind. Wenn Sie eines nicht kennen, melden Sie es ab und ändern Sie Ihr Passwort.
account-unknown-device = Unbekanntes Gerät
account-last-used = benutzt { $when }
account-begun = angemeldet { $when }
account-this-browser = Dieser Browser
account-end-session = Abmelden
account-end-others = Überall sonst abmelden

account-applications-lead = Was Sie für sich handeln lassen. Was Sie zurücknehmen, endet sofort.
account-no-applications = Keine Anwendung hat Zugriff auf Ihr Konto.
account-allowed-since = Seit { $day }
account-take-back = Zurücknehmen

account-activity-lead = Was mit Ihrem Konto geschah, das Neueste zuerst.
account-by-administrator = Die Verwaltung
account-by-unknown = Unbekannte Person
account-refused = abgelehnt
account-older = Älteres

activity-user-created = Konto angelegt
activity-user-updated = Profil geändert
activity-user-login = Anmeldung
activity-user-login-failed = Anmeldung fehlgeschlagen
activity-user-verified = E-Mail-Adresse bestätigt
activity-password-changed = Passwort geändert
activity-password-reset = Passwort neu gesetzt
activity-email-changed = E-Mail-Adresse geändert
activity-role-changed = Rolle geändert
activity-user-suspended = Konto gesperrt
activity-user-activated = Konto freigegeben
activity-user-deleted = Konto gelöscht
activity-user-restored = Konto wiederhergestellt
activity-user-exported = Daten heruntergeladen
activity-mfa-enrolled = Anmeldeweg hinzugefügt
activity-mfa-removed = Anmeldeweg entfernt
activity-session-created = Sitzung begonnen
activity-session-ended = Sitzung beendet
activity-consent-granted = Anwendung erlaubt
activity-consent-revoked = Zugriff einer Anwendung zurückgenommen

account-data-lead = Alles, was über Sie aufbewahrt wird, als eine JSON-Datei.
account-download = Meine Daten herunterladen
account-delete = Konto löschen
account-delete-line = Sie werden überall abgemeldet, und nichts an dem Konto funktioniert mehr.
account-delete-title = Ihr Konto löschen?
account-delete-lead = Es endet sofort und überall. Die Verwaltung kann es noch wiederherstellen (Frist: { $grace }), danach ist es endgültig fort.
account-delete-sure = Ja, ich möchte mein Konto löschen
account-delete-confirm = Endgültig löschen
account-delete-cancel = Behalten
account-deleted-title = Ihr Konto ist gelöscht
account-deleted-lead = Bis { $day } kann die Verwaltung es wiederherstellen.

refusal-this-is-the-only-owner-make-somebody-else-an-owner-first = Sie sind der einzige Eigentümer. Ernennen Sie zuerst jemand anderen.
refusal-tick-the-box-to-say-that-you-are-sure = Kreuzen Sie das Kästchen an, wenn Sie sicher sind.

account-cancel = Abbrechen
account-current-password = Jetziges Passwort
account-password-lead = Hier bleiben Sie angemeldet, überall sonst werden Sie abgemeldet.
account-email-now = Zurzeit ist es { $it }.
account-email-new = Neue Adresse
account-email-lead = Wir schicken einen Link dorthin. Die alte Adresse erfährt es und kann die Änderung zurücknehmen.
account-email-send = Link senden
account-email-sent = Eine Mail ist unterwegs an { $email }. Die Adresse ändert sich, wenn Sie ihrem Link folgen.

account-identities-line = Konten bei anderen Anbietern
account-remove = Entfernen
account-passkeys = Passkeys
account-passkeys-lead = Anmelden mit Fingerabdruck, Gesicht oder Sicherheitsschlüssel: nichts zu merken, nichts zu verraten.
account-passkeys-none = Keine
account-passkeys-script = Um einen Passkey hinzuzufügen, braucht es JavaScript.
account-passkeys-impossible = An dieser Adresse lassen sich Passkeys nicht verwenden.
account-authenticator = Authenticator-App
account-authenticator-lead = Ein Code aus einer App auf dem Telefon, nach dem nach dem Passwort gefragt wird.
account-authenticator-scan = Scannen Sie das Bild mit der App und geben Sie den Code ein, den sie zeigt.
account-authenticator-on = Eingerichtet
account-authenticator-off = Nicht eingerichtet
account-codes-left = { $number ->
    [one] { $number } Wiederherstellungscode ist übrig.
   *[other] { $number } Wiederherstellungscodes sind übrig.
}
account-codes-renew = Neue Wiederherstellungscodes erzeugen
account-identities = Konten anderswo
account-identities-lead = Konten bei anderen Anbietern, mit denen Sie sich hier anmelden.
account-linked-since = seit { $day }
account-unlink = Entfernen
account-link-with = { $provider } hinzufügen
account-no-identities = Hier ist kein anderer Anbieter bekannt.

account-files = Dateien
account-files-line = Was Sie hier aufbewahren und wem Sie es gegeben haben
account-files-lead = Was Sie hier aufbewahren. Niemand sonst sieht es, außer Sie geben einen Link weiter.
account-files-choose = Eine Datei von diesem Gerät
account-files-upload = Hochladen
account-files-none = Hier ist noch nichts.
account-files-used = Zusammen { $size }.
account-files-share = Teilen
account-files-unshare = Nicht mehr teilen
account-files-delete = Löschen
account-files-link = Ein Link zu dieser Datei
account-files-link-hint = Wer ihn hat, kann die Datei sieben Tage lang lesen, oder bis Sie das Teilen beenden.
account-files-scanning = wird geprüft
account-files-quarantined = gesperrt: darin wurde etwas Schädliches gefunden
