//! An instant as pages show it.

use super::words::Words;
use crate::base::Timestamp;

/// An instant for people: exact in `datetime`, and how long ago it was.
#[derive(Clone, Debug)]
pub struct When {
    /// RFC 3339.
    pub exact: String,
    /// In words.
    pub text: String,
}

impl When {
    /// This instant as seen from `now`.
    #[must_use]
    pub fn new(words: Words, at: Timestamp, now: Timestamp) -> Self {
        const MINUTE: i64 = 60;
        const HOUR: i64 = 3_600;
        const DAY: i64 = 86_400;
        let exact = at.rfc3339();
        let text = match now.since(at).0 {
            ..MINUTE => words.say("account-just-now"),
            ago @ ..HOUR => words.tell("account-minutes-ago", "number", ago / MINUTE),
            ago @ ..DAY => words.tell("account-hours-ago", "number", ago / HOUR),
            ago if ago < 30 * DAY => words.tell("account-days-ago", "number", ago / DAY),
            _ => exact.split('T').next().unwrap_or_default().to_owned(),
        };
        Self { exact, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seconds;
    use crate::frame::Language;

    #[test]
    fn how_long_ago_is_told_in_words_and_long_ago_by_its_day() {
        let now = Timestamp(1_767_225_600);
        let ago = |language, seconds| When::new(Words::of(language), now.minus(Seconds(seconds)), now).text;
        assert_eq!(ago(Language::English, 5), "just now");
        assert_eq!(ago(Language::English, 60), "1 minute ago");
        assert_eq!(ago(Language::German, 2 * 86_400), "vor 2 Tagen");
        assert_eq!(ago(Language::French, 3 * 3_600), "il y a 3 heures");
        assert_eq!(ago(Language::English, 40 * 86_400), "2025-11-22");
        assert_eq!(When::new(Words::default(), now, now).exact, "2026-01-01T00:00:00Z");
    }
}
