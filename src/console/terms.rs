//! A plan of tenants as a form shows it and sends it back.

use crate::base::{Code, Params, Result, Stop};
use crate::frame::Words;
use crate::store::tenant_plans::{Allowance, Terms};

/// The limits of a plan, in the order of the form, each with its word.
pub(super) const LIMITS: [(&str, &str); 7] = [
    ("users", "console-limit-users"),
    ("organizations", "console-limit-organizations"),
    ("clients", "console-limit-clients"),
    ("documents", "console-limit-documents"),
    ("bytes", "console-limit-bytes"),
    ("requests_per_minute", "console-limit-requests"),
    ("mails_per_day", "console-limit-mails"),
];

/// What a form says, or so far is so.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The plan's key.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// Limits: name, word, and what is typed; nothing is no limit.
    pub limits: Vec<(&'static str, String, String)>,
    /// Features, separated by commas.
    pub features: String,
    /// Prices that are paid for it, separated by commas.
    pub prices: String,
    /// Products that are paid for it, separated by commas.
    pub products: String,
    /// Which of several plans counts.
    pub rank: String,
}

impl Typed {
    /// A plan as it is.
    pub(super) fn of(key: &str, terms: &Terms, words: Words) -> Self {
        let limit = |(name, word): (&'static str, &str)| {
            let typed = limit_of(&terms.limits, name).map(|limit| limit.to_string());
            (name, words.say(word), typed.unwrap_or_default())
        };
        Self {
            key: key.to_owned(),
            name: terms.name.clone(),
            limits: LIMITS.map(limit).to_vec(),
            features: terms.features.join(", "),
            prices: terms.prices.join(", "),
            products: terms.products.join(", "),
            rank: terms.rank.to_string(),
        }
    }

    /// What was sent.
    pub(super) fn sent(form: &Params, words: Words) -> Self {
        let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
        Self {
            key: text("key"),
            name: text("name"),
            limits: LIMITS.map(|(name, word)| (name, words.say(word), text(name))).to_vec(),
            features: text("features"),
            prices: text("prices"),
            products: text("products"),
            rank: text("rank"),
        }
    }

    /// The terms that this says.
    ///
    /// # Errors
    /// A limit or the rank is no number.
    pub(super) fn terms(&self) -> Result<Terms> {
        let list = |text: &str| -> Vec<String> {
            text.split([',', '\n']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        let mut limits = serde_json::Map::new();
        for (name, _, typed) in self.limits.iter().filter(|(.., typed)| !typed.is_empty()) {
            let number: u64 = typed.parse().map_err(|_| no_number())?;
            limits.insert((*name).to_owned(), number.into());
        }
        let rank = if self.rank.is_empty() { 0 } else { self.rank.parse().map_err(|_| no_number())? };
        Ok(Terms {
            name: self.name.clone(),
            limits: serde_json::from_value(limits.into())?,
            features: list(&self.features),
            prices: list(&self.prices),
            products: list(&self.products),
            rank,
        })
    }
}

/// How many of something there may be.
pub(super) fn limit_of(limits: &Allowance, name: &str) -> Option<u64> {
    serde_json::to_value(limits).ok()?.get(name)?.as_u64()
}

fn no_number() -> Stop {
    Stop::refuse(Code::Unprocessable, "a limit and a rank are whole numbers")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Language;

    fn sent(form: &str) -> Typed {
        Typed::sent(&Params::parse(form.as_bytes()).unwrap(), Words::of(Language::English))
    }

    #[test]
    fn a_form_says_a_plan_and_a_plan_fills_a_form() {
        let typed = sent("key=small&name=Small&users=10&bytes=&features=sso%2C+logs&prices=price_1&rank=2");
        let terms = typed.terms().unwrap();
        assert_eq!((terms.limits.users, terms.limits.bytes, terms.rank), (Some(10), None, 2));
        assert!(terms.features == ["sso", "logs"] && terms.prices == ["price_1"] && terms.products.is_empty());
        let shown = Typed::of("small", &terms, Words::of(Language::English));
        assert_eq!((shown.features.as_str(), shown.limits[0].2.as_str()), ("sso, logs", "10"));
        assert_eq!(shown.terms().unwrap(), terms);
        for bad in ["users=many", "users=-1", "users=1.5", "rank=first"] {
            assert!(sent(bad).terms().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_limit_of_a_plan_stands_in_the_form() {
        let all = serde_json::to_value(Allowance::default()).unwrap();
        let mut known: Vec<_> = all.as_object().unwrap().keys().map(String::as_str).collect();
        let mut shown = LIMITS.map(|(name, _)| name);
        known.sort_unstable();
        shown.sort_unstable();
        assert_eq!(known, shown);
        for (_, word) in LIMITS {
            for language in Language::ALL {
                assert_ne!(Words::of(language).say(word), word);
            }
        }
    }
}
