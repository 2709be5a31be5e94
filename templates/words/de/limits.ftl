# Die Worte für Grenzen und Aufgaben.

challenge-working = Viele Anmeldeversuche bei diesem Konto oder aus diesem Netz sind fehlgeschlagen. Ihr Browser löst gerade eine kurze Aufgabe …
challenge-done = Fertig. Sie können sich jetzt anmelden.
challenge-noscript = In letzter Zeit sind viele Anmeldeversuche fehlgeschlagen. Ohne JavaScript kann dieser Browser nicht zeigen, dass er kein Automat ist: Nehmen Sie einen Browser, in dem Sie sich schon einmal angemeldet haben, melden Sie sich mit einem Code per E-Mail an oder kommen Sie später wieder.
refusal-too-many-failed-attempts-try-again-later = Zu viele fehlgeschlagene Versuche; versuchen Sie es später noch einmal.
refusal-many-attempts-to-sign-in-have-failed-let-your-browser-do-some-work-then-try-again = Viele Anmeldeversuche sind fehlgeschlagen; lassen Sie Ihren Browser etwas arbeiten und versuchen Sie es dann noch einmal.
refusal-too-many-requests-try-again-later = Zu viele Anfragen; versuchen Sie es später noch einmal.
refusal-no-more-accounts-can-be-made-here-at-the-moment = Hier können zurzeit keine weiteren Konten angelegt werden.
refusal-the-tenant-s-plan-has-no-room-for-more-users = Der Tarif lässt keine weiteren Personen zu.
refusal-the-tenant-s-plan-has-no-room-for-more-clients = Der Tarif lässt keine weiteren Anwendungen zu.
refusal-the-tenant-s-plan-has-no-room-for-more-organizations = Der Tarif lässt keine weiteren Organisationen zu.
