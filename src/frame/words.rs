//! The words of pages and mails, in every language that we speak (Project Fluent). Which one a person reads is settled
//! in one order: what the application asks for (`ui_locales`, OIDC Core §3.1.2.1), what the person chose, what the
//! browser prefers (`Accept-Language`, RFC 9110 §12.5.4), what the tenant speaks, English.

mod language;
mod own;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::error::sentence;
use crate::base::{Refusal, Seconds};
pub use language::{Language, Preferences};
use own::Own;
pub use own::OwnWords;
pub(super) use own::{known, read};

type Bundle = FluentBundle<FluentResource>;

/// Where the wrapped part of a sentence stands while [`Words::before`] and [`Words::after`] cut it.
const CUT: &str = "\u{1}";

macro_rules! sources {
    ($language:literal) => {
        &[
            include_str!(concat!("../../templates/words/", $language, "/pages.ftl")),
            include_str!(concat!("../../templates/words/", $language, "/refusals.ftl")),
            include_str!(concat!("../../templates/words/", $language, "/mail.ftl")),
            include_str!(concat!("../../templates/words/", $language, "/sign_up.ftl")),
            include_str!(concat!("../../templates/words/", $language, "/factors.ftl")),
            include_str!(concat!("../../templates/words/", $language, "/providers.ftl")),
            include_str!(concat!("../../templates/words/", $language, "/account.ftl")),
            include_str!(concat!("../../templates/words/", $language, "/limits.ftl")),
            include_str!(concat!("../../templates/words/", $language, "/organizations.ftl")),
            include_str!(concat!("../../templates/words/", $language, "/console.ftl")),
        ]
    };
}

/// What is said in one language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    language: Language,
    own: Own,
}

impl Words {
    /// The words of this language.
    #[must_use]
    pub const fn of(language: Language) -> Self {
        Self { language, own: Own::NONE }
    }

    /// The language.
    #[must_use]
    pub const fn language(self) -> Language {
        self.language
    }

    /// Its tag, as `<html lang>` has it.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        self.language.tag()
    }

    /// The message `id`.
    #[must_use]
    pub fn say(self, id: &str) -> String {
        self.with(id, &[])
    }

    /// The message `id` with its one argument.
    #[must_use]
    pub fn tell(self, id: &str, name: &'static str, value: impl Told) -> String {
        self.with(id, &[(name, value.told())])
    }

    /// The message `id` with its two arguments.
    #[must_use]
    pub fn tell2(self, id: &str, one: &'static str, first: impl Told, two: &'static str, second: impl Told) -> String {
        self.with(id, &[(one, first.told()), (two, second.told())])
    }

    /// The message `id` with its arguments, all of them text.
    #[must_use]
    pub fn with_names(self, id: &str, names: &[(&'static str, &str)]) -> String {
        let values: Vec<_> = names.iter().map(|(name, value)| (*name, value.told())).collect();
        self.with(id, &values)
    }

    /// The part of message `id` that comes before its argument `$it`, which the page wraps in an element of its own.
    #[must_use]
    pub fn before(self, id: &str) -> String {
        cut(&self.tell(id, "it", CUT)).0
    }

    /// The part after `$it`.
    #[must_use]
    pub fn after(self, id: &str) -> String {
        cut(&self.tell(id, "it", CUT)).1
    }

    /// Both parts, of a message that has an argument besides `$it`.
    #[must_use]
    pub fn around(self, id: &str, name: &'static str, value: impl Told) -> (String, String) {
        cut(&self.tell2(id, "it", CUT, name, value))
    }

    /// A length of time, exactly: the mails promise it (W-019).
    #[must_use]
    pub fn lifetime(self, span: Seconds) -> String {
        const UNITS: [(&str, i64, i64); 3] =
            [("span-days", 86_400, 2), ("span-hours", 3_600, 1), ("span-minutes", 60, 1)];
        let fits = |&&(_, unit, least): &&(&str, i64, i64)| span.0 % unit == 0 && span.0 / unit >= least;
        let (id, unit, _) = UNITS.iter().find(fits).copied().unwrap_or(("span-seconds", 1, 0));
        self.tell(id, "number", span.0 / unit)
    }

    /// Why something was refused. A sentence that has no translation is given as it is.
    #[must_use]
    pub fn refusal(self, refusal: &Refusal) -> String {
        let told = self.find(&refusal_id(&refusal.description), &[]);
        told.or_else(|| self.refusal_with_number(&refusal.description))
            .unwrap_or_else(|| sentence(&refusal.description))
    }

    /// A sentence that states a limit: `n` stands for it in the name of the message.
    fn refusal_with_number(self, description: &str) -> Option<String> {
        let number = description.split(' ').find(|word| word.parse::<i64>().is_ok())?;
        let id = refusal_id(&description.replacen(number, "n", 1));
        self.find(&id, &[("number", FluentValue::from(number))])
    }

    /// The few words for an answer with this status.
    #[must_use]
    pub fn title_of(self, status: u16) -> String {
        self.find(&format!("error-{status}"), &[]).unwrap_or_else(|| self.say("error-other"))
    }

    /// The message, or English for it, or its id: a page with an odd word is better than none.
    fn with(self, id: &str, values: &[(&'static str, FluentValue<'_>)]) -> String {
        let english = || Self::default().find(id, values);
        self.find(id, values).or_else(english).unwrap_or_else(|| id.to_owned())
    }

    fn find(self, id: &str, values: &[(&'static str, FluentValue<'_>)]) -> Option<String> {
        let values: FluentArgs = values.iter().map(|(name, value)| (*name, value.clone())).collect();
        if let Some(own) = self.own.find(id, &values) {
            return Some(own);
        }
        let bundle = bundle(self.language);
        let pattern = bundle.get_message(id)?.value()?;
        Some(bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned())
    }
}

/// What can stand in a sentence.
pub trait Told {
    /// As Fluent takes it.
    fn told(&self) -> FluentValue<'_>;
}

impl Told for str {
    fn told(&self) -> FluentValue<'_> {
        FluentValue::from(self)
    }
}

impl Told for String {
    fn told(&self) -> FluentValue<'_> {
        FluentValue::from(self.as_str())
    }
}

impl<T: Told + ?Sized> Told for &T {
    fn told(&self) -> FluentValue<'_> {
        (**self).told()
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Told for $number {
            fn told(&self) -> FluentValue<'_> {
                FluentValue::from(*self)
            }
        }
    )*};
}
numbers!(i32, i64, u16, u32, u64, usize);

fn cut(whole: &str) -> (String, String) {
    let (before, after) = whole.split_once(CUT).unwrap_or((whole, ""));
    (before.to_owned(), after.to_owned())
}

/// The message of a refusal is named by its English sentence.
fn refusal_id(description: &str) -> String {
    let mut id = "refusal".to_owned();
    for word in description.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let _ = write!(id, "-{}", word.to_ascii_lowercase());
    }
    id
}

fn bundle(language: Language) -> &'static Bundle {
    static BUNDLES: [OnceLock<Bundle>; 4] = [const { OnceLock::new() }; 4];
    BUNDLES[language as usize].get_or_init(|| {
        let mut bundle = Bundle::new_concurrent(vec![language.identifier()]);
        // The marks of bidirectional isolation would show in mails that are plain text.
        bundle.set_use_isolating(false);
        for source in sources(language) {
            // What cannot be read is left out; the tests read everything.
            let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(read, _)| read);
            let _ = bundle.add_resource(resource);
        }
        bundle
    })
}

const fn sources(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => sources!("en"),
        Language::Spanish => sources!("es"),
        Language::French => sources!("fr"),
        Language::German => sources!("de"),
    }
}
