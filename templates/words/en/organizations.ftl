# The words about organizations.

login-for-organization = for { $organization }

choose-organization-title = Which organization is it for?
choose-organization-lead = { $name } then acts for what you choose.
choose-organization-none = None: only for myself

consent-for-organization = For the organization { $organization }

account-organizations = Organizations
account-organizations-line = Where you belong
account-organizations-lead = Where you belong, and what you are there.
account-organizations-none = You belong to no organization.
account-organizations-as = as { $role }
account-organizations-leave = Leave
account-organizations-waiting = Invitations
account-organizations-accept = Accept
account-organizations-decline = Decline
account-organizations-joinable = For people with your address
account-organizations-join = Join
account-organizations-suspended = suspended

role-owner = owner
role-admin = administrator
role-member = member
role-guest = guest

scope-roles = Your roles
scope-roles-text = What you are here, and in your organization.
scope-orgs-read = Your organizations
scope-orgs-read-text = Where you belong, and who else does.
scope-orgs-write = Manage your organizations
scope-orgs-write-text = Members, invitations, roles and settings, as far as you may.

refusal-this-is-the-organization-s-only-owner-transfer-it-or-make-somebody-else-an-owner-first = This is the organization's only owner; transfer it, or make somebody else an owner first.
refusal-organizations-have-no-other-owner-transfer-or-delete-them-first = Organizations have no other owner; transfer or delete them first.
refusal-this-is-none-of-your-organizations = This is none of your organizations.
refusal-no-such-invitation-waits-for-you = No such invitation waits for you.
refusal-this-organization-is-suspended = This organization is suspended.
refusal-there-is-no-such-organization = There is no such organization.
refusal-this-invitation-is-for-people-who-have-an-account = This invitation is for people who have an account.
