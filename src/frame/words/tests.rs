//! The words are complete: every language says everything, and everything that is asked for is there.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::base::Code;

/// The messages of a language with the arguments that each uses.
fn messages(language: Language) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for source in sources(language) {
        let parsed = FluentResource::try_new((*source).to_owned());
        assert!(parsed.is_ok(), "{language:?}: {:?}", parsed.err().map(|(_, errors)| errors));
        let mut id = String::new();
        for line in source.lines() {
            if let Some((name, _)) = line.split_once(" =").filter(|(name, _)| name.starts_with(char::is_alphabetic)) {
                assert!(found.insert(name.to_owned(), Vec::new()).is_none(), "{language:?} says {name} twice");
                name.clone_into(&mut id);
            }
            for after in line.split('$').skip(1) {
                let name: String = after.chars().take_while(char::is_ascii_alphanumeric).collect();
                let names = found.get_mut(&id).unwrap();
                if !names.contains(&name) {
                    names.push(name);
                    names.sort();
                }
            }
        }
    }
    found
}

fn files(folder: &str, visit: &mut impl FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let below = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_str().unwrap();
        if path.is_dir() {
            files(below, visit);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            visit(&path, &text);
        }
    }
}

#[test]
fn every_language_says_the_same_things_with_the_same_arguments() {
    let english = messages(Language::English);
    assert!(english.len() > 50);
    for language in Language::ALL {
        let known = messages(language);
        for (id, arguments) in &english {
            assert_eq!(known.get(id), Some(arguments), "{language:?} {id}");
        }
        for id in known.keys() {
            assert!(english.contains_key(id), "{language:?} says {id}, English does not");
        }
    }
}

#[test]
fn every_message_that_a_page_or_mail_asks_for_exists() {
    let english = messages(Language::English);
    let mut asked = 0;
    let mut look = |path: &Path, text: &str| {
        for call in [".say(\"", ".tell(\"", ".tell2(\"", ".before(\"", ".after(\""] {
            for after in text.split(call).skip(1) {
                let id = after.split('"').next().unwrap();
                assert!(english.contains_key(id), "{} asks for {id:?}", path.display());
                asked += 1;
            }
        }
    };
    files("templates", &mut look);
    files("src", &mut |path, text| {
        if !path.ends_with("frame/words/tests.rs") {
            look(path, text);
        }
    });
    assert!(asked > 50, "{asked}");
}

#[test]
fn no_template_has_words_of_its_own() {
    files("templates/pages", &mut |path, text| {
        if path.file_name().unwrap().to_str().unwrap().starts_with("dev_") {
            return;
        }
        let mut shown = String::new();
        for piece in text.replace("{{", "\u{2}").replace("{%", "\u{2}").split('\u{2}') {
            let rest = piece.split_once("}}").or_else(|| piece.split_once("%}")).map_or(piece, |(_, rest)| rest);
            shown += rest;
        }
        let words: String = shown.split('<').map(|tag| tag.split_once('>').map_or("", |(_, text)| text)).collect();
        let words = words.replace("&times;", "").replace("--dev", "");
        assert!(!words.contains(char::is_alphabetic), "{}: {words:?}", path.display());
    });
}

#[test]
fn a_refusal_is_named_by_its_english_sentence() {
    for id in messages(Language::English).keys().filter(|id| id.starts_with("refusal-")) {
        assert_eq!(&refusal_id(&Words::default().tell(id, "number", "n")), id);
    }
    let refusal = Refusal::new(Code::InvalidGrant, "the user name or the password is wrong");
    assert_eq!(Words::default().refusal(&refusal), "The user name or the password is wrong.");
    let german = Words::of(Language::German).refusal(&refusal);
    assert!(german.contains("Passwort"), "{german}");
    let limit = Refusal::new(Code::Unprocessable, "the password has to have 12 characters or more");
    assert_eq!(Words::of(Language::German).refusal(&limit), "Das Passwort muss mindestens 12 Zeichen haben.");
    let unknown = Refusal::new(Code::InvalidRequest, "something nobody translated");
    assert_eq!(Words::of(Language::German).refusal(&unknown), "Something nobody translated.");
}

#[test]
fn the_language_is_what_is_asked_for_chosen_preferred_or_spoken_here_in_this_order() {
    let mut known = Preferences::default();
    assert_eq!(known.words().tag(), "en");
    known.tenant = Language::of_tag("fr");
    assert_eq!(known.words().tag(), "fr");
    known.browser = Language::of_header("xx, es-MX;q=0.8, de;q=0.9, en;q=0, fr;q=x");
    assert_eq!(known.words().tag(), "de");
    known.person = Language::of_tag("es_AR");
    assert_eq!(known.words().tag(), "es");
    known.asked = Language::of_tags("ja  EN-gb de");
    assert_eq!(known.words().tag(), "en");
}

#[test]
fn nonsense_is_no_language() {
    for nonsense in ["", "*", "english", "e", "\u{0}", ";;;q=,,", "d e"] {
        assert_eq!(Language::of_tag(nonsense).or(Language::of_header(nonsense)), None, "{nonsense:?}");
    }
}

#[test]
fn w019_a_lifetime_is_told_exactly() {
    let english = Words::default();
    for (seconds, told) in [
        (1, "1 second"),
        (90, "90 seconds"),
        (600, "10 minutes"),
        (3_600, "1 hour"),
        (5_400, "90 minutes"),
        (86_400, "24 hours"),
        (259_200, "3 days"),
    ] {
        assert_eq!(english.lifetime(Seconds(seconds)), told);
    }
    assert_eq!(Words::of(Language::German).lifetime(Seconds(259_200)), "3 Tage");
    assert_eq!(Words::of(Language::Spanish).lifetime(Seconds(3_600)), "1 hora");
}

#[test]
fn a_sentence_is_cut_where_the_page_wraps_a_name() {
    let german = Words::of(Language::German);
    let whole = german.tell("consent-title", "it", "Kalender");
    let cut = format!("{}Kalender{}", german.before("consent-title"), german.after("consent-title"));
    assert_eq!(whole, cut);
    assert_eq!(german.say("no-such-message"), "no-such-message");
}
