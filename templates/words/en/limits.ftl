# The words of limits and challenges.

challenge-working = Many attempts to sign in to this account or from this network have failed. Your browser is solving a short puzzle …
challenge-done = Done. You can sign in now.
challenge-noscript = Many attempts to sign in have failed lately. Without JavaScript this browser cannot show that it is not a robot: use a browser in which you have signed in before, sign in by a code sent by e-mail, or come back later.
refusal-too-many-failed-attempts-try-again-later = Too many failed attempts; try again later.
refusal-many-attempts-to-sign-in-have-failed-let-your-browser-do-some-work-then-try-again = Many attempts to sign in have failed; let your browser do some work, then try again.
refusal-too-many-requests-try-again-later = Too many requests; try again later.
refusal-no-more-accounts-can-be-made-here-at-the-moment = No more accounts can be made here at the moment.
refusal-the-tenant-s-plan-has-no-room-for-more-users = The tenant's plan has no room for more users.
refusal-the-tenant-s-plan-has-no-room-for-more-clients = The tenant's plan has no room for more clients.
refusal-the-tenant-s-plan-has-no-room-for-more-organizations = The tenant's plan has no room for more organizations.
