//! What a tenant may say instead of us: one message in Fluent syntax with text, our arguments, and choices between
//! texts. No HTML, no references to other messages, no functions, no nesting: what is shown is about as long as what
//! was written.

use super::lint::Finding;
use crate::frame::words::{known, read};

/// Most characters of a text.
pub(super) const LONGEST: usize = 1_000;
/// Most arguments and choices in it.
const MOST_PLACEABLES: usize = 20;

/// What is wrong with a text under the name of a message; paths are relative to it.
pub(super) fn check(id: &str, text: &str) -> Vec<Finding> {
    let Some(arguments) = known().get(id) else {
        return vec![Finding::error("", "unknown_message", "there is no message of this name")];
    };
    if let Some(finding) = characters(text) {
        return vec![finding];
    }
    let used = match placeables(text, true) {
        Ok(used) if used.len() <= MOST_PLACEABLES => used,
        Ok(_) => return vec![Finding::error("", "too_complex", "a text has up to 20 arguments and choices")],
        Err(finding) => return vec![finding],
    };
    if let Some(strange) = used.iter().find(|name| !arguments.contains(*name)) {
        let words = format!("this message has no argument ${strange}; it has {}", listed(arguments));
        return vec![Finding::error("", "unknown_variable", words)];
    }
    if read(id, text).is_none() {
        return vec![Finding::error("", "syntax", "this is not one message in Fluent syntax")];
    }
    let missing = arguments.iter().filter(|name| !used.contains(name));
    missing
        .map(|name| Finding::warning("", "missing_variable", format!("our text tells ${name}, this one does not")))
        .collect()
}

fn listed(arguments: &[&str]) -> String {
    if arguments.is_empty() {
        return "none".to_owned();
    }
    arguments.iter().map(|name| format!("${name}")).collect::<Vec<_>>().join(", ")
}

/// Characters that no text needs.
fn characters(text: &str) -> Option<Finding> {
    if text.trim().is_empty() {
        return Some(Finding::error("", "empty", "a text says something; leave it out to have ours"));
    }
    if text.chars().count() > LONGEST {
        return Some(Finding::error("", "too_long", "a text has up to 1000 characters"));
    }
    // The arrow is that of a choice.
    if text.replace("->", "").contains(['<', '>']) {
        return Some(Finding::error("", "html", "texts are plain: there is no HTML in them"));
    }
    // Marks that turn the direction of writing around can make a text read as another one.
    let turning = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.chars().any(|c| (c.is_control() && c != '\n') || turning(c)) {
        return Some(Finding::error("", "control_character", "there are invisible characters in this text"));
    }
    let odd = |line: &str| line.trim_start().starts_with('.');
    if text.lines().any(odd) {
        return Some(Finding::error("", "syntax", "a line of a text does not begin with a full stop"));
    }
    None
}

/// The arguments of a text, each as often as it is used. A choice may stand at the top, with arguments in its texts.
fn placeables(text: &str, top: bool) -> Result<Vec<&str>, Finding> {
    let mut used = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let Some(inside) = rest[at..].strip_prefix('{') else {
            return Err(Finding::error("", "syntax", "a closing brace has no opening one"));
        };
        let (name, after) = argument(inside)?;
        used.push(name);
        rest = match after.strip_prefix("->").filter(|_| top) {
            None => after.strip_prefix('}').ok_or_else(foreign)?,
            Some(choice) => {
                let end = closing(choice).ok_or_else(|| Finding::error("", "syntax", "a choice is not closed"))?;
                used.extend(placeables(&choice[..end], false)?);
                &choice[end + 1..]
            }
        };
    }
    Ok(used)
}

/// `$name`, and what follows it.
fn argument(inside: &str) -> Result<(&str, &str), Finding> {
    let named = inside.trim_start().strip_prefix('$').ok_or_else(foreign)?;
    let end = named.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')).unwrap_or(named.len());
    let (name, after) = named.split_at(end);
    if name.is_empty() { Err(foreign()) } else { Ok((name, after.trim_start())) }
}

/// Where the brace is that closes a choice.
fn closing(choice: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in choice.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn foreign() -> Finding {
    Finding::error(
        "",
        "forbidden_expression",
        "in braces stands one of our arguments, or a choice by one, and nothing else",
    )
}
