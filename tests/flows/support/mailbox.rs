//! The mails that an application has written.

use chancery::mail::{Content, Letter, Recipient};
use chancery::store::mails::{self, Mail};
use chancery::store::tenants::Tenant;

use super::TestApp;

/// A mail and what it says.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its row.
    pub mail: Mail,
    /// What it says.
    pub content: Content,
}

impl Written {
    /// The links in its text, in order.
    pub fn links(&self) -> Vec<String> {
        let words = self.content.text.split_whitespace();
        words.filter(|word| word.contains("://")).map(str::to_owned).collect()
    }

    /// The first link.
    pub fn link(&self) -> String {
        self.links().first().expect("the mail has no link").clone()
    }
}

impl TestApp {
    /// Every mail to this address that was not sent and forgotten, the newest first.
    pub async fn mails_to(&self, address: &str) -> Vec<Written> {
        let all = mails::newest_of_all_tenants(&self.app.db, 1_000).await.unwrap();
        let to = all.into_iter().filter(|mail| mail.recipient_key == address.to_lowercase());
        to.filter_map(|mail| Some(Written { content: self.app.mail.read(&mail).unwrap()?, mail })).collect()
    }

    /// The newest mail of this kind (as `Letter::kind` names it) to this address.
    pub async fn mail_to(&self, address: &str, kind: &str) -> Written {
        let all = self.mails_to(address).await;
        let kinds: Vec<_> = all.iter().map(|written| written.mail.kind.clone()).collect();
        let found = all.into_iter().find(|written| written.mail.kind == kind);
        found.unwrap_or_else(|| panic!("{address} has no mail {kind}, only {kinds:?}"))
    }

    /// Puts a letter into the outbox.
    pub async fn write(&self, tenant: &Tenant, to: &Recipient, letter: &Letter) {
        let mut tx = self.app.db.begin().await.unwrap();
        self.app.mail.send(&mut tx, tenant, to, letter).await.unwrap();
        tx.commit().await.unwrap();
    }
}
