//! Whether a brand is as it has to be, told so that an editor can show it at its place.

use serde::Serialize;

use super::{Contract, VERSION, text};
use crate::frame::brand::Accent;
use crate::frame::link::Link;
use crate::frame::words::Language;

/// Most bytes of a whole contract.
const MOST_BYTES: usize = 64 * 1024;
/// Most bytes of an address.
const LONGEST_LINK: usize = 1_000;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It cannot be published so.
    Error,
    /// It can, and somebody should look at it.
    Warning,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where (RFC 6901).
    pub path: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, for machines.
    pub code: &'static str,
    /// The same for people.
    pub message: String,
}

impl Finding {
    pub(super) fn error(path: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { path: path.into(), severity: Severity::Error, code, message: message.into() }
    }

    pub(super) fn warning(path: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(path, code, message) }
    }

    /// Whether it can be published all the same.
    #[must_use]
    pub fn is_minor(&self) -> bool {
        self.severity == Severity::Warning
    }

    fn below(self, path: &str) -> Self {
        Self { path: format!("{path}{}", self.path), ..self }
    }
}

impl Contract {
    /// Everything that is wrong with it. `shown` says of an address whether pictures may come from there.
    #[must_use]
    pub fn lint(&self, shown: impl Fn(&Link) -> bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.contract != VERSION {
            findings.push(Finding::error("/contract", "unknown_version", "this server knows version 1"));
        }
        if serde_json::to_string(self).map_or(usize::MAX, |text| text.len()) > MOST_BYTES {
            findings.push(Finding::error("", "too_large", "a brand has up to 65536 bytes"));
            return findings;
        }
        for (path, picture) in [("/logo", &self.logo), ("/favicon", &self.favicon)] {
            findings.extend(picture.as_deref().and_then(|text| check_picture(path, text, &shown)));
        }
        let links = &self.links;
        let named = [("terms", &links.terms), ("privacy", &links.privacy), ("support", &links.support)];
        for (name, link) in named {
            findings.extend(link.as_deref().and_then(|text| link_of(&format!("/links/{name}"), text).err()));
        }
        findings.extend(self.lint_colours());
        findings.extend(self.lint_texts());
        findings
    }

    fn lint_colours(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let colours = [("accent", &self.colors.accent, false), ("accent_dark", &self.colors.accent_dark, true)];
        for (name, text, dark) in colours {
            let (path, Some(text)) = (format!("/colors/{name}"), text) else { continue };
            let Ok(colour) = text.parse::<Accent>() else {
                findings.push(Finding::error(path, "not_a_colour", "a colour is written #rrggbb"));
                continue;
            };
            if let Some((contrast, shown)) = colour.adjusted(dark) {
                let words = format!("as text its contrast is {contrast:.1} of 4.5; text is shown in {shown} instead");
                findings.push(Finding::warning(path, "low_contrast", words));
            }
        }
        if self.colors.accent.is_none() && self.colors.accent_dark.is_some() {
            let words = "a colour for dark ground needs one for light ground";
            findings.push(Finding::error("/colors/accent_dark", "incomplete", words));
        }
        findings
    }

    fn lint_texts(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (language, texts) in &self.texts {
            if !Language::ALL.iter().any(|known| known.tag() == language) {
                let path = format!("/texts/{}", escaped(language));
                findings.push(Finding::error(path, "unknown_language", "a language is en, es, fr or de"));
                continue;
            }
            for (id, said) in texts {
                let path = format!("/texts/{language}/{}", escaped(id));
                findings.extend(text::check(id, said).into_iter().map(|finding| finding.below(&path)));
            }
        }
        findings
    }
}

fn link_of(path: &str, text: &str) -> Result<Link, Finding> {
    let link = Link::parse(text).filter(|_| text.len() <= LONGEST_LINK && !text.chars().any(char::is_control));
    link.ok_or_else(|| Finding::error(path, "not_a_link", "an address is an https URL of up to 1000 bytes"))
}

fn check_picture(path: &str, text: &str, shown: &impl Fn(&Link) -> bool) -> Option<Finding> {
    match link_of(path, text) {
        Err(finding) => Some(finding),
        Ok(link) if !shown(&link) => {
            let words = "pictures come from the tenant's own files, its front end or its redirect origins";
            Some(Finding::error(path, "foreign_place", words))
        }
        Ok(_) => None,
    }
}

/// A member's name in a JSON pointer (RFC 6901 §3).
fn escaped(name: &str) -> String {
    name.chars().take(100).collect::<String>().replace('~', "~0").replace('/', "~1")
}
