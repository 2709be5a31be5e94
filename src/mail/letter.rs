//! Every mail that is sent, as a value: what a person is told, without its words.

use crate::base::{Seconds, Timestamp};

/// A mail. Links are whole URLs, made from configuration alone; a lifetime is the configured one, and is what the
/// person reads (W-019).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Letter {
    /// Prove that this address is yours.
    VerifyEmail {
        /// To the page with the button.
        link: String,
        /// How long it works.
        lifetime: Seconds,
    },
    /// Somebody signed up with an address that has an account.
    AlreadyRegistered {
        /// To the sign-in page.
        sign_in: String,
        /// To the page for a forgotten password.
        recover: String,
    },
    /// Somebody wanted to move an account to an address that has one.
    AddressTaken {
        /// To the sign-in page.
        sign_in: String,
    },
    /// The way to a new password.
    ResetPassword {
        /// To the page with the form.
        link: String,
        /// How long it works.
        lifetime: Seconds,
    },
    /// The password was changed.
    PasswordChanged {
        /// For whoever did not do it: to the page for a forgotten password.
        recover: String,
    },
    /// Prove that this new address is yours.
    ConfirmEmail {
        /// To the page with the button.
        link: String,
        /// How long it works.
        lifetime: Seconds,
    },
    /// To the old address: the account has another one now.
    EmailChanged {
        /// The new one.
        new_email: String,
        /// To the page that takes it back.
        undo: String,
        /// How long that works.
        lifetime: Seconds,
    },
    /// An account waits to be taken.
    Invitation {
        /// Who invites.
        inviter: Option<String>,
        /// To the page that accepts.
        link: String,
        /// How long it works.
        lifetime: Seconds,
    },
    /// A place in an organization waits to be taken.
    OrganizationInvitation {
        /// Who invites.
        inviter: Option<String>,
        /// The organization's name.
        organization: String,
        /// To the page that accepts.
        link: String,
        /// How long it works.
        lifetime: Seconds,
    },
    /// A way to sign in, by code, by link, or by either.
    SignInCode {
        /// Typed by hand.
        code: Option<String>,
        /// Clicked.
        link: Option<String>,
        /// How long they work.
        lifetime: Seconds,
    },
    /// A sign-in from a browser that was not seen before.
    NewDevice {
        /// What it says it is (`User-Agent`), in short.
        device: String,
        /// Its address.
        address: Option<String>,
        /// When.
        at: Timestamp,
        /// To the sessions of the account.
        account: String,
    },
    /// A second factor or passkey was added.
    FactorAdded {
        /// Which kind.
        factor: Factor,
        /// To the account's security.
        account: String,
    },
    /// One was removed.
    FactorRemoved {
        /// Which kind.
        factor: Factor,
        /// To the account's security.
        account: String,
    },
    /// A recovery code was used to sign in.
    RecoveryCodeUsed {
        /// How many are left.
        left: i64,
        /// To the account's security.
        account: String,
    },
    /// Another provider's account was linked.
    ProviderLinked {
        /// Its name.
        provider: String,
        /// To the account's security.
        account: String,
    },
    /// A link to another provider's account was removed.
    ProviderUnlinked {
        /// Its name.
        provider: String,
        /// To the account's security.
        account: String,
    },
    /// An administrator suspended the account.
    AccountSuspended,
    /// An administrator lifted the suspension, or restored a deleted account.
    AccountRestored {
        /// To the sign-in page.
        sign_in: String,
    },
    /// The account is deleted.
    AccountDeleted {
        /// Until when an administrator can restore it.
        until: Timestamp,
    },
    /// To administrators: an endpoint for webhooks was given up.
    WebhookDisabled {
        /// The host that it is on.
        host: String,
    },
    /// Whether mail works.
    Test,
}

/// What proves a person besides the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// A passkey.
    Passkey,
    /// An authenticator application.
    Totp,
    /// A set of recovery codes.
    RecoveryCodes,
}

impl Letter {
    /// Its name in the store, in logs and in the names of its words.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "verify-email",
            Self::AlreadyRegistered { .. } => "already-registered",
            Self::AddressTaken { .. } => "address-taken",
            Self::ResetPassword { .. } => "reset-password",
            Self::PasswordChanged { .. } => "password-changed",
            Self::ConfirmEmail { .. } => "confirm-email",
            Self::EmailChanged { .. } => "email-changed",
            Self::Invitation { .. } => "invitation",
            Self::OrganizationInvitation { .. } => "organization-invitation",
            Self::SignInCode { .. } => "sign-in-code",
            Self::NewDevice { .. } => "new-device",
            Self::FactorAdded { .. } => "factor-added",
            Self::FactorRemoved { .. } => "factor-removed",
            Self::RecoveryCodeUsed { .. } => "recovery-code-used",
            Self::ProviderLinked { .. } => "provider-linked",
            Self::ProviderUnlinked { .. } => "provider-unlinked",
            Self::AccountSuspended => "account-suspended",
            Self::AccountRestored { .. } => "account-restored",
            Self::AccountDeleted { .. } => "account-deleted",
            Self::WebhookDisabled { .. } => "webhook-disabled",
            Self::Test => "test",
        }
    }

    /// Whether anybody can cause it who knows the address. Such mails have a budget (W-115); what warns a person has
    /// none, or a stranger could use it up first.
    #[must_use]
    pub const fn is_requested(&self) -> bool {
        matches!(
            self,
            Self::VerifyEmail { .. }
                | Self::AlreadyRegistered { .. }
                | Self::AddressTaken { .. }
                | Self::ResetPassword { .. }
                | Self::SignInCode { .. }
                | Self::ConfirmEmail { .. }
        )
    }
}
