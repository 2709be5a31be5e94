//! A tenant's own words in place of ours: messages of the same names, in Fluent syntax, of which only text, arguments
//! and choices are allowed. [`Words`] is a small value that is passed everywhere, so it carries a handle; the words it
//! stands for are kept by their digest, and where they were forgotten, ours are said.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use fluent_bundle::{FluentArgs, FluentResource};
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};

use super::{Bundle, Language, Words, sources};

/// Most bytes of texts that are kept; the least used are forgotten first.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// How long texts are kept that nobody asks for.
const IDLE: Duration = Duration::from_mins(10);

static KEPT: LazyLock<Cache<Own, Arc<OwnWords>>> = LazyLock::new(|| {
    let weigh = |_: &Own, words: &Arc<OwnWords>| u32::try_from(words.bytes).unwrap_or(u32::MAX);
    Cache::builder().max_capacity(MOST_BYTES).weigher(weigh).time_to_idle(IDLE).build()
});

/// Stands for a tenant's own words in one language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Own(u64);

/// A tenant's own words in one language, made ready.
pub struct OwnWords {
    language: Language,
    handle: Own,
    bundle: Bundle,
    bytes: usize,
}

impl std::fmt::Debug for OwnWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OwnWords({}, {} bytes)", self.language.tag(), self.bytes)
    }
}

impl OwnWords {
    /// Makes texts ready, each under the name of the message that it replaces. What cannot be read is left out.
    #[must_use]
    pub fn new(language: Language, texts: &BTreeMap<String, String>) -> Arc<Self> {
        let mut bundle = Bundle::new_concurrent(vec![language.identifier()]);
        bundle.set_use_isolating(false);
        let (mut digest, mut bytes) = (Sha256::new_with_prefix(language.tag()), 0);
        for (id, text) in texts {
            let Some(resource) = read(id, text) else { continue };
            let _ = bundle.add_resource(resource);
            for part in [id, text] {
                digest.update(part.len().to_be_bytes());
                digest.update(part);
                // The parsed form is larger than the text.
                bytes += part.len() * 4;
            }
        }
        let digest = digest.finalize();
        let handle = digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        Arc::new(Self { language, handle: Own(handle.max(1)), bundle, bytes })
    }
}

impl Own {
    /// No words.
    pub(super) const NONE: Self = Self(0);

    /// The message of this name, if it has been replaced.
    pub(super) fn find(self, id: &str, values: &FluentArgs<'_>) -> Option<String> {
        if self == Self::NONE {
            return None;
        }
        let words = KEPT.get(&self)?;
        let pattern = words.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let told = words.bundle.format_pattern(pattern, Some(values), &mut errors).into_owned();
        // Whatever is wrong with it, people read ours instead.
        errors.is_empty().then_some(told)
    }
}

impl Words {
    /// The same language in a tenant's own words.
    #[must_use]
    pub fn in_own(self, own: Option<&Arc<OwnWords>>) -> Self {
        let Some(own) = own.filter(|own| own.language == self.language) else { return self };
        if !KEPT.contains_key(&own.handle) {
            KEPT.insert(own.handle, Arc::clone(own));
        }
        Self { own: own.handle, ..self }
    }
}

/// One message with this text, and nothing else.
pub(in crate::frame) fn read(id: &str, text: &str) -> Option<FluentResource> {
    let indented = text.replace('\n', "\n    ");
    let resource = FluentResource::try_new(format!("{id} =\n    {indented}\n")).ok()?;
    (resource.entries().count() == 1).then_some(resource)
}

/// Every message there is with its arguments: what a tenant can say otherwise.
pub(in crate::frame) fn known() -> &'static BTreeMap<&'static str, Vec<&'static str>> {
    static KNOWN: OnceLock<BTreeMap<&'static str, Vec<&'static str>>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for source in sources(Language::English) {
            let mut id = "";
            for line in source.lines() {
                if let Some((name, _)) = line.split_once(" =").filter(|(name, _)| name.starts_with(char::is_alphabetic))
                {
                    id = name;
                    found.entry(id).or_default();
                }
                let Some(names) = found.get_mut(id) else { continue };
                for after in line.split('$').skip(1) {
                    let end = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
                    if !names.contains(&&after[..end]) {
                        names.push(&after[..end]);
                    }
                }
            }
        }
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn own_words_are_said_key_by_key_and_ours_where_there_are_none() {
        let own =
            OwnWords::new(Language::German, &texts(&[("login-submit", "Rein"), ("mail-hello-name", "Tag, {$name}!")]));
        let german = Words::of(Language::German).in_own(Some(&own));
        assert_eq!(german.say("login-submit"), "Rein");
        assert_eq!(german.tell("mail-hello-name", "name", "Ada"), "Tag, Ada!");
        assert_eq!(german.say("foot"), Words::of(Language::German).say("foot"));
        let english = Words::default().in_own(Some(&own));
        assert_eq!(english.say("login-submit"), Words::default().say("login-submit"), "another language");
        assert_eq!(Words::default().in_own(None), Words::default());
    }

    #[test]
    fn what_cannot_be_said_is_said_in_our_words() {
        let own = OwnWords::new(Language::English, &texts(&[("login-submit", "{ $nobody }"), ("foot", "{ broken")]));
        let english = Words::default().in_own(Some(&own));
        assert_eq!(english.say("login-submit"), Words::default().say("login-submit"));
        assert_eq!(english.say("foot"), Words::default().say("foot"));
    }

    #[test]
    fn words_of_two_tenants_stay_apart() {
        let [one, two] = ["One", "Two"].map(|text| OwnWords::new(Language::English, &texts(&[("login-submit", text)])));
        let [said, also] = [one, two].map(|own| Words::default().in_own(Some(&own)).say("login-submit"));
        assert_eq!((said.as_str(), also.as_str()), ("One", "Two"));
    }
}
