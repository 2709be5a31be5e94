# The words of signing in with others.

login-with = Continue with { $provider }
login-organisation = Use your organisation's sign-in
login-otherwise = Sign in another way
organisation-title = Your organisation's sign-in
organisation-why = Many organisations have a sign-in of their own. Your work address tells which one is yours.
organisation-email = E-mail address
organisation-submit = Continue
link-title = Is this account yours?
link-found = { $provider } says that you are { $account }, and there is an account of this address here.
link-why = So that nobody but its owner can connect it, sign in to it once the way you usually do. After that, { $provider } signs you in.
link-sign-in = Sign in and connect
link-later = Not now

refusal-the-other-provider-does-not-answer-try-again-later-or-sign-in-another-way = The other provider does not answer; try again later or sign in another way.
refusal-what-the-other-provider-answered-proves-nothing = What the other provider answered proves nothing.
refusal-the-sign-in-with-the-other-provider-was-cancelled = The sign-in with the other provider was cancelled.
refusal-the-account-that-this-sign-in-leads-to-was-deleted = The account that this sign-in leads to was deleted.
refusal-nobody-here-knows-this-account-ask-for-an-invitation = Nobody here knows this account; ask for an invitation.
refusal-the-other-provider-does-not-vouch-for-your-e-mail-address = The other provider does not vouch for your e-mail address.
refusal-accounts-here-are-for-other-e-mail-addresses-than-yours = Accounts here are for other e-mail addresses than yours.
refusal-this-account-of-the-other-provider-belongs-to-another-account-here = This account of the other provider belongs to another account here.
refusal-an-account-of-this-address-was-made-just-now-start-again = An account of this address was made just now; start again.
refusal-no-organisation-is-known-for-this-address = No organisation is known for this address.
refusal-there-is-no-such-provider-in-this-tenant = There is no such provider in this tenant.
