//! The mail as it travels (RFC 5322): text and HTML, marked as sent by a machine (RFC 3834).

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use super::compose::{Content, one_line};
use super::deliver::Undelivered;
use super::sender::Sender;
use crate::store::mails::Mail;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A header with one constant value.
macro_rules! header {
    ($type:ident, $name:literal) => {
        #[derive(Clone)]
        struct $type(String);

        impl Header for $type {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($name)
            }

            fn parse(text: &str) -> Result<Self, BoxError> {
                Ok(Self(text.to_owned()))
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}

header!(AutoSubmitted, "Auto-Submitted");
header!(ContentLanguage, "Content-Language");

/// Writes the message. What stands in its headers is encoded there, whatever it is (W-113).
pub(super) fn message(sender: &Sender, name: &str, mail: &Mail, content: &Content) -> Result<Message, Undelivered> {
    // A control character in a name would be the end of the process, not of the mail.
    let from = one_line(sender.name.as_deref().unwrap_or(name));
    let from = Mailbox::new(Some(from), address(&sender.address, "the sender's address")?);
    let date = UNIX_EPOCH + Duration::from_secs(mail.created_at.0.unsigned_abs());
    let mut message = Message::builder()
        .from(from)
        .to(Mailbox::new(None, address(&mail.recipient, "the recipient's address")?))
        .subject(one_line(&content.subject))
        .message_id(Some(mail.message_id.clone()))
        .date(date)
        .header(AutoSubmitted("auto-generated".to_owned()))
        .header(ContentLanguage(content.language.clone()));
    if let Some(reply_to) = &sender.reply_to {
        message = message.reply_to(Mailbox::new(None, address(reply_to, "the reply address")?));
    }
    let parts = MultiPart::alternative_plain_html(content.text.clone(), content.html.clone());
    message.multipart(parts).map_err(|error| Undelivered::for_good(error.to_string()))
}

fn address(text: &str, what: &str) -> Result<Address, Undelivered> {
    text.parse().map_err(|_| Undelivered::for_good(format!("{what} cannot be used in mail")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::TenantId;
    use crate::mail::sender::Route;
    use crate::store::mails::sample;

    fn sender(name: &str) -> Sender {
        Sender {
            address: "no-reply@demo.test".to_owned(),
            name: Some(name.to_owned()),
            reply_to: Some("help@demo.test".to_owned()),
            route: Route::Nowhere,
        }
    }

    fn content(subject: &str) -> Content {
        let (text, html) = ("Grüße\n.\nend".to_owned(), "<p>Grüße</p>".to_owned());
        Content { subject: subject.to_owned(), language: "de".to_owned(), text, html }
    }

    #[test]
    fn w113_no_name_and_no_subject_makes_a_header() {
        for hostile in ["x\r\nBcc: eve@evil.test", "x\nBcc: eve@evil.test", "\"x\" <eve@evil.test>,", "\0\r\n\r\nbody"]
        {
            let mail = sample(&TenantId::from("t"), "1");
            let message = message(&sender(hostile), "Demo", &mail, &content(hostile)).unwrap();
            let whole = String::from_utf8(message.formatted()).unwrap();
            let headers = whole.split("\r\n\r\n").next().unwrap();
            let names: Vec<_> = headers
                .split("\r\n")
                .filter(|line| !line.starts_with(' '))
                .filter_map(|l| l.split(':').next())
                .collect();
            assert!(!names.contains(&"Bcc"), "{headers}");
            assert_eq!(message.envelope().to().len(), 1);
            assert_eq!(message.envelope().from().unwrap().to_string(), "no-reply@demo.test");
        }
    }

    #[test]
    fn a_mail_says_what_it_is_and_has_its_own_id() {
        let mail = sample(&TenantId::from("t"), "1");
        let one = message(&sender("Demo"), "Demo", &mail, &content("Hallo")).unwrap().formatted();
        let text = String::from_utf8(one).unwrap();
        for header in [
            "From: Demo <no-reply@demo.test>",
            "To: Ada@one.test",
            "Reply-To: help@demo.test",
            "Message-ID: <1@localhost>",
            "Auto-Submitted: auto-generated",
            "Content-Language: de",
            "Date: Thu, 01 Jan 1970 00:00:05 +0000",
        ] {
            assert!(text.contains(header), "{header} in {text}");
        }
    }

    #[test]
    fn an_address_that_mail_cannot_carry_is_given_up_at_once() {
        let mut mail = sample(&TenantId::from("t"), "1");
        mail.recipient = "a..b@x".to_owned();
        assert!(message(&sender("Demo"), "Demo", &mail, &content("x")).unwrap_err().for_good);
    }
}
