# The words of the account pages.

account-page = Your account
account-signed-in-at = Signed in at { $tenant }, { $when }.
account-sign-out = Sign out

account-overview = Overview
account-profile = Profile
account-security = Security
account-sessions = Devices
account-applications = Applications
account-activity = Activity
account-data = Your data

account-profile-line = Name, picture and language
account-security-line = Password and other ways to sign in
account-sessions-line = { $number ->
    [one] Signed in on { $number } device
   *[other] Signed in on { $number } devices
}
account-applications-line = { $number ->
    [0] No application has access
    [one] { $number } application has access
   *[other] { $number } applications have access
}
account-activity-line = What happened lately
account-data-line = Download everything, or delete the account

account-just-now = just now
account-minutes-ago = { $number ->
    [one] { $number } minute ago
   *[other] { $number } minutes ago
}
account-hours-ago = { $number ->
    [one] { $number } hour ago
   *[other] { $number } hours ago
}
account-days-ago = { $number ->
    [one] { $number } day ago
   *[other] { $number } days ago
}

account-profile-lead = What applications may show of you, if you let them.
account-name = Name
account-picture = Picture
account-picture-hint = The address of a picture, beginning with https://
account-picture-wrong = This is not an address that begins with https://
account-field-wrong = This cannot be saved like that
account-language = Language
account-language-of-browser = As the browser prefers
account-save = Save
account-saved = Saved.
account-metadata = What applications keep here
account-metadata-lead = Settings of yours that applications have stored with your account.

account-security-lead = Whatever you can sign in with.
account-change = Change
account-email = E-mail address
account-email-none = None
account-email-verified = verified
account-email-unverified = not verified
account-password = Password
account-password-set = Set
account-password-none = None: you sign in another way

account-sessions-lead = Where you are signed in. If you do not know one of them, sign it out and change your password.
account-unknown-device = Unknown device
account-last-used = used { $when }
account-begun = signed in { $when }
account-this-browser = This browser
account-end-session = Sign out
account-end-others = Sign out everywhere else

account-applications-lead = What you allowed to act for you. What you take back ends at once.
account-no-applications = No application has access to your account.
account-allowed-since = Since { $day }
account-take-back = Take back

account-activity-lead = What was done with your account, the latest first.
account-by-administrator = An administrator
account-by-unknown = Unknown person
account-refused = refused
account-older = Older

activity-user-created = Account created
activity-user-updated = Profile changed
activity-user-login = Signed in
activity-user-login-failed = Sign-in failed
activity-user-verified = E-mail address verified
activity-password-changed = Password changed
activity-password-reset = Password reset
activity-email-changed = E-mail address changed
activity-role-changed = Role changed
activity-user-suspended = Account suspended
activity-user-activated = Account activated
activity-user-deleted = Account deleted
activity-user-restored = Account restored
activity-user-exported = Data downloaded
activity-mfa-enrolled = Way to sign in added
activity-mfa-removed = Way to sign in removed
activity-session-created = Session begun
activity-session-ended = Session ended
activity-consent-granted = Application allowed
activity-consent-revoked = Application’s access taken back

account-data-lead = Everything that is kept about you, as one JSON file.
account-download = Download my data
account-delete = Delete account
account-delete-line = You are signed out everywhere, and nothing of the account works any more.
account-delete-title = Delete your account?
account-delete-lead = It ends at once, everywhere. For { $grace } an administrator can bring it back; then it is gone for good.
account-delete-sure = Yes, I want to delete my account
account-delete-confirm = Delete for good
account-delete-cancel = Keep it
account-deleted-title = Your account is deleted
account-deleted-lead = Until { $day } an administrator can bring it back.

refusal-this-is-the-only-owner-make-somebody-else-an-owner-first = This is the only owner; make somebody else an owner first.
refusal-tick-the-box-to-say-that-you-are-sure = Tick the box to say that you are sure.

account-cancel = Cancel
account-current-password = Current password
account-password-lead = You stay signed in here and are signed out everywhere else.
account-email-now = Now it is { $it }.
account-email-new = New address
account-email-lead = We send a link there. The old address is told, and can take the change back.
account-email-send = Send the link
account-email-sent = A mail is on its way to { $email }. The address changes when you follow its link.

account-identities-line = Accounts at other providers
account-remove = Remove
account-passkeys = Passkeys
account-passkeys-lead = Sign in with a fingerprint, your face or a security key: nothing to remember, nothing to give away.
account-passkeys-none = None
account-passkeys-script = Adding a passkey needs JavaScript.
account-passkeys-impossible = Passkeys cannot be used at this address.
account-authenticator = Authenticator app
account-authenticator-lead = A code from an app on your phone, asked for after your password.
account-authenticator-scan = Scan the picture with the app, then type the code that it shows.
account-authenticator-on = Set up
account-authenticator-off = Not set up
account-codes-left = { $number ->
    [one] { $number } recovery code is left.
   *[other] { $number } recovery codes are left.
}
account-codes-renew = Make new recovery codes
account-identities = Accounts elsewhere
account-identities-lead = Accounts at other providers that sign you in here.
account-linked-since = since { $day }
account-unlink = Remove
account-link-with = Add { $provider }
account-no-identities = No other provider is known here.

account-files = Files
account-files-line = What you keep here, and whom you gave it to
account-files-lead = What you keep here. Nobody else sees it unless you hand them a link.
account-files-choose = A file from this device
account-files-upload = Upload
account-files-none = There is nothing here yet.
account-files-used = { $size } in all.
account-files-share = Share
account-files-unshare = End sharing
account-files-delete = Delete
account-files-link = A link to this file
account-files-link-hint = Whoever has it can read the file for seven days, or until you end the sharing.
account-files-scanning = is being checked
account-files-quarantined = locked: something bad was found in it
