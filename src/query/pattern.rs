//! `$regex`: Rust's regular expressions, which run in linear time, in Rust and on SQLite; on PostgreSQL their parsed
//! form is printed back as an advanced regular expression with every class spelt out, so that all three agree.

use std::fmt::Write as _;

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::invalid::{At, Result, Subject};
use super::limits::{REGEX_LENGTH, REGEX_PROGRAM, REGEX_REPEATS};

/// A pattern that was accepted.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    rust: String,
    postgres: String,
    start: Option<String>,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.rust == other.rust
    }
}

impl Pattern {
    /// Reads a pattern and its options: `i` (any case), `m` (`^` and `$` at lines), `s` (`.` is any character), `x`
    /// (white space means nothing).
    ///
    /// # Errors
    /// It is too long or too large, cannot run in linear time (back-references, look-around), or is no pattern.
    pub fn parse(source: &str, options: &str, at: &At) -> Result<Self> {
        let at = at.of(Subject::Regex);
        if source.chars().count() > REGEX_LENGTH {
            return at.refuse("regex-too-long", format!("a pattern has at most {REGEX_LENGTH} characters"));
        }
        let has = |flag| options.contains(flag);
        if let Some(other) = options.chars().find(|flag| !"imsx".contains(*flag)) {
            return at.refuse("unknown-option", format!("`{other}` is none of the options i, m, s, x"));
        }
        let parsed = ParserBuilder::new()
            .case_insensitive(has('i'))
            .multi_line(has('m'))
            .dot_matches_new_line(has('s'))
            .ignore_whitespace(has('x'))
            .nest_limit(32)
            .build()
            .parse(source)
            .map_err(|error| at.wrong("bad-regex", first_line(&error.to_string())))?;
        let mut postgres = String::new();
        Printer { out: &mut postgres }.print(&parsed, 1).map_err(|why| at.wrong("unsupported-regex", why))?;
        let rust = if options.is_empty() { source.to_owned() } else { format!("(?{options}){source}") };
        let regex = RegexBuilder::new(&rust).size_limit(REGEX_PROGRAM).build();
        let regex = regex.map_err(|_| at.wrong("regex-too-large", "the pattern becomes too large a program"))?;
        Ok(Self { regex, rust, postgres, start: start(&parsed) })
    }

    /// Whether it is found in a text.
    #[must_use]
    pub fn found_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// What every text begins with in which it is found, if the pattern says so.
    #[must_use]
    pub fn start(&self) -> Option<&str> {
        self.start.as_deref()
    }

    /// As Rust and SQLite take it.
    #[must_use]
    pub fn rust(&self) -> &str {
        &self.rust
    }

    /// As PostgreSQL takes it.
    #[must_use]
    pub fn postgres(&self) -> &str {
        &self.postgres
    }
}

/// The text after a first `^` that is not one of lines.
fn start(parsed: &Hir) -> Option<String> {
    let HirKind::Concat(parts) = parsed.kind() else { return None };
    match (parts.first()?.kind(), parts.get(1)?.kind()) {
        (HirKind::Look(Look::Start), HirKind::Literal(text)) => String::from_utf8(text.0.to_vec()).ok(),
        _ => None,
    }
}

/// The parser draws the pattern with its mistake underlined; the last line says what it is.
fn first_line(text: &str) -> String {
    let line = text.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

struct Printer<'a> {
    out: &'a mut String,
}

impl Printer<'_> {
    /// `repeats` is what the repetitions around this part multiply to.
    fn print(&mut self, hir: &Hir, repeats: u32) -> Result<(), &'static str> {
        match hir.kind() {
            HirKind::Empty => self.out.push_str("(?:)"),
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).map_err(|_| "the pattern is not about text")?;
                text.chars().for_each(|c| self.character(c));
            }
            HirKind::Class(class) => self.class(class),
            HirKind::Look(look) => self.look(*look)?,
            HirKind::Capture(capture) => self.group(&capture.sub, repeats)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.print(part, repeats))?,
            HirKind::Alternation(parts) => self.alternatives(parts, repeats)?,
            HirKind::Repetition(repetition) => {
                let most = repetition.max.unwrap_or(repetition.min).max(1);
                let repeats = repeats.saturating_mul(most);
                if repeats > REGEX_REPEATS {
                    return Err("repetitions count to 255 at most, nested ones multiplied");
                }
                self.group(&repetition.sub, repeats)?;
                self.quantifier(repetition.min, repetition.max);
            }
        }
        Ok(())
    }

    fn group(&mut self, inner: &Hir, repeats: u32) -> Result<(), &'static str> {
        self.out.push_str("(?:");
        self.print(inner, repeats)?;
        self.out.push(')');
        Ok(())
    }

    fn alternatives(&mut self, parts: &[Hir], repeats: u32) -> Result<(), &'static str> {
        self.out.push_str("(?:");
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                self.out.push('|');
            }
            self.print(part, repeats)?;
        }
        self.out.push(')');
        Ok(())
    }

    fn quantifier(&mut self, min: u32, max: Option<u32>) {
        match (min, max) {
            (0, None) => self.out.push('*'),
            (1, None) => self.out.push('+'),
            (0, Some(1)) => self.out.push('?'),
            (min, None) => self.write(format_args!("{{{min},}}")),
            (min, Some(max)) => self.write(format_args!("{{{min},{max}}}")),
        }
    }

    fn look(&mut self, look: Look) -> Result<(), &'static str> {
        const UNSUPPORTED: &str = "CRLF mode and half word boundaries are not supported";
        match look {
            Look::Start => self.out.push_str("\\A"),
            Look::End => self.out.push_str("\\Z"),
            Look::StartLF => self.out.push_str("(?<![^\\n])"),
            Look::EndLF => self.out.push_str("(?![^\\n])"),
            Look::WordAscii => self.boundary("[0-9A-Za-z_]", true),
            Look::WordAsciiNegate => self.boundary("[0-9A-Za-z_]", false),
            Look::WordUnicode => self.boundary(&word()?, true),
            Look::WordUnicodeNegate => self.boundary(&word()?, false),
            _ => return Err(UNSUPPORTED),
        }
        Ok(())
    }

    fn boundary(&mut self, word: &str, is: bool) {
        let (first, second) = if is { ("!", "=") } else { ("=", "!") };
        self.write(format_args!("(?:(?<={word})(?{first}{word})|(?<!{word})(?{second}{word}))"));
    }

    /// Texts hold no NUL, and PostgreSQL knows none.
    fn class(&mut self, class: &Class) {
        let ranges: Vec<(u32, u32)> = match class {
            Class::Unicode(class) => class.iter().map(|range| (range.start().into(), range.end().into())).collect(),
            Class::Bytes(class) => class.iter().map(|range| (range.start().into(), range.end().into())).collect(),
        };
        let ranges: Vec<_> =
            ranges.into_iter().filter(|(_, end)| *end > 0).map(|(start, end)| (start.max(1), end)).collect();
        if ranges.is_empty() {
            return self.out.push_str("[^\\u0001-\\U0010FFFF]");
        }
        self.out.push('[');
        for (start, end) in ranges {
            self.code(start);
            if end > start {
                self.out.push('-');
                self.code(end);
            }
        }
        self.out.push(']');
    }

    fn character(&mut self, c: char) {
        match c {
            '\0' => self.out.push_str("[^\\u0001-\\U0010FFFF]"),
            c if c.is_ascii_alphanumeric() => self.out.push(c),
            c => self.code(c.into()),
        }
    }

    fn code(&mut self, code: u32) {
        if code > 0xFFFF {
            self.write(format_args!("\\U{code:08X}"));
        } else {
            self.write(format_args!("\\u{code:04X}"));
        }
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into a String cannot fail.
        let _ = self.out.write_fmt(text);
    }
}

fn word() -> Result<String, &'static str> {
    let hir = regex_syntax::parse("\\w").map_err(|_| "there is no class of word characters")?;
    let mut out = String::new();
    Printer { out: &mut out }.print(&hir, 1)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn parse(source: &str, options: &str) -> Result<Pattern> {
        Pattern::parse(source, options, &At::start(Subject::Filter))
    }

    #[test]
    fn w095_a_pathological_pattern_takes_no_time() {
        let pattern = parse("^(a|a)*(a|a)*(a|a)*(aa|a)*b$", "").unwrap();
        let text = "a".repeat(10_000);
        let before = Instant::now();
        assert!(!pattern.found_in(&text));
        assert!(before.elapsed().as_millis() < 50 * if cfg!(debug_assertions) { 10 } else { 1 });
    }

    #[test]
    fn d5_what_does_not_run_in_linear_time_is_refused() {
        for bad in ["(a)\\1", "a(?=b)", "(?<!a)b", "(", "a{2,1}", "((a{16}){16}){16}", "a{256}", "\\p{nothing}"] {
            let error = parse(bad, "").unwrap_err();
            assert_eq!(error.subject.as_str(), "invalid-regex", "{bad}");
        }
        assert!(parse(&"a".repeat(256), "").is_ok());
        assert!(parse(&"a".repeat(257), "").is_err());
        assert!(parse("a", "u").is_err());
    }

    #[test]
    fn a_pattern_is_printed_for_postgresql_with_its_classes_spelt_out() {
        let printed = |source: &str, options: &str| parse(source, options).unwrap().postgres;
        assert_eq!(printed("^a.c$", "s"), "\\Aa[\\u0001-\\U0010FFFF]c\\Z");
        assert_eq!(printed("(x|y'){2,}", ""), "(?:(?:(?:x|y\\u0027))){2,}");
        assert_eq!(printed("k", "i"), "[\\u004B\\u006B\\u212A]");
        assert_eq!(printed("^", "m"), "(?<![^\\n])");
    }
}
