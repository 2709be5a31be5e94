//! The fields of a brand as a form shows them and sends them back: each a member of the contract, at its place.

use serde_json::Value;

use crate::base::Params;
use crate::frame::{Finding, Words};

/// Name, place in the contract, words for it and for what is to be written, and how that looks.
const FIELDS: [(&str, &str, &str, &str, &str); 7] = [
    ("logo", "/logo", "console-logo", "console-logo-hint", "https://"),
    ("favicon", "/favicon", "console-favicon", "console-favicon-hint", "https://"),
    ("accent", "/colors/accent", "console-color", "console-color-hint", "#1d5c63"),
    ("accent_dark", "/colors/accent_dark", "console-color-dark", "console-color-dark-hint", "#7fc4cc"),
    ("terms", "/links/terms", "console-terms", "console-link-hint", "https://"),
    ("privacy", "/links/privacy", "console-privacy", "console-link-hint", "https://"),
    ("support", "/links/support", "console-support", "console-link-hint", "https://"),
];

/// A field as it is shown.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub word: String,
    /// What is to be written.
    pub hint: String,
    /// How that looks.
    pub placeholder: &'static str,
    /// What is written.
    pub value: String,
    /// What is wrong with it, or worth a look.
    pub findings: Vec<String>,
    /// Whether it cannot be published so.
    pub wrong: bool,
}

/// A contract with what a form says; what the form does not name stays.
pub(super) fn typed(mut brand: Value, form: &Params) -> Value {
    for (name, path, ..) in FIELDS {
        let Some(text) = form.raw(name).map(str::trim) else { continue };
        let value = if text.is_empty() { Value::Null } else { Value::from(text) };
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match parts.as_slice() {
            [member] => brand[*member] = value,
            [group, member] => brand[*group][*member] = value,
            _ => {}
        }
    }
    brand
}

/// The fields of a contract with what was found there, and what was found elsewhere.
pub(super) fn fields(brand: &Value, findings: &[Finding], words: Words) -> (Vec<Field>, Vec<String>) {
    let field = |(name, path, word, hint, placeholder): (&'static str, &str, &str, &str, &'static str)| {
        let here = || findings.iter().filter(|finding| finding.path == path);
        Field {
            name,
            word: words.say(word),
            hint: words.say(hint),
            placeholder,
            value: brand.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned(),
            findings: here().map(|finding| finding.message.clone()).collect(),
            wrong: here().any(|finding| !finding.is_minor()),
        }
    };
    let is_elsewhere = |finding: &&Finding| !FIELDS.iter().any(|(_, path, ..)| finding.path == *path);
    let elsewhere = findings.iter().filter(is_elsewhere);
    let told = elsewhere.map(|finding| format!("{}: {}", finding.path, finding.message)).collect();
    (FIELDS.map(field).to_vec(), told)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::frame::{Contract, Language};

    #[test]
    fn a_form_changes_what_it_names_and_leaves_the_words() {
        let before = json!({
            "contract": 1, "logo": "https://a.test/l.png", "colors": { "accent": "#aa3366" }, "links": {},
            "texts": { "en": { "login-submit": "Come in" } },
        });
        let form = Params::parse(b"logo=&accent=%23112233&terms=+https%3A%2F%2Fa.test%2Fterms+").unwrap();
        let after = typed(before.clone(), &form);
        let brand: Contract = serde_json::from_value(after.clone()).unwrap();
        assert_eq!((brand.logo, brand.colors.accent.as_deref()), (None, Some("#112233")));
        assert_eq!(brand.links.terms.as_deref(), Some("https://a.test/terms"));
        assert_eq!(after["texts"], before["texts"]);
        assert_eq!(typed(before.clone(), &Params::default()), before);
    }

    #[test]
    fn what_is_wrong_stands_at_its_field() {
        let words = Words::of(Language::English);
        let brand = json!({
            "contract": 1, "logo": null, "colors": { "accent": "red" }, "links": {},
            "texts": { "en": { "no-such-message": "x" } },
        });
        let contract: Contract = serde_json::from_value(brand.clone()).unwrap();
        let (fields, elsewhere) = fields(&brand, &contract.lint(|_| true), words);
        let accent = fields.iter().find(|field| field.name == "accent").unwrap();
        assert!(accent.wrong && !accent.findings.is_empty() && accent.value == "red");
        assert!(fields.iter().filter(|field| field.wrong).count() == 1 && elsewhere.len() == 1, "{elsewhere:?}");
        for (_, _, word, hint, _) in FIELDS {
            for language in Language::ALL {
                let words = Words::of(language);
                assert!(words.say(word) != word && words.say(hint) != hint, "{word}");
            }
        }
    }
}
