//! A tenant's brand, as its administrators write it: a small contract with a version of its own, so that pages may
//! change and brands stay. It holds data only, no HTML and no CSS; what it may hold is checked by [`Contract::lint`]
//! before it is published, and what pages cannot use they leave out.

mod lint;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::brand::Accent;
use super::link::Link;
use super::words::{Language, OwnWords};

pub use lint::{Finding, Severity};

/// The version of the contract that this program writes.
pub const VERSION: u32 = 1;

/// A brand. Absent members leave our look and words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contract {
    /// Of which version this is.
    pub contract: u32,
    /// `https` address of a logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// `https` address of a small picture for the browser's tab.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favicon: Option<String>,
    /// Colours.
    pub colors: Colors,
    /// Addresses that stand below every page.
    pub links: Links,
    /// Messages said otherwise, by language and name.
    pub texts: BTreeMap<String, BTreeMap<String, String>>,
}

impl Default for Contract {
    fn default() -> Self {
        Self {
            contract: VERSION,
            logo: None,
            favicon: None,
            colors: Colors::default(),
            links: Links::default(),
            texts: BTreeMap::new(),
        }
    }
}

/// Colours, each written `#rrggbb`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Colors {
    /// Of what can be pressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
    /// The same on dark ground; made from the other when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent_dark: Option<String>,
}

/// Addresses that stand below every page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Links {
    /// What people agree to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
    /// What becomes of their data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy: Option<String>,
    /// Where they find help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub support: Option<String>,
}

/// A brand made ready for pages and mails.
#[derive(Clone, Debug, Default)]
pub struct Dress {
    /// The logo.
    pub logo: Option<Link>,
    /// The picture of the tab.
    pub favicon: Option<Link>,
    /// The accent colour, and the one on dark ground.
    pub accent: (Option<Accent>, Option<Accent>),
    /// What people agree to.
    pub terms: Option<Link>,
    /// What becomes of their data.
    pub privacy: Option<Link>,
    /// Where they find help.
    pub support: Option<Link>,
    own: [Option<Arc<OwnWords>>; 4],
}

impl Dress {
    /// The tenant's own words in a language.
    #[must_use]
    pub const fn own(&self, language: Language) -> Option<&Arc<OwnWords>> {
        self.own[language as usize].as_ref()
    }
}

impl Contract {
    /// Reads a contract as it was stored; whatever is wrong with it, pages are shown.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// What pages and mails use of it: whatever is not as it has to be is left out.
    #[must_use]
    pub fn dress(&self) -> Dress {
        let link = |text: &Option<String>| text.as_deref().and_then(Link::parse);
        let colour = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Accent>().ok());
        let own = Language::ALL.map(|language| {
            let texts = self.texts.get(language.tag()).filter(|texts| !texts.is_empty())?;
            let sound = texts.iter().filter(|(id, said)| text::check(id, said).iter().all(Finding::is_minor));
            Some(OwnWords::new(language, &sound.map(|(id, said)| (id.clone(), said.clone())).collect()))
        });
        Dress {
            logo: link(&self.logo),
            favicon: link(&self.favicon),
            accent: (colour(&self.colors.accent), colour(&self.colors.accent_dark)),
            terms: link(&self.links.terms),
            privacy: link(&self.links.privacy),
            support: link(&self.links.support),
            own,
        }
    }
}

#[cfg(test)]
mod tests;
