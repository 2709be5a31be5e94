# The pages of sign-in, consent and sign-out, and what every page wears.

foot = Sign-in by Chancery
foot-terms = Terms
foot-privacy = Privacy
foot-support = Help

span-days = { $number ->
    [one] { $number } day
   *[other] { $number } days
}
span-hours = { $number ->
    [one] { $number } hour
   *[other] { $number } hours
}
span-minutes = { $number ->
    [one] { $number } minute
   *[other] { $number } minutes
}
span-seconds = { $number ->
    [one] { $number } second
   *[other] { $number } seconds
}

login-title = Sign in
login-to-continue = to continue to { $it }
login-username = E-mail or user name
login-password = Password
login-forgot = Forgot it?
login-remember = Stay signed in on this device
login-verify = Send the mail again
login-submit = Sign in
login-cancel = Cancel
login-new = New here? { $it }
login-create = Create an account

client-policy = Privacy policy
client-terms = Terms of service

consent-page = Allow access
consent-title = Allow { $it } to use your account?
consent-lead = It asks for what is below. Untick what you would rather keep to yourself.
consent-signed-in-as = Signed in as
consent-asks-for = What { $name } asks for
consent-only-in = Of your documents, only in
consent-only-where = where
consent-only-fields = these fields:
consent-allow = Allow
consent-deny = Deny
consent-return = Afterwards you return to { $it }.

scope-openid = Know who you are
scope-openid-text = A stable identifier of your account.
scope-profile = Your profile
scope-profile-text = Name, picture, language and the like.
scope-email = Your e-mail address
scope-email-text = And whether it has been verified.
scope-phone = Your phone number
scope-phone-text = And whether it has been verified.
scope-address = Your postal address
scope-offline-access = Access while you are away
scope-offline-access-text = Until you or the application end it.
scope-entitlements = What you have paid for
scope-entitlements-text = Your plans and what they include.
scope-account = Manage your account
scope-account-text = Profile, password, second factors and sessions.

logout-page = Sign out
logout-title = Sign out?
logout-client-asks = { $it } asks to end your session at { $tenant }.
logout-this-ends = This ends your session at { $tenant } in this browser.
logout-signed-in-as = Signed in as { $it }
logout-confirm = Sign out
logout-cancel = Cancel

logged-out-title = You are signed out
logged-out-kept-title = You are still signed in
logged-out-text = Your session at { $tenant } has ended. You may close this window.
logged-out-kept-text = Nothing has changed. You may close this window.
logged-out-continue = Continue

form-post-page = Returning
form-post-title = One moment
form-post-text = You are being returned to the application.
form-post-continue = Continue

start-page = Welcome
start-title = One place to sign in
start-lead = This server speaks OAuth 2.0 and OpenID Connect for many tenants. Each has its own issuer, people, applications and keys.
start-try = Try it
start-mailbox = Mailbox
start-discovery = Discovery document
start-email = E-mail
start-password = Password
start-role = Role
start-role-administrator = administrator
start-role-person = person
start-why-before = You see this because the server runs with { $it }.
start-why-after = These people and passwords exist nowhere else.
start-elsewhere = To sign in, start from the application that sent you here.

error-code = Code
error-request = Request
error-help = If you ask for help, give the request number above: it finds what happened.
error-401 = Please sign in
error-403 = This is not allowed
error-404 = There is nothing here
error-408 = That took too long
error-413 = That was too much
error-414 = That was too much
error-429 = Too many tries
error-500 = Something went wrong here
error-503 = Not available right now
error-507 = No room left
error-other = This request cannot be served
