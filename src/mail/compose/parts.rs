//! What each letter consists of. Its words are named after its kind.

use super::{Action, Parts};
use crate::base::{Seconds, Timestamp};
use crate::frame::Words;
use crate::mail::letter::{Factor, Letter};

/// A letter that says what happened at `tenant`, and nothing more yet.
struct Draft {
    words: Words,
    parts: Parts,
}

impl Draft {
    fn action(mut self, label: &str, href: &str) -> Self {
        self.parts.action = Some(Action { label: self.words.say(label), href: href.to_owned() });
        self
    }

    fn also(mut self, label: &str, href: &str) -> Self {
        self.parts.also = Some(Action { label: self.words.say(label), href: href.to_owned() });
        self
    }

    fn fact(mut self, label: &str, value: &str) -> Self {
        self.parts.facts.push((self.words.say(label), super::one_line(value)));
        self
    }

    fn note(mut self, note: &str) -> Self {
        self.parts.notes.push(self.words.say(note));
        self
    }

    fn works_for(mut self, lifetime: Seconds) -> Self {
        let note = self.words.tell("mail-works-for", "lifetime", self.words.lifetime(lifetime));
        self.parts.notes.push(note);
        self
    }

    fn code(mut self, code: Option<&str>) -> Self {
        self.parts.code = code.map(str::to_owned);
        self
    }
}

pub(super) fn of(letter: &Letter, words: Words, tenant: &str) -> Parts {
    let draft = draft(letter.kind(), words, tenant);
    let draft = match letter {
        Letter::VerifyEmail { link, lifetime } => {
            draft.action("mail-verify-email-action", link).works_for(*lifetime).note("mail-not-you-ignore")
        }
        Letter::ConfirmEmail { link, lifetime } => {
            draft.action("mail-confirm-email-action", link).works_for(*lifetime).note("mail-not-you-ignore")
        }
        Letter::ResetPassword { link, lifetime } => {
            draft.action("mail-reset-password-action", link).works_for(*lifetime).note("mail-reset-password-ignore")
        }
        Letter::AlreadyRegistered { sign_in, recover } => {
            draft.action("mail-sign-in", sign_in).also("mail-forgot", recover).note("mail-already-registered-ignore")
        }
        Letter::AddressTaken { sign_in } => {
            draft.action("mail-sign-in", sign_in).note("mail-already-registered-ignore")
        }
        Letter::Invitation { link, lifetime, .. } | Letter::OrganizationInvitation { link, lifetime, .. } => {
            draft.action("mail-invitation-action", link).works_for(*lifetime).note("mail-invitation-ignore")
        }
        Letter::SignInCode { code, link, lifetime } => {
            sign_in_code(draft, (code.as_deref(), link.as_deref()), *lifetime)
        }
        Letter::Test => draft,
        happened => notice(happened, draft),
    };
    draft.filled(letter, tenant)
}

/// What tells of something that has happened.
fn notice(letter: &Letter, draft: Draft) -> Draft {
    match letter {
        Letter::PasswordChanged { recover } => {
            draft.note("mail-not-you-act").also("mail-password-changed-action", recover)
        }
        Letter::EmailChanged { undo, lifetime, .. } => {
            draft.note("mail-email-changed-undo").action("mail-email-changed-action", undo).works_for(*lifetime)
        }
        Letter::NewDevice { device, address, at, account } => {
            let draft = draft.fact("mail-device", device).fact("mail-time", &moment(*at));
            let draft = match address {
                Some(address) => draft.fact("mail-address", address),
                None => draft,
            };
            draft.note("mail-not-you-act").also("mail-check-account", account)
        }
        Letter::FactorAdded { account, .. }
        | Letter::FactorRemoved { account, .. }
        | Letter::RecoveryCodeUsed { account, .. }
        | Letter::ProviderLinked { account, .. }
        | Letter::ProviderUnlinked { account, .. } => {
            draft.note("mail-not-you-act").also("mail-check-account", account)
        }
        Letter::AccountRestored { sign_in } => draft.action("mail-sign-in", sign_in),
        Letter::AccountDeleted { .. } => draft.note("mail-account-deleted-note"),
        Letter::WebhookDisabled { .. } => draft.note("mail-webhook-disabled-note"),
        _ => draft,
    }
}

fn sign_in_code(draft: Draft, (code, link): (Option<&str>, Option<&str>), lifetime: Seconds) -> Draft {
    let draft = draft.code(code);
    let draft = match link {
        Some(link) => draft.action("mail-sign-in-code-action", link),
        None => draft,
    };
    draft.works_for(lifetime).note("mail-sign-in-code-secret").note("mail-not-you-ignore")
}

fn draft(kind: &str, words: Words, tenant: &str) -> Draft {
    let subject = words.with_names(&format!("mail-{kind}-subject"), &[("tenant", tenant)]);
    let parts = Parts {
        subject,
        lead: String::new(),
        code: None,
        action: None,
        facts: Vec::new(),
        notes: Vec::new(),
        also: None,
    };
    Draft { words, parts }
}

impl Draft {
    /// The lead, which may name things.
    fn filled(self, letter: &Letter, tenant: &str) -> Parts {
        let Self { words, mut parts } = self;
        let id = format!("mail-{}-lead", letter.kind());
        let named = |name: &'static str, value: &str| words.with_names(&id, &[("tenant", tenant), (name, value)]);
        parts.lead = match letter {
            Letter::EmailChanged { new_email, .. } => named("email", &super::one_line(new_email)),
            Letter::Invitation { inviter: Some(inviter), .. } => {
                let inviter = super::one_line(inviter);
                words.with_names("mail-invitation-lead-by", &[("tenant", tenant), ("name", &inviter)])
            }
            Letter::OrganizationInvitation { inviter: None, organization, .. } => {
                named("organization", &super::one_line(organization))
            }
            Letter::OrganizationInvitation { inviter: Some(inviter), organization, .. } => {
                let (inviter, organization) = (super::one_line(inviter), super::one_line(organization));
                let names = [("tenant", tenant), ("name", inviter.as_str()), ("organization", organization.as_str())];
                words.with_names("mail-organization-invitation-lead-by", &names)
            }
            Letter::FactorAdded { factor, .. } | Letter::FactorRemoved { factor, .. } => {
                named("factor", &words.say(name_of(*factor)))
            }
            Letter::RecoveryCodeUsed { left, .. } => words.tell2(&id, "left", *left, "tenant", tenant),
            Letter::ProviderLinked { provider, .. } | Letter::ProviderUnlinked { provider, .. } => {
                named("provider", &super::one_line(provider))
            }
            Letter::AccountDeleted { until } => named("until", &moment(*until)),
            Letter::WebhookDisabled { host } => named("host", &super::one_line(host)),
            Letter::SignInCode { code: None, .. } => {
                words.with_names("mail-sign-in-code-lead-link", &[("tenant", tenant)])
            }
            _ => words.with_names(&id, &[("tenant", tenant)]),
        };
        parts
    }
}

const fn name_of(factor: Factor) -> &'static str {
    match factor {
        Factor::Passkey => "mail-factor-passkey",
        Factor::Totp => "mail-factor-totp",
        Factor::RecoveryCodes => "mail-factor-recovery-codes",
    }
}

/// A time that reads the same in every language.
fn moment(at: Timestamp) -> String {
    let text = at.rfc3339();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {} UTC", time.get(..5).unwrap_or(time))
}
