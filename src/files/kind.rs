//! What a file is: what its bytes say, and only where they say nothing, what its sender says. Whatever that comes to,
//! serving is what makes it safe: what could act in a browser is never shown in it (W-101, F2).

use file_format::FileFormat;

/// How many of its first bytes tell what a file is.
pub const HEAD: usize = 8 * 1024;
/// Longest type.
const LONGEST: usize = 127;
/// What is nothing in particular.
const UNKNOWN: &str = "application/octet-stream";

/// Types that a browser shows without running anything of them.
const HARMLESS: &[&str] = &[
    "application/pdf",
    "audio/aac",
    "audio/flac",
    "audio/mpeg",
    "audio/ogg",
    "audio/wav",
    "image/avif",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/plain",
    "video/mp4",
    "video/ogg",
    "video/webm",
];

/// A type and how it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// `image/png`.
    pub name: String,
    /// Whether the bytes themselves say so.
    pub sniffed: bool,
}

impl Kind {
    /// The type of a file that begins so, was declared so and is called so.
    #[must_use]
    pub fn of(head: &[u8], declared: Option<&str>, name: &str) -> Self {
        let format = FileFormat::from_bytes(head);
        let found = format.media_type();
        let is_vague = found.starts_with("text/") || matches!(found, UNKNOWN | "application/x-empty");
        if !is_vague || looks_active(head) {
            let name = if looks_active(head) && is_vague { "text/html" } else { found };
            return Self { name: name.to_owned(), sniffed: true };
        }
        let declared = declared.filter(|declared| is_textual(declared));
        let told = declared.map(str::to_owned).or_else(|| mime_guess::from_path(name).first_raw().map(str::to_owned));
        let is_text = found.starts_with("text/");
        match told.filter(|told| is_textual(told) && is_text) {
            Some(told) if told != found => Self { name: told, sniffed: false },
            _ => Self { name: if is_text { found } else { UNKNOWN }.to_owned(), sniffed: is_text },
        }
    }

    /// Whether a list of `image/png` and `image/*` has it; an empty one has everything.
    #[must_use]
    pub fn is_in(&self, list: &[String]) -> bool {
        let family = self.name.split('/').next().unwrap_or_default();
        list.is_empty() || list.iter().any(|one| *one == self.name || one.strip_suffix("/*") == Some(family))
    }
}

/// Whether a browser may show it in a page of ours: harmless, and found in the bytes.
#[must_use]
pub fn may_be_shown(kind: &str, sniffed: bool) -> bool {
    sniffed && HARMLESS.contains(&kind)
}

/// A declared type without its parameters; `None` when it is none.
#[must_use]
pub fn declared(given: &str) -> Option<String> {
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (family, rest) = essence.split_once('/')?;
    let token = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
    };
    (essence.len() <= LONGEST && token(family) && token(rest)).then_some(essence)
}

fn is_textual(kind: &str) -> bool {
    const OTHERS: &[&str] = &["application/json", "application/javascript", "application/xml", "application/x-ndjson"];
    kind.starts_with("text/") || OTHERS.contains(&kind) || kind.ends_with("+json") || kind.ends_with("+xml")
}

/// Whether text begins as a page that a browser would run.
fn looks_active(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    ["<!doctype html", "<html", "<script", "<svg", "<iframe", "<body"].iter().any(|mark| text.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

    fn kind(head: &[u8], declared: Option<&str>, name: &str) -> (String, bool) {
        let kind = Kind::of(head, declared, name);
        (kind.name, kind.sniffed)
    }

    #[test]
    fn w102_bytes_say_what_a_file_is_and_senders_only_where_bytes_are_silent() {
        let sniffed = |name: &str| (name.to_owned(), true);
        let told = |name: &str| (name.to_owned(), false);
        assert_eq!(kind(PNG, Some("text/html"), "page.html"), sniffed("image/png"));
        assert_eq!(kind(b"%PDF-1.7\n1 0 obj", Some("image/png"), "x.png"), sniffed("application/pdf"));
        assert_eq!(kind(b"plain words", None, "notes.txt"), sniffed("text/plain"));
        assert_eq!(kind(b"a,b\n1,2\n", Some("text/csv"), "x"), told("text/csv"));
        assert_eq!(kind(b"{\"a\": 1}", None, "x.json"), told("application/json"));
        assert_eq!(kind(b"words", Some("image/png"), "x.png"), sniffed("text/plain"));
        assert_eq!(kind(&[0, 159, 146, 150, 7, 0], Some("image/png"), "x.png").0, UNKNOWN);
    }

    #[test]
    fn f2_what_a_browser_could_run_is_never_shown_in_it() {
        for (head, declared, name) in [
            (&b"<!-- x --><html><script>1</script>"[..], Some("text/plain"), "x.txt"),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='1'/>", Some("image/png"), "x.png"),
            (b"alert(1)", Some("text/javascript"), "x.js"),
            (b"<?xml version='1.0'?><x/>", Some("application/xml"), "x.xml"),
            (b"words", Some("text/html"), "x.html"),
            (b"words", None, "x.html"),
        ] {
            let kind = Kind::of(head, declared, name);
            assert!(!may_be_shown(&kind.name, kind.sniffed), "{kind:?}");
        }
        assert!(may_be_shown("image/png", true) && !may_be_shown("image/png", false));
    }

    #[test]
    fn a_list_takes_types_and_families() {
        let list = ["image/*".to_owned(), "application/pdf".to_owned()];
        let kind = |name: &str| Kind { name: name.to_owned(), sniffed: true };
        assert!(kind("image/png").is_in(&list) && kind("application/pdf").is_in(&list) && kind("x/y").is_in(&[]));
        assert!(!kind("application/zip").is_in(&list) && !kind("imagex/png").is_in(&list));
    }

    #[test]
    fn a_declared_type_is_one_or_nothing() {
        assert_eq!(declared("Text/HTML; charset=x").as_deref(), Some("text/html"));
        for bad in ["", "text", "text/", "a/b/c", "text/h\r\nX: y", "té/x"] {
            assert_eq!(declared(bad), None, "{bad:?}");
        }
    }
}
