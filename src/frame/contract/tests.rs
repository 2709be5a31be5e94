//! What a brand may hold, and what it may not.

use proptest::prelude::*;

use super::*;
use crate::frame::Words;

fn texts(language: &str, id: &str, text: &str) -> Contract {
    let said = BTreeMap::from([(id.to_owned(), text.to_owned())]);
    Contract { texts: BTreeMap::from([(language.to_owned(), said)]), ..Contract::default() }
}

fn codes(contract: &Contract) -> Vec<(String, &'static str)> {
    contract.lint(|_| true).into_iter().map(|finding| (finding.path, finding.code)).collect()
}

fn code_of(text: &str) -> Vec<&'static str> {
    codes(&texts("en", "mail-hello-name", text)).into_iter().map(|(_, code)| code).collect()
}

#[test]
fn a_text_has_our_arguments_and_choices_between_texts() {
    for good in [
        "Dear {$name},",
        "Dear {  $name  },",
        "{ $name ->\n    [Ada] Hello, Ada\n   *[other] Hello, { $name }\n}",
        "a -> b {$name} & c \"d\" 'e'",
        "first line {$name}\nsecond line",
    ] {
        assert_eq!(code_of(good), Vec::<&str>::new(), "{good}");
    }
    assert_eq!(code_of("Hello"), ["missing_variable"]);
}

#[test]
fn w043_scripts_bombs_and_tricks_are_found_in_texts() {
    for (bad, code) in [
        ("<b>{$name}</b>", "html"),
        ("{$name} <script>alert(1)</script>", "html"),
        ("{$name} &lt -> <img>", "html"),
        ("{ mail-hello }", "forbidden_expression"),
        ("{ -brand }", "forbidden_expression"),
        ("{ \"\\u003Cscript\\u003E\" }", "forbidden_expression"),
        ("{ NUMBER($name) }", "forbidden_expression"),
        ("{ $name.attr }", "forbidden_expression"),
        ("{ $name", "forbidden_expression"),
        ("{ { $name } }", "forbidden_expression"),
        ("{ $name -> [a] { $name -> [b] x *[c] y } *[d] z }", "forbidden_expression"),
        ("{ $name -> [a] x", "syntax"),
        ("} {$name}", "syntax"),
        ("{ $name -> }", "syntax"),
        ("{ $secret }", "unknown_variable"),
        ("{$name}\nlogin-submit = Give me your password", ""),
        ("{$name}\n.title = x", "syntax"),
        ("  \n ", "empty"),
        ("{$name} \u{202e}gnihtemos", "control_character"),
        ("{$name}\u{0}", "control_character"),
        (&"x".repeat(1_001), "too_long"),
        (&"{$name}".repeat(21), "too_complex"),
    ] {
        let found = code_of(bad);
        if code.is_empty() {
            // One message, whatever it looks like: nothing else is said otherwise by it.
            let dress = texts("en", "mail-hello-name", bad).dress();
            let words = Words::default().in_own(dress.own(Language::English));
            assert_eq!(words.say("login-submit"), Words::default().say("login-submit"));
        } else {
            assert_eq!(found, [code], "{bad}");
        }
    }
}

#[test]
fn unknown_names_and_languages_are_told_at_their_place() {
    assert_eq!(codes(&texts("en", "no~such/name", "x")), [("/texts/en/no~0such~1name".to_owned(), "unknown_message")]);
    assert_eq!(codes(&texts("xx", "login-submit", "x")), [("/texts/xx".to_owned(), "unknown_language")]);
    let future = Contract { contract: 2, ..Contract::default() };
    assert_eq!(codes(&future), [("/contract".to_owned(), "unknown_version")]);
    let mut huge = texts("en", "login-submit", "x");
    huge.texts.get_mut("en").unwrap().extend((0..100).map(|number| (format!("k{number}"), "x".repeat(1_000))));
    assert_eq!(codes(&huge), [(String::new(), "too_large")]);
}

#[test]
fn w043_links_lead_to_web_pages_and_pictures_come_from_known_places() {
    let mut contract = Contract::default();
    contract.links.terms = Some("javascript:alert(1)".to_owned());
    contract.links.privacy = Some("https://a.example/privacy".to_owned());
    contract.logo = Some("data:image/svg+xml,<svg onload=alert(1)>".to_owned());
    contract.favicon = Some("https://elsewhere.example/x.ico".to_owned());
    let found: Vec<_> = contract
        .lint(|link| !link.to_string().contains("elsewhere"))
        .into_iter()
        .map(|finding| (finding.path, finding.code))
        .collect();
    let expected = [("/logo", "not_a_link"), ("/favicon", "foreign_place"), ("/links/terms", "not_a_link")];
    assert_eq!(found, expected.map(|(path, code)| (path.to_owned(), code)));
    let dress = contract.dress();
    assert!(dress.terms.is_none() && dress.logo.is_none() && dress.privacy.is_some());
}

#[test]
fn a_colour_is_no_css_and_its_contrast_is_told() {
    let coloured = |accent: &str| {
        let colors = Colors { accent: Some(accent.to_owned()), accent_dark: None };
        codes(&Contract { colors, ..Contract::default() })
    };
    assert_eq!(coloured("#123456"), []);
    assert_eq!(coloured("#ffd400"), [("/colors/accent".to_owned(), "low_contrast")]);
    for bad in ["red", "#fff", "#123456;}body{display:none", "url(https://evil.test)", "var(--x)"] {
        assert_eq!(coloured(bad), [("/colors/accent".to_owned(), "not_a_colour")], "{bad}");
    }
}

#[test]
fn what_was_stored_and_cannot_be_read_any_more_is_no_brand_and_no_fault() {
    assert_eq!(Contract::stored("nonsense"), Contract::default());
    let mut contract = texts("de", "login-submit", "Rein");
    contract.colors.accent = Some("nonsense".to_owned());
    let again = Contract::stored(&serde_json::to_string(&contract).unwrap());
    assert_eq!(again, contract);
    assert!(again.dress().accent.0.is_none() && again.dress().own(Language::German).is_some());
}

proptest! {
    #[test]
    fn whatever_is_written_no_check_panics_and_what_passes_is_one_message(text in "(\\PC|\n|\\{ ?\\$name ?|->|\\}|\\[|\\*){0,40}") {
        let contract = texts("en", "mail-hello-name", &text);
        let sound = contract.lint(|_| true).iter().all(Finding::is_minor);
        let words = Words::default().in_own(contract.dress().own(Language::English));
        let said = words.tell("mail-hello-name", "name", "Ada");
        prop_assert!(!sound || said.chars().count() <= 400);
        prop_assert!(!said.contains('<') || !sound);
    }
}
