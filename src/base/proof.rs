//! How somebody proved who they are: by which methods (`amr`, RFC 8176), and how well (`acr`, OIDC Core §2).

use serde::{Deserialize, Serialize};

use super::UserId;

/// How well somebody proved who they are. Each level holds what the ones before it hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// By one factor.
    #[default]
    One,
    /// By two factors.
    Two,
    /// By a passkey and the verification of its holder: two factors that no other site can ask for.
    PhishingResistant,
}

impl Level {
    /// Every level, the least first.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::PhishingResistant];

    /// The `acr` of this level; the last one is registered by OpenID Connect EAP ACR Values §3.
    #[must_use]
    pub const fn acr(self) -> &'static str {
        match self {
            Self::One => "urn:chancery:acr:1fa",
            Self::Two => "urn:chancery:acr:2fa",
            Self::PhishingResistant => "phr",
        }
    }

    /// The level that an `acr` names, if it is one of ours.
    #[must_use]
    pub fn of(acr: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.acr() == acr)
    }
}

/// A way to prove who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A password.
    Password,
    /// A code from a mail.
    EmailCode,
    /// A link from a mail.
    MagicLink,
    /// A passkey whose holder was verified (WebAuthn).
    Passkey,
    /// A code from an authenticator app (RFC 6238).
    Totp,
    /// A recovery code, kept for the day when nothing else is at hand.
    RecoveryCode,
    /// Another provider vouched for the person.
    Upstream,
}

impl Method {
    /// The method as it is written in settings and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::EmailCode => "email_code",
            Self::MagicLink => "magic_link",
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::Upstream => "upstream",
        }
    }

    /// What it is in `amr`. RFC 8176 has no word for another provider; `fed` is what is used elsewhere.
    #[must_use]
    pub const fn amr(self) -> &'static [&'static str] {
        match self {
            Self::Password => &["pwd"],
            Self::EmailCode | Self::MagicLink | Self::Totp | Self::RecoveryCode => &["otp"],
            Self::Passkey => &["pop", "user"],
            Self::Upstream => &["fed"],
        }
    }
}

/// How a person proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Who.
    pub user: UserId,
    /// By which methods (RFC 8176).
    pub amr: Vec<String>,
    /// How well.
    pub acr: String,
}

impl Proof {
    /// By these methods, all of which were proven.
    #[must_use]
    pub fn by(user: &UserId, methods: &[Method]) -> Self {
        let level = level_of(methods);
        let mut amr: Vec<String> = Vec::new();
        let multiple = (level > Level::One).then_some("mfa");
        for word in methods.iter().flat_map(|method| method.amr()).copied().chain(multiple) {
            if !amr.iter().any(|known| known == word) {
                amr.push(word.to_owned());
            }
        }
        Self { user: user.clone(), amr, acr: level.acr().to_owned() }
    }

    /// By password alone.
    #[must_use]
    pub fn password(user: &UserId) -> Self {
        Self::by(user, &[Method::Password])
    }

    /// How well.
    #[must_use]
    pub fn level(&self) -> Level {
        Level::of(&self.acr).unwrap_or_default()
    }
}

/// How much these methods prove together.
#[must_use]
pub fn level_of(methods: &[Method]) -> Level {
    if methods.contains(&Method::Passkey) {
        Level::PhishingResistant
    } else if methods.len() > 1 {
        Level::Two
    } else {
        Level::One
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_have_their_words_and_their_worth() {
        let user = UserId::from("u");
        for (methods, amr, acr) in [
            (&[Method::Password][..], "pwd", "urn:chancery:acr:1fa"),
            (&[Method::EmailCode], "otp", "urn:chancery:acr:1fa"),
            (&[Method::Upstream], "fed", "urn:chancery:acr:1fa"),
            (&[Method::Password, Method::Totp], "pwd otp mfa", "urn:chancery:acr:2fa"),
            (&[Method::MagicLink, Method::RecoveryCode], "otp mfa", "urn:chancery:acr:2fa"),
            (&[Method::Passkey], "pop user mfa", "phr"),
            (&[Method::Password, Method::Passkey], "pwd pop user mfa", "phr"),
        ] {
            let proof = Proof::by(&user, methods);
            assert_eq!((proof.amr.join(" ").as_str(), proof.acr.as_str()), (amr, acr));
        }
    }

    #[test]
    fn a_level_is_known_by_its_acr() {
        for level in Level::ALL {
            assert_eq!(Level::of(level.acr()), Some(level));
        }
        assert_eq!(Level::of("urn:mace:incommon:iap:silver"), None);
        assert!(Level::One < Level::Two && Level::Two < Level::PhishingResistant);
    }
}
