# The words of the account pages.

account-page = Your account
account-signed-in-at = You are signed in at { $tenant }.
account-account = Account
account-since = Since
account-sign-out = Sign out
