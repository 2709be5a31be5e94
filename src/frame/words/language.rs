//! The languages, and how one is chosen.

use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

use super::Words;

/// A language that we speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Spanish.
    Spanish,
    /// French.
    French,
    /// German.
    German,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::English, Self::Spanish, Self::French, Self::German];

    /// The tag (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::German => "de",
        }
    }

    pub(super) fn identifier(self) -> LanguageIdentifier {
        self.tag().parse().unwrap_or_default()
    }

    /// The language of a tag; regions and scripts make no difference.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The first that we speak of tags in order of preference, as `ui_locales` has them.
    #[must_use]
    pub fn of_tags(tags: &str) -> Option<Self> {
        tags.split_whitespace().find_map(Self::of_tag)
    }

    /// The best of `Accept-Language`.
    #[must_use]
    pub fn of_header(header: &str) -> Option<Self> {
        let ranges = header.split(',').filter_map(|range| {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok())?;
            Some((Self::of_tag(tag)?, weight)).filter(|(_, weight)| *weight > 0.0)
        });
        // The first of equals wins.
        let best = ranges.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|(language, _)| language)
    }
}

/// What is known of the language to speak, in order of weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The application's wish, for this sign-in.
    pub asked: Option<Language>,
    /// The person's own choice.
    pub person: Option<Language>,
    /// The browser's.
    pub browser: Option<Language>,
    /// The tenant's.
    pub tenant: Option<Language>,
}

impl Preferences {
    /// The words to use.
    #[must_use]
    pub fn words(self) -> Words {
        Words::of(self.asked.or(self.person).or(self.browser).or(self.tenant).unwrap_or_default())
    }
}
