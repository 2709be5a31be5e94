//! The mailbox, for development only: the mails this server sent so far, without a mail server.

use askama::Template;
use axum::extract::{Path, State};

use super::demonstration;
use crate::app::App;
use crate::base::{Code, Refusal, TenantId};
use crate::frame::{Brand, Link};
use crate::http::{Page, PageError};
use crate::store::mails::{self, Mail};

/// Most mails listed.
const MOST: i64 = 200;

/// `GET /dev/mailbox`.
pub async fn list(State(app): State<App>) -> Result<Page<DevMailboxPage>, PageError> {
    demonstration::only(&app)?;
    let mails = mails::newest_of_all_tenants(&app.db, MOST).await?.iter().map(MailLine::of).collect();
    Ok(Page::new(DevMailboxPage { brand: Brand::platform(), mails }))
}

/// `GET /dev/mailbox/{tenant}/{mail}`.
pub async fn show(
    State(app): State<App>,
    Path((tenant, id)): Path<(String, String)>,
) -> Result<Page<DevMailPage>, PageError> {
    demonstration::only(&app)?;
    let mail = mails::by_id(&app.db, &TenantId::from(tenant), &id).await?;
    let mail = mail.ok_or_else(|| Refusal::new(Code::NotFound, "there is no such mail"))?;
    let text = app.mail.read(&mail)?.map_or_else(|| "It was sent, and forgotten.".to_owned(), |content| content.text);
    Ok(Page::new(DevMailPage {
        brand: Brand::platform(),
        mailbox_href: "/dev/mailbox".to_owned(),
        links: links_in(&text),
        sent: mail.created_at.rfc3339(),
        subject: mail.subject,
        to: mail.recipient,
        text,
    }))
}

impl MailLine {
    fn of(mail: &Mail) -> Self {
        Self {
            href: format!("/dev/mailbox/{}/{}", mail.tenant_id, mail.id),
            subject: mail.subject.clone(),
            to: mail.recipient.clone(),
            sent: mail.created_at.rfc3339(),
        }
    }
}

/// The list.
#[derive(Template)]
#[template(path = "pages/dev_mailbox.html")]
pub struct DevMailboxPage {
    /// How the page looks.
    pub brand: Brand,
    /// The mails, newest first.
    pub mails: Vec<MailLine>,
}

/// One line of the list.
pub struct MailLine {
    /// Where the mail is shown.
    pub href: String,
    /// Its subject.
    pub subject: String,
    /// Whom it went to.
    pub to: String,
    /// When it was sent.
    pub sent: String,
}

/// One mail.
#[derive(Template)]
#[template(path = "pages/dev_mail.html")]
pub struct DevMailPage {
    /// How the page looks.
    pub brand: Brand,
    /// Back to the list.
    pub mailbox_href: String,
    /// Its subject.
    pub subject: String,
    /// Whom it went to.
    pub to: String,
    /// When it was sent.
    pub sent: String,
    /// Its text part.
    pub text: String,
    /// The links in the text, to be followed by hand.
    pub links: Vec<Link>,
}

/// The links in a mail's text, in order.
#[must_use]
pub fn links_in(text: &str) -> Vec<Link> {
    text.split_whitespace().filter(|word| word.contains("://")).filter_map(Link::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, save};

    const TEXT: &str =
        "Hello Ada,\n\nplease confirm your address:\n\nhttp://localhost:8080/t/demo/verify?token=abc\n\nDemo";

    fn line(subject: &str) -> MailLine {
        MailLine {
            href: "/dev/mailbox/1".to_owned(),
            subject: subject.to_owned(),
            to: "ada@demo.test".to_owned(),
            sent: "2026-11-21 10:40:12".to_owned(),
        }
    }

    #[test]
    fn the_mailbox_lists_mails_and_shows_one() {
        let empty = DevMailboxPage { brand: Brand::platform(), mails: Vec::new() };
        assert_hooks(&save("dev-mailbox-empty", &empty), &[r#"<p id="mailbox-empty""#]);
        let mails =
            vec![line("Confirm your address"), MailLine { href: "/dev/mailbox/2".to_owned(), ..line("A new sign-in") }];
        let html = save("dev-mailbox", &DevMailboxPage { brand: Brand::platform(), mails });
        assert_hooks(&html, &[r#"<body data-page="dev-mailbox">"#, r#"<ul id="mails""#, r#"href="/dev/mailbox/1""#]);
        let mail = DevMailPage {
            brand: Brand::platform(),
            mailbox_href: "/dev/mailbox".to_owned(),
            subject: "Confirm your address".to_owned(),
            to: "ada@demo.test".to_owned(),
            sent: "2026-11-21 10:40:12".to_owned(),
            text: TEXT.to_owned(),
            links: links_in(TEXT),
        };
        let html = save("dev-mail", &mail);
        assert_hooks(
            &html,
            &[r#"<body data-page="dev-mail">"#, r#"<pre id="mail-text""#, r#"<a class="mail-link" href="#],
        );
        assert!(html.contains("verify?token=abc"));
    }

    #[test]
    fn w043_no_field_escapes_its_place() {
        let hostile = || HOSTILE.to_owned();
        let brand = || Brand { name: hostile(), ..Brand::platform() };
        let mails = vec![MailLine { href: hostile(), subject: hostile(), to: hostile(), sent: hostile() }];
        assert_harmless(&DevMailboxPage { brand: brand(), mails });
        assert_harmless(&DevMailPage {
            brand: brand(),
            mailbox_href: hostile(),
            subject: hostile(),
            to: hostile(),
            sent: hostile(),
            text: hostile(),
            links: links_in(HOSTILE),
        });
    }
}
