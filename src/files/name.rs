//! What a file is called: for people, in headers and lists. No name ever reaches a file system (W-104), and none
//! leaves the header that it stands in (RFC 6266, RFC 8187).

use std::fmt::Write as _;

/// Longest name in bytes.
const LONGEST: usize = 255;
/// Longest path in bytes.
const LONGEST_PATH: usize = 1_024;

/// The name that is kept: the last part of a path, without what cannot be seen or turns text around.
#[must_use]
pub fn cleaned(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut name: String = last.chars().filter(|c| !is_hidden(*c)).collect();
    let end = name.trim_end_matches([' ', '.']).len();
    name.truncate(end);
    let start = name.len() - name.trim_start().len();
    name.drain(..start);
    while name.len() > LONGEST {
        name.pop();
    }
    if name.is_empty() { "file".to_owned() } else { name }
}

/// A folder by its names, `reports/2026`; `None` when it is none.
#[must_use]
pub fn folder(given: &str) -> Option<String> {
    let parts: Vec<&str> = given.trim_matches('/').split('/').collect();
    let is_name = |part: &&str| {
        !part.is_empty() && !matches!(*part, "." | "..") && !part.contains('\\') && !part.chars().any(is_hidden)
    };
    (given.len() <= LONGEST_PATH && parts.iter().all(is_name)).then(|| parts.join("/"))
}

/// Controls, marks that turn the direction of text, and what has no width.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The `Content-Disposition` of a file of this name.
#[must_use]
pub fn disposition(kind: &str, name: &str) -> String {
    let plain = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%');
    let fallback: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut whole = format!("{kind}; filename=\"{fallback}\"");
    if fallback != name {
        whole.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                whole.push(char::from(byte));
            } else {
                // Writing into a String cannot fail.
                let _ = write!(whole, "%{byte:02X}");
            }
        }
    }
    whole
}

/// The name in a `Content-Disposition` of a request; the extended form wins (RFC 6266 §4.3).
#[must_use]
pub fn in_disposition(header: &str) -> Option<String> {
    let parameter = |wanted: &str| {
        header.split(';').skip(1).find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let extended = parameter("filename*").and_then(|value| {
        let text = value.strip_prefix("UTF-8''").or_else(|| value.strip_prefix("utf-8''"))?.to_owned();
        let pair = format!("x={}", text.replace('+', "%2B"));
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    });
    extended.or_else(|| parameter("filename"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w104_f1_a_name_is_a_name_and_no_path() {
        for (given, kept) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\System32\\x.dll", "x.dll"),
            ("..", "file"),
            ("", "file"),
            ("a\0b\r\nc.txt", "abc.txt"),
            ("report\u{202e}fdp.exe", "reportfdp.exe"),
            ("  spaced.txt. ", "spaced.txt"),
            ("naïve ☃.txt", "naïve ☃.txt"),
            ("folder/", "file"),
        ] {
            assert_eq!(cleaned(given), kept, "{given:?}");
        }
        assert_eq!(cleaned(&"é".repeat(300)).len(), 254);
    }

    #[test]
    fn f1_folders_are_names_between_slashes() {
        assert_eq!(folder("/reports/2026/").as_deref(), Some("reports/2026"));
        for bad in ["", "/", "a/../b", "./a", "a//b", "a\\b", "a/\u{202e}", "a\n", &"x/".repeat(600)] {
            assert_eq!(folder(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn f1_a_name_stays_in_its_header() {
        assert_eq!(disposition("attachment", "a.txt"), "attachment; filename=\"a.txt\"");
        let odd = disposition("attachment", "a\"; filename=evil.html\\é%41");
        assert_eq!(
            odd,
            "attachment; filename=\"a_; filename=evil.html___41\"; filename*=UTF-8''a%22%3B%20filename%3Devil.html%5C%C3%A9%2541"
        );
    }

    #[test]
    fn a_name_is_read_from_a_header() {
        for (header, name) in [
            ("attachment; filename=\"a b.txt\"", Some("a b.txt")),
            ("attachment; filename=a.txt", Some("a.txt")),
            ("attachment; filename=\"x\"; filename*=UTF-8''%C3%A9+1.txt", Some("é+1.txt")),
            ("attachment", None),
        ] {
            assert_eq!(in_disposition(header).as_deref(), name, "{header}");
        }
    }
}
