//! Every path, written once: routers, discovery, redirects and tests read it here. Paths of a tenant are relative to
//! its issuer (`{T}`); the routers mount them below `/t/{tenant}`.

/// How long metadata and key sets may be kept: new keys are published days before they sign.
pub const METADATA_AGE: &str = "public, max-age=300";

/// Authorization endpoint (RFC 6749 §3.1).
pub const AUTHORIZE: &str = "/oauth/authorize";
/// Token endpoint (RFC 6749 §3.2).
pub const TOKEN: &str = "/oauth/token";
/// Introspection endpoint (RFC 7662 §2).
pub const INTROSPECT: &str = "/oauth/introspect";
/// Revocation endpoint (RFC 7009 §2).
pub const REVOKE: &str = "/oauth/revoke";
/// Userinfo endpoint (OIDC Core §5.3).
pub const USERINFO: &str = "/oauth/userinfo";
/// JWK Set (RFC 7517 §5).
pub const JWKS: &str = "/oauth/jwks";
/// End-session endpoint (OIDC RP-Initiated Logout §2).
pub const LOGOUT: &str = "/oauth/logout";
/// Discovery (OIDC Discovery §4).
pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
/// Authorization server metadata (RFC 8414 §3).
pub const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";
/// Protected resource metadata (RFC 9728 §3).
pub const PROTECTED_RESOURCE: &str = "/.well-known/oauth-protected-resource";
/// The same of one service.
pub const PROTECTED_SERVICE: &str = "/.well-known/oauth-protected-resource/api/v1/{service}";
/// Sign-in page.
pub const LOGIN: &str = "/login";
/// The page of the second factor.
pub const SECOND_FACTOR: &str = "/login/second-factor";
/// Sign-in by passkey, from the sign-in page.
pub const LOGIN_PASSKEY: &str = "/login/passkey";
/// Sign-in by mail: the address.
pub const LOGIN_EMAIL: &str = "/login/email";
/// Sign-in by mail: the code.
pub const LOGIN_CODE: &str = "/login/code";
/// Sign-in by mail: the link.
pub const LOGIN_BY_LINK: &str = "/login/by-link";
/// Consent page.
pub const CONSENT: &str = "/consent";
/// Who is signed in.
pub const ACCOUNT: &str = "/account";
/// Name, picture and language.
pub const ACCOUNT_PROFILE: &str = "/account/profile";
/// Whatever one signs in with.
pub const ACCOUNT_SECURITY: &str = "/account/security";
/// Another password.
pub const ACCOUNT_PASSWORD: &str = "/account/password";
/// A person's passkeys.
pub const ACCOUNT_PASSKEYS: &str = "/account/passkeys";
/// A person's authenticator app and recovery codes.
pub const ACCOUNT_AUTHENTICATOR: &str = "/account/authenticator";
/// A person's accounts elsewhere.
pub const ACCOUNT_IDENTITIES: &str = "/account/identities";
/// Another e-mail address.
pub const ACCOUNT_EMAIL: &str = "/account/email";
/// Where one is signed in.
pub const ACCOUNT_SESSIONS: &str = "/account/sessions";
/// What applications may do.
pub const ACCOUNT_APPLICATIONS: &str = "/account/applications";
/// What happened lately.
pub const ACCOUNT_ACTIVITY: &str = "/account/activity";
/// All of one's data.
pub const ACCOUNT_DATA: &str = "/account/data";
/// The end of an account.
pub const ACCOUNT_DELETE: &str = "/account/delete";
/// Confirmation page of a sign-out.
pub const SIGN_OUT: &str = "/logout";
/// The tenant's colours.
pub const BRAND_CSS: &str = "/brand.css";
/// What the tenant's own API is below, and the end of its audience.
pub const API: &str = "/api/v1";
/// The description of what is below it (`OpenAPI` 3.1).
pub const OPENAPI: &str = "/api/v1/openapi.json";
/// The same as pages for people.
pub const API_DOCS: &str = "/api/v1/docs";
/// Who a token belongs to: the first scope-guarded API.
pub const WHOAMI: &str = "/api/v1/whoami";
/// Sign-in as JSON.
pub const AUTH_LOGIN: &str = "/api/v1/auth/login";
/// What a second factor begins with.
pub const AUTH_MFA_CHALLENGE: &str = "/api/v1/auth/mfa/challenge";
/// The second factor.
pub const AUTH_MFA_VERIFY: &str = "/api/v1/auth/mfa/verify";
/// A code or link by mail.
pub const AUTH_PASSWORDLESS_START: &str = "/api/v1/auth/passwordless/start";
/// What came by mail.
pub const AUTH_PASSWORDLESS_COMPLETE: &str = "/api/v1/auth/passwordless/complete";
/// What a sign-in by passkey begins with.
pub const AUTH_PASSKEYS_BEGIN: &str = "/api/v1/auth/passkeys/begin";
/// What the authenticator answered.
pub const AUTH_PASSKEYS_COMPLETE: &str = "/api/v1/auth/passkeys/complete";
/// Whether somebody is signed in, and how.
pub const AUTH_SESSION: &str = "/api/v1/auth/session";
/// The end of it.
pub const AUTH_LOGOUT: &str = "/api/v1/auth/logout";
/// One's own second factors.
pub const MY_MFA: &str = "/api/v1/users/me/mfa";
/// One's own authenticator app.
pub const MY_TOTP: &str = "/api/v1/users/me/mfa/totp";
/// Its first code.
pub const MY_TOTP_CONFIRM: &str = "/api/v1/users/me/mfa/totp/confirm";
/// One's own recovery codes.
pub const MY_RECOVERY_CODES: &str = "/api/v1/users/me/mfa/recovery-codes";
/// One's own passkeys.
pub const MY_PASSKEYS: &str = "/api/v1/users/me/passkeys";
/// What a new one begins with.
pub const MY_PASSKEYS_BEGIN: &str = "/api/v1/users/me/passkeys/begin";
/// One of them.
pub const MY_PASSKEY: &str = "/api/v1/users/me/passkeys/{passkey}";
/// A tenant's outbox of mails.
pub const MAILS: &str = "/api/v1/mails";
/// One of them.
pub const MAIL: &str = "/api/v1/mails/{mail}";
/// To send it after all.
pub const MAIL_RETRY: &str = "/api/v1/mails/{mail}/retry";
/// Who a tenant's mails are from and how they leave.
pub const MAIL_SETTINGS: &str = "/api/v1/tenant/mail";
/// To try it.
pub const MAIL_TEST: &str = "/api/v1/tenant/mail/test";
/// How a tenant's pages and mails look and speak.
pub const BRANDING: &str = "/api/v1/tenant/branding";
/// What is wrong with a brand.
pub const BRANDING_LINT: &str = "/api/v1/tenant/branding:lint";
/// A page in the draft's brand.
pub const BRANDING_PREVIEW: &str = "/api/v1/tenant/branding/preview";
/// The draft becomes what is seen.
pub const BRANDING_PUBLISH: &str = "/api/v1/tenant/branding:publish";
/// What was seen before is seen again.
pub const BRANDING_ROLLBACK: &str = "/api/v1/tenant/branding:rollback";
/// What was published.
pub const BRANDING_VERSIONS: &str = "/api/v1/tenant/branding/versions";
/// Providers that people sign in with.
pub const PROVIDERS: &str = "/api/v1/identity-providers";
/// One of them.
pub const PROVIDER: &str = "/api/v1/identity-providers/{provider}";
/// Those that are offered to whoever wants to sign in.
pub const OFFERED_PROVIDERS: &str = "/api/v1/auth/providers";
/// One's own accounts elsewhere.
pub const MY_IDENTITIES: &str = "/api/v1/users/me/identities";
/// One of them.
pub const MY_IDENTITY: &str = "/api/v1/users/me/identities/{identity}";
/// The way to a provider.
pub const LOGIN_WITH: &str = "/login/{provider}";
/// The way back.
pub const LOGIN_CALLBACK: &str = "/login/{provider}/callback";
/// The way back from a sign-out there.
pub const SIGNED_OUT_THERE: &str = "/login/{provider}/signed-out";
/// Where a provider tells that a sign-in there has ended.
pub const BACKCHANNEL_LOGOUT: &str = "/login/{provider}/backchannel-logout";
/// Who knows an address and not the provider.
pub const ORGANISATION: &str = "/login/organisation";
/// Why an account here has to be signed in to before it is linked to one elsewhere.
pub const LINK: &str = "/login/link";
/// To link an account elsewhere to the one that is signed in.
pub const LINK_WITH: &str = "/account/identities/{provider}";
/// Sign-up.
pub const REGISTER: &str = "/api/v1/auth/register";
/// The link that proves an address.
pub const VERIFY: &str = "/api/v1/auth/verify-email";
/// What it would do.
pub const VERIFY_CHECK: &str = "/api/v1/auth/verify-email/check";
/// Another such link.
pub const VERIFY_AGAIN: &str = "/api/v1/auth/resend-verification";
/// A link to a new password.
pub const FORGOT: &str = "/api/v1/auth/forgot-password";
/// The new password.
pub const RESET: &str = "/api/v1/auth/reset-password";
/// The link that changes an address.
pub const CONFIRM_EMAIL: &str = "/api/v1/auth/confirm-email-change";
/// The link that changes it back.
pub const UNDO_EMAIL: &str = "/api/v1/auth/undo-email-change";
/// One's own password.
pub const MY_PASSWORD: &str = "/api/v1/users/me/password";
/// One's own address.
pub const MY_EMAIL: &str = "/api/v1/users/me/email";
/// People.
pub const USERS: &str = "/api/v1/users";
/// Many people in.
pub const USERS_IMPORT: &str = "/api/v1/users:import";
/// Everybody out.
pub const USERS_EXPORT: &str = "/api/v1/users:export";
/// Another link that proves an address, asked for by an administrator.
pub const USER_VERIFICATION: &str = "/api/v1/users/{id}/resend-verification";
/// Invitations.
pub const INVITATIONS: &str = "/api/v1/invitations";
/// One invitation, by its id, or by its link's secret.
pub const INVITATION: &str = "/api/v1/invitations/{id}";
/// The same invitation, sent again.
pub const INVITATION_AGAIN: &str = "/api/v1/invitations/{id}/resend";
/// The answer to an invitation.
pub const INVITATION_ACCEPT: &str = "/api/v1/invitations/{id}/accept";
/// Sign-up page.
pub const SIGN_UP: &str = "/signup";
/// Page of the link that proves an address.
pub const VERIFY_PAGE: &str = "/verify-email";
/// Page of a forgotten password.
pub const FORGOT_PAGE: &str = "/forgot-password";
/// Page of the link to a new password.
pub const RESET_PAGE: &str = "/reset-password";
/// Page of the link that changes an address.
pub const CONFIRM_EMAIL_PAGE: &str = "/confirm-email-change";
/// Page of the link that changes it back.
pub const UNDO_EMAIL_PAGE: &str = "/undo-email-change";
/// Page of an invitation's link.
pub const INVITE_PAGE: &str = "/invite";
/// The person of the credential.
pub const ME: &str = "/api/v1/users/me";
/// The same.
pub const AUTH_ME: &str = "/api/v1/auth/me";
/// What happened to the person's account lately.
pub const MY_EVENTS: &str = "/api/v1/users/me/audit-events";
/// All that is kept about the person.
pub const MY_DATA: &str = "/api/v1/users/me/export";
/// The applications that may do something for the person.
pub const MY_APPLICATIONS: &str = "/api/v1/users/me/applications";
/// One of them.
pub const MY_APPLICATION: &str = "/api/v1/users/me/applications/{client}";
/// Where the person is signed in.
pub const MY_SESSIONS: &str = "/api/v1/auth/sessions";
/// One of these sessions.
pub const MY_SESSION: &str = "/api/v1/auth/sessions/{session}";
/// Somebody, for those who administrate.
pub const USER: &str = "/api/v1/users/{id}";
/// Lets somebody do nothing for now.
pub const USER_SUSPEND: &str = "/api/v1/users/{id}/suspend";
/// Lets a suspended person in again.
pub const USER_ACTIVATE: &str = "/api/v1/users/{id}/activate";
/// Brings a deleted person back.
pub const USER_RESTORE: &str = "/api/v1/users/{id}/restore";
/// Somebody's role.
pub const USER_ROLE: &str = "/api/v1/users/{id}/role";
/// A new password for somebody.
pub const USER_PASSWORD_RESET: &str = "/api/v1/users/{id}/password-reset";
/// Somebody's second factors.
pub const USER_FACTORS: &str = "/api/v1/users/{id}/mfa";
/// One of them: `totp`, or a passkey by its id.
pub const USER_FACTOR: &str = "/api/v1/users/{id}/mfa/{factor}";
/// The applications that may do something for somebody.
pub const USER_APPLICATIONS: &str = "/api/v1/users/{id}/applications";
/// One of them.
pub const USER_APPLICATION: &str = "/api/v1/users/{id}/applications/{client}";
/// Where somebody is signed in.
pub const USER_SESSIONS: &str = "/api/v1/users/{id}/sessions";
/// One of these sessions.
pub const USER_SESSION: &str = "/api/v1/users/{id}/sessions/{session}";
/// The audit trail.
pub const AUDIT_EVENTS: &str = "/api/v1/audit-events";
/// One event of it.
pub const AUDIT_EVENT: &str = "/api/v1/audit-events/{id}";
/// All of it, as lines.
pub const AUDIT_EXPORT: &str = "/api/v1/audit-events:export";
/// The kinds of events that there are.
pub const AUDIT_ACTIONS: &str = "/api/v1/audit-events:actions";
/// Events as they happen.
pub const AUDIT_TAIL: &str = "/api/v1/audit-events:tail";
/// Whether nothing was changed in it.
pub const AUDIT_VERIFY: &str = "/api/v1/audit-events:verify";
/// Requests that were refused, and why.
pub const REFUSALS: &str = "/api/v1/refusals";
/// One of them, by the id of the request.
pub const REFUSAL: &str = "/api/v1/refusals/{id}";
/// Whether an authorization request keeps all rules.
pub const AUTHORIZATION_CHECK: &str = "/api/v1/authorization-requests:check";
/// The operators' own API has its paths at the platform, not below a tenant. This is its description.
pub const PLATFORM_OPENAPI: &str = "/api/v1/openapi.json";
/// The same as pages for people.
pub const PLATFORM_DOCS: &str = "/api/v1/docs";
/// Tenants, for operators; and the directory of those that want to be found.
pub const TENANTS: &str = "/api/v1/tenants";
/// Which tenant a domain belongs to.
pub const TENANT_BY_DOMAIN: &str = "/api/v1/tenants/by-domain";
/// A tenant that a stranger makes.
pub const TENANT_REGISTER: &str = "/api/v1/tenants/register";
/// One tenant, by id or slug.
pub const TENANT: &str = "/api/v1/tenants/{id}";
/// Lets it answer nobody for now.
pub const TENANT_SUSPEND: &str = "/api/v1/tenants/{id}/suspend";
/// Lets it answer again.
pub const TENANT_ACTIVATE: &str = "/api/v1/tenants/{id}/activate";
/// Brings a deleted one back.
pub const TENANT_RESTORE: &str = "/api/v1/tenants/{id}/restore";
/// A copy of it.
pub const TENANT_CLONE: &str = "/api/v1/tenants/{id}/clone";
/// Somebody in it, as far as operators decide about people.
pub const TENANT_USER: &str = "/api/v1/tenants/{id}/users/{user}";
/// Plans of tenants.
pub const TENANT_PLANS: &str = "/api/v1/plans";
/// One of them.
pub const TENANT_PLAN: &str = "/api/v1/plans/{key}";
/// Which of them a tenant has.
pub const PLAN_OF_TENANT: &str = "/api/v1/tenants/{id}/plan";
/// How much there is of everything.
pub const PLATFORM_STATS: &str = "/api/v1/platform/stats";
/// Keys that open the platform.
pub const PLATFORM_KEYS: &str = "/api/v1/platform/api-keys";
/// One of them.
pub const PLATFORM_KEY: &str = "/api/v1/platform/api-keys/{id}";
/// A tenant as everybody may see it, and more of it for its administrators.
pub const TENANT_INFO: &str = "/api/v1/tenant";
/// What can be said of a tenant.
pub const TENANT_SETTINGS: &str = "/api/v1/tenant/settings";
/// How much there is in a tenant.
pub const TENANT_STATS: &str = "/api/v1/tenant/stats";
/// Plans that a tenant can buy.
pub const TENANT_FOR_SALE: &str = "/api/v1/tenant/plans";
/// Where one is paid.
pub const TENANT_CHECKOUTS: &str = "/api/v1/tenant/plan/checkout-sessions";
/// Where it is changed and cancelled.
pub const TENANT_PORTAL: &str = "/api/v1/tenant/plan/portal-sessions";
/// A tenant's own domains.
pub const TENANT_DOMAINS: &str = "/api/v1/tenant/domains";
/// One of them.
pub const TENANT_DOMAIN: &str = "/api/v1/tenant/domains/{domain}";
/// To look whether it shows what it has to.
pub const TENANT_DOMAIN_VERIFY: &str = "/api/v1/tenant/domains/{domain}/verify";
/// To move the issuer there.
pub const TENANT_DOMAIN_PRIMARY: &str = "/api/v1/tenant/domains/{domain}/primary";

/// Clients.
pub const CLIENTS: &str = "/api/v1/clients";
/// One of them.
pub const CLIENT: &str = "/api/v1/clients/{client}";
/// Lets it do something again.
pub const CLIENT_ENABLE: &str = "/api/v1/clients/{client}/enable";
/// Lets it do nothing for now.
pub const CLIENT_DISABLE: &str = "/api/v1/clients/{client}/disable";
/// Another secret.
pub const CLIENT_ROTATE: &str = "/api/v1/clients/{client}/rotate-secret";
/// Its secrets.
pub const CLIENT_SECRETS: &str = "/api/v1/clients/{client}/secrets";
/// One of them.
pub const CLIENT_SECRET: &str = "/api/v1/clients/{client}/secrets/{secret}";
/// The tenant's own APIs.
pub const RESOURCE_SERVERS: &str = "/api/v1/resource-servers";
/// One of them.
pub const RESOURCE_SERVER: &str = "/api/v1/resource-servers/{id}";
/// API keys.
pub const API_KEYS: &str = "/api/v1/api-keys";
/// One of them.
pub const API_KEY: &str = "/api/v1/api-keys/{id}";
/// The keys that sign.
pub const SIGNING_KEYS: &str = "/api/v1/keys";
/// Their next ones.
pub const SIGNING_KEYS_ROTATE: &str = "/api/v1/keys/rotate";
/// One that signed before.
pub const SIGNING_KEY: &str = "/api/v1/keys/{id}";
/// Where anybody is signed in.
pub const SESSIONS: &str = "/api/v1/sessions";
/// One of these sessions.
pub const SESSION: &str = "/api/v1/sessions/{session}";
/// What was allowed to clients.
pub const GRANTS: &str = "/api/v1/grants";
/// One of these grants.
pub const GRANT: &str = "/api/v1/grants/{id}";
/// The archive: below it everything about files.
pub const ARCHIVE: &str = "/api/v1/archive";
/// Files.
pub const ARCHIVE_FILES: &str = "/api/v1/archive/files";
/// A link to bring a file.
pub const ARCHIVE_SIGN_UPLOAD: &str = "/api/v1/archive/files:sign-upload";
/// One of them; with `:sign`, `:restore` or `:unshare` after its id, what is to be done with it.
pub const ARCHIVE_FILE: &str = "/api/v1/archive/files/{id}";
/// Its bytes.
pub const ARCHIVE_CONTENT: &str = "/api/v1/archive/files/{id}/content";
/// Files that arrive in pieces.
pub const ARCHIVE_UPLOADS: &str = "/api/v1/archive/uploads";
/// One of them.
pub const ARCHIVE_UPLOAD: &str = "/api/v1/archive/uploads/{id}";
/// How much is taken up.
pub const ARCHIVE_USAGE: &str = "/api/v1/archive/usage";
/// Who may do what with files.
pub const ARCHIVE_RULES: &str = "/api/v1/archive/rules";
/// A person's files.
pub const ACCOUNT_FILES: &str = "/account/files";
/// One of them.
pub const ACCOUNT_FILE: &str = "/account/files/{id}";

/// Payments.
pub const PAYMENTS: &str = "/api/v1/payments";
/// The tenant's account at Stripe.
pub const PAYMENT_ACCOUNT: &str = "/api/v1/payments/account";
/// What a payment opens.
pub const PAYMENT_PLANS: &str = "/api/v1/payments/plans";
/// One of these plans.
pub const PAYMENT_PLAN: &str = "/api/v1/payments/plans/{plan}";
/// What is sold.
pub const PAYMENT_PRODUCTS: &str = "/api/v1/payments/products";
/// What it costs.
pub const PAYMENT_PRICES: &str = "/api/v1/payments/prices";
/// Checkout sessions.
pub const CHECKOUT_SESSIONS: &str = "/api/v1/payments/checkout-sessions";
/// One of them.
pub const CHECKOUT_SESSION: &str = "/api/v1/payments/checkout-sessions/{id}";
/// Where somebody manages what they pay.
pub const PORTAL_SESSIONS: &str = "/api/v1/payments/portal-sessions";
/// Subscriptions.
pub const PAYMENT_SUBSCRIPTIONS: &str = "/api/v1/payments/subscriptions";
/// One of them, and with `:cancel`, `:resume` and `:change` what is done with it.
pub const PAYMENT_SUBSCRIPTION: &str = "/api/v1/payments/subscriptions/{id}";
/// Organizations.
pub const ORGANIZATIONS: &str = "/api/v1/organizations";
/// One of them, by id or slug.
pub const ORGANIZATION: &str = "/api/v1/organizations/{id}";
/// Lets nothing be done in it for now.
pub const ORGANIZATION_SUSPEND: &str = "/api/v1/organizations/{id}/suspend";
/// Brings it back.
pub const ORGANIZATION_ACTIVATE: &str = "/api/v1/organizations/{id}/activate";
/// Who belongs to it.
pub const ORGANIZATION_MEMBERS: &str = "/api/v1/organizations/{id}/members";
/// One of them.
pub const ORGANIZATION_MEMBER: &str = "/api/v1/organizations/{id}/members/{user}";
/// As what somebody does.
pub const ORGANIZATION_MEMBER_ROLE: &str = "/api/v1/organizations/{id}/members/{user}/role";
/// The way in by the domain of one's address.
pub const ORGANIZATION_JOIN: &str = "/api/v1/organizations/{id}/join";
/// The way out.
pub const ORGANIZATION_LEAVE: &str = "/api/v1/organizations/{id}/leave";
/// Gives it to somebody else.
pub const ORGANIZATION_TRANSFER: &str = "/api/v1/organizations/{id}/transfer-ownership";
/// Whom it has invited.
pub const ORGANIZATION_INVITATIONS: &str = "/api/v1/organizations/{id}/invitations";
/// One invitation into it.
pub const ORGANIZATION_INVITATION: &str = "/api/v1/organizations/{id}/invitations/{invitation}";
/// Sends it again.
pub const ORGANIZATION_INVITATION_AGAIN: &str = "/api/v1/organizations/{id}/invitations/{invitation}/resend";
/// Its roles.
pub const ORGANIZATION_ROLES: &str = "/api/v1/organizations/{id}/roles";
/// One of its own.
pub const ORGANIZATION_ROLE: &str = "/api/v1/organizations/{id}/roles/{role}";
/// What happened in it.
pub const ORGANIZATION_EVENTS: &str = "/api/v1/organizations/{id}/audit-events";
/// The organizations one belongs to.
pub const MY_ORGANIZATIONS: &str = "/api/v1/users/me/organizations";
/// The invitations into organizations that wait for one.
pub const MY_INVITATIONS: &str = "/api/v1/users/me/invitations";
/// One of them.
pub const MY_INVITATION: &str = "/api/v1/users/me/invitations/{invitation}";
/// Takes it.
pub const MY_INVITATION_ACCEPT: &str = "/api/v1/users/me/invitations/{invitation}/accept";
/// A person's organizations.
pub const ACCOUNT_ORGANIZATIONS: &str = "/account/organizations";
/// For which organization an application is used.
pub const CHOOSE_ORGANIZATION: &str = "/login/choose-organization";
/// One's own subscription.
pub const MY_SUBSCRIPTION: &str = "/api/v1/users/me/subscription";
/// What becomes of subscriptions.
pub const PAYMENT_SCHEDULES: &str = "/api/v1/payments/subscription-schedules";
/// Bills.
pub const PAYMENT_INVOICES: &str = "/api/v1/payments/invoices";
/// Money given back.
pub const PAYMENT_REFUNDS: &str = "/api/v1/payments/refunds";
/// What somebody has paid for.
pub const PAYMENT_ENTITLEMENTS: &str = "/api/v1/payments/entitlements";
/// What Stripe tells.
pub const STRIPE_WEBHOOK: &str = "/api/v1/payments/webhooks/stripe";

/// Where a tenant wants to be told of what happens in it.
pub const WEBHOOKS: &str = "/api/v1/webhooks";
/// One of these endpoints.
pub const WEBHOOK: &str = "/api/v1/webhooks/{id}";
/// Another secret for it.
pub const WEBHOOK_SECRET: &str = "/api/v1/webhooks/{id}/rotate-secret";
/// A message that tells of nothing.
pub const WEBHOOK_TEST: &str = "/api/v1/webhooks/{id}/test";
/// What became of telling it.
pub const WEBHOOK_DELIVERIES: &str = "/api/v1/webhooks/{id}/deliveries";
/// One of these deliveries.
pub const WEBHOOK_DELIVERY: &str = "/api/v1/webhooks/{id}/deliveries/{delivery}";
/// To tell it once more.
pub const WEBHOOK_REDELIVER: &str = "/api/v1/webhooks/{id}/deliveries/{delivery}/redeliver";

/// Collections of documents.
pub const STORAGE: &str = "/api/v1/storage";
/// Several changes at once.
pub const STORAGE_TRANSACTION: &str = "/api/v1/storage:transaction";
/// One collection.
pub const STORAGE_COLLECTION: &str = "/api/v1/storage/{collection}";
/// What is in it.
pub const STORAGE_DOCUMENTS: &str = "/api/v1/storage/{collection}/documents";
/// One document.
pub const STORAGE_DOCUMENT: &str = "/api/v1/storage/{collection}/documents/{document}";
/// A list, asked for with a body.
pub const STORAGE_QUERY: &str = "/api/v1/storage/{collection}/documents:query";
/// How many there are.
pub const STORAGE_COUNT: &str = "/api/v1/storage/{collection}/documents:count";
/// The different values of a field.
pub const STORAGE_DISTINCT: &str = "/api/v1/storage/{collection}/documents:distinct";
/// What a pipeline makes of them.
pub const STORAGE_AGGREGATE: &str = "/api/v1/storage/{collection}/documents:aggregate";
/// Many at once.
pub const STORAGE_BATCH: &str = "/api/v1/storage/{collection}/documents:batch";
/// Changes by filter.
pub const STORAGE_UPDATE: &str = "/api/v1/storage/{collection}/documents:update";
/// Removal by filter.
pub const STORAGE_DELETE: &str = "/api/v1/storage/{collection}/documents:delete";
/// Documents in, as lines.
pub const STORAGE_IMPORT: &str = "/api/v1/storage/{collection}/documents:import";
/// Documents out, as lines.
pub const STORAGE_EXPORT: &str = "/api/v1/storage/{collection}/documents:export";
/// Changes as they happen.
pub const STORAGE_WATCH: &str = "/api/v1/storage/{collection}/documents:watch";
/// Whether they are as a schema says.
pub const STORAGE_VALIDATE: &str = "/api/v1/storage/{collection}/documents:validate";
/// Who changed them.
pub const STORAGE_AUDIT: &str = "/api/v1/storage/{collection}/documents:audit";

/// The console: of the operators at the platform, of its administrators at a tenant.
pub const CONSOLE: &str = "/console";
/// Where a sign-in at the console comes back.
pub const CONSOLE_CALLBACK: &str = "/console/callback";
/// To show once more who one is, before what is dangerous.
pub const CONSOLE_AGAIN: &str = "/console/again";
/// The way out.
pub const CONSOLE_SIGN_OUT: &str = "/console/sign-out";
/// Where it ends.
pub const CONSOLE_SIGNED_OUT: &str = "/console/signed-out";
/// All tenants, for operators.
pub const CONSOLE_TENANTS: &str = "/console/tenants";
/// A new one.
pub const CONSOLE_NEW_TENANT: &str = "/console/new-tenant";
/// The mails of all tenants that did not leave.
pub const CONSOLE_MAILS: &str = "/console/mails";
/// Plans of tenants, for operators.
pub const CONSOLE_PLANS: &str = "/console/plans";
/// One of them.
pub const CONSOLE_ONE_PLAN: &str = "/console/plans/{key}";
/// One tenant, for operators; below it are the same pages as below the tenant's own console.
pub const CONSOLE_TENANT: &str = "/console/tenants/{tenant}";
/// Whether a tenant answers.
pub const CONSOLE_STANDING: &str = "/console/tenants/{tenant}/standing";

// Pages about one tenant, below [`CONSOLE_TENANT`] for operators and below the tenant's own [`CONSOLE`].

/// What goes on in a tenant.
pub const CONSOLE_OVERVIEW: &str = "";
/// Its people.
pub const CONSOLE_USERS: &str = "/users";
/// One of them.
pub const CONSOLE_USER: &str = "/users/{id}";
/// Whom it has invited.
pub const CONSOLE_INVITATIONS: &str = "/invitations";
/// Its applications.
pub const CONSOLE_CLIENTS: &str = "/clients";
/// One of them.
pub const CONSOLE_CLIENT: &str = "/clients/{client}";
/// A new one.
pub const CONSOLE_NEW_CLIENT: &str = "/new-client";
/// The keys that its tokens are signed with.
pub const CONSOLE_KEYS: &str = "/keys";
/// What its programs prove themselves with.
pub const CONSOLE_API_KEYS: &str = "/api-keys";
/// Who did what.
pub const CONSOLE_AUDIT: &str = "/audit";
/// Its mails.
pub const CONSOLE_MAIL: &str = "/mail";
/// Whom its people may sign in with.
pub const CONSOLE_PROVIDERS: &str = "/providers";
/// Who is told when something happens.
pub const CONSOLE_WEBHOOKS: &str = "/webhooks";
/// One of them.
pub const CONSOLE_WEBHOOK: &str = "/webhooks/{id}";
/// Its organizations.
pub const CONSOLE_ORGANIZATIONS: &str = "/organizations";
/// One of them.
pub const CONSOLE_ORGANIZATION: &str = "/organizations/{id}";
/// How much of everything it may have.
pub const CONSOLE_PLAN: &str = "/plan";
/// How it looks.
pub const CONSOLE_BRANDING: &str = "/branding";
/// A colour, before it is so.
pub const CONSOLE_PREVIEW: &str = "/branding/preview.css";
/// What it allows.
pub const CONSOLE_SETTINGS: &str = "/settings";

/// Whether the handlers at a path know better than the door how large a body may be.
#[must_use]
pub fn bounds_bodies(path: &str) -> bool {
    let path = below_tenant(path);
    path.starts_with(STORAGE) || path == USERS_IMPORT
}

/// How many times longer than others a request may take.
#[must_use]
pub fn patience(path: &str) -> u64 {
    if path.contains(STORAGE) && path.ends_with("/documents:import") { 10 } else { 1 }
}

/// Where the metadata of the API below this issuer is, or of one of its services (RFC 9728 §3.1): the name goes
/// between host and path.
#[must_use]
pub fn protected_resource_metadata(issuer: &str, service: &str) -> String {
    let host = issuer.find("://").map_or(0, |at| at + 3);
    let path = issuer[host..].find('/').map_or(issuer.len(), |at| host + at);
    let (origin, path) = issuer.split_at(path);
    let slash = if service.is_empty() { "" } else { "/" };
    format!("{origin}{PROTECTED_RESOURCE}{path}{API}{slash}{service}")
}

/// Where the router mounts a tenant's path.
#[must_use]
pub fn mounted(path: &str) -> String {
    format!("/t/{{tenant}}{path}")
}

/// The dialect in which a path's refusals are told.
#[must_use]
pub fn dialect_of(path: &str) -> Dialect {
    let path = below_tenant(path.strip_suffix('/').unwrap_or(path));
    let oauth = [TOKEN, INTROSPECT, REVOKE, USERINFO, JWKS];
    let told = path.starts_with("/login/") && path.ends_with("/backchannel-logout");
    if told || oauth.contains(&path) || path.starts_with("/.well-known/") {
        Dialect::OAuth
    } else if path.starts_with("/api/") || ["/healthz", "/readyz", "/metrics"].contains(&path) {
        Dialect::Problem
    } else {
        Dialect::Page
    }
}

/// How refusals are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// JSON of RFC 6749 §5.2.
    OAuth,
    /// An HTML page.
    Page,
    /// `application/problem+json` (RFC 9457).
    Problem,
}

/// Whether requests to this path carry the bytes of files, which takes as long as it takes.
#[must_use]
pub fn carries_files(path: &str) -> bool {
    let path = below_tenant(path.strip_suffix('/').unwrap_or(path));
    path == ARCHIVE_FILES
        || path == ACCOUNT_FILES
        || path.strip_prefix(ARCHIVE_FILES).is_some_and(|rest| rest.ends_with("/content"))
        || path.starts_with(ARCHIVE_UPLOADS)
}

/// Whether a path is one of the platform's own API, which no tenant has. [`PLATFORM_OPENAPI`] and its pages are not among them:
/// where a tenant is named, they are the tenant's.
#[must_use]
pub fn is_of_platform(path: &str) -> bool {
    let is = |place: &str| path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    [TENANTS, "/api/v1/platform", "/api/v1/plans"].into_iter().any(is)
}

/// The path as it stands below the tenant's issuer.
#[must_use]
pub fn below_tenant(path: &str) -> &str {
    let Some(rest) = path.strip_prefix("/t/") else { return path };
    rest.find('/').map_or("/", |at| &rest[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_of_the_api_is_where_rfc_9728_puts_it() {
        for (issuer, there) in [
            ("https://id.test/t/demo", "https://id.test/.well-known/oauth-protected-resource/t/demo/api/v1"),
            ("https://acme.test", "https://acme.test/.well-known/oauth-protected-resource/api/v1"),
            ("http://[::1]:80/t/x", "http://[::1]:80/.well-known/oauth-protected-resource/t/x/api/v1"),
        ] {
            assert_eq!(protected_resource_metadata(issuer, ""), there);
            assert_eq!(protected_resource_metadata(issuer, "archive"), format!("{there}/archive"));
        }
    }

    #[test]
    fn each_surface_has_its_dialect() {
        assert_eq!(dialect_of("/t/demo/oauth/token"), Dialect::OAuth);
        assert_eq!(dialect_of("/oauth/token"), Dialect::OAuth);
        assert_eq!(dialect_of("/t/demo/oauth/token/"), Dialect::OAuth);
        assert_eq!(dialect_of("/t/demo/api/v1/anything"), Dialect::Problem);
        assert_eq!(dialect_of("/t/demo/oauth/authorize"), Dialect::Page);
        assert_eq!(dialect_of("/t/demo"), Dialect::Page);
        assert_eq!(dialect_of("/"), Dialect::Page);
    }
}
