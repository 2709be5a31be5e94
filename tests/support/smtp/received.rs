//! What the SMTP server for tests took, and how it reads.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A message that it took.
#[derive(Clone, Debug)]
pub struct Received {
    /// Envelope sender.
    pub from: String,
    /// Envelope recipients.
    pub to: Vec<String>,
    /// The message as it came.
    pub raw: String,
    /// Whether it came over TLS.
    pub encrypted: bool,
    /// Whether its sender had proven who it is.
    pub authenticated: bool,
}

impl Received {
    /// A header, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.raw.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        head.split("\r\n").find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    }

    /// The text part.
    pub fn text(&self) -> String {
        let at = self.raw.find("text/plain").expect("there is a text part");
        let part = self.raw[at..].split("\r\n--").next().unwrap();
        let (head, body) = part.split_once("\r\n\r\n").unwrap();
        match head.to_ascii_lowercase() {
            head if head.contains("base64") => {
                let joined: String = body.split_whitespace().collect();
                String::from_utf8(STANDARD.decode(joined).unwrap()).unwrap()
            }
            head if head.contains("quoted-printable") => unquoted(body),
            _ => body.to_owned(),
        }
    }

    /// The first link in its text.
    pub fn link(&self) -> String {
        let text = self.text();
        text.split_whitespace().find(|word| word.contains("://")).expect("there is a link").to_owned()
    }
}

/// RFC 2045 §6.7.
fn unquoted(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'=' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next().unwrap(), rest.next().unwrap()];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
    }
    String::from_utf8(bytes).unwrap()
}
