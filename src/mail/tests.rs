//! The outbox.

use super::*;
use crate::base::{Seconds, TenantId, Timestamp};
use crate::config::Overrides;
use crate::keys::{MasterKey, Schedule};
use crate::store::tenants;
use crate::store::testing::{databases, tenant};

fn mail(db: &Db, change: impl FnOnce(&mut Config)) -> Mail {
    let mut config = Config::load(&Overrides::default()).unwrap();
    change(&mut config);
    let clock = Clock::fixed(Timestamp(1_000_000));
    let master = MasterKey::parse(&MasterKey::generate()).unwrap();
    let keys = Keys::new(db.clone(), master, clock.clone(), Schedule::default()).unwrap();
    Mail::new(&config, clock, db.clone(), keys)
}

async fn found(db: &Db, id: &TenantId) -> Tenant {
    tenants::by_id(db, id).await.unwrap().unwrap()
}

fn reset() -> Letter {
    Letter::ResetPassword { link: "https://id.example/r?token=s3cr3t".to_owned(), lifetime: Seconds(3_600) }
}

fn to(address: &str, from: &str) -> Recipient {
    let origin = crate::base::Origin { ip: Some(from.to_owned()), ..Default::default() };
    Recipient::new(address.parse().unwrap()).asked_from(&origin)
}

async fn send(mail: &Mail, tenant: &Tenant, to: &Recipient, letter: &Letter) -> Result<()> {
    let mut tx = mail.db.begin().await.unwrap();
    mail.send(&mut tx, tenant, to, letter).await?;
    tx.commit().await.unwrap();
    Ok(())
}

async fn written(db: &Db) -> usize {
    store::newest_of_all_tenants(db, 1_000).await.unwrap().len()
}

#[tokio::test]
async fn w113_a_letter_is_in_the_outbox_if_and_only_if_its_cause_is_committed() {
    for db in databases().await {
        let (mail, one) = (mail(&db, |_| {}), tenant(&db, "one").await);
        let one = found(&db, &one).await;
        let mut tx = db.begin().await.unwrap();
        mail.send(&mut tx, &one, &to("ada@one.test", "192.0.2.1"), &reset()).await.unwrap();
        drop(tx);
        assert_eq!(written(&db).await, 0);
        send(&mail, &one, &to("ada@one.test", "192.0.2.1"), &reset()).await.unwrap();
        let row = store::newest_of_all_tenants(&db, 1).await.unwrap().remove(0);
        assert!(!format!("{row:?}").contains("s3cr3t"), "a link lies in the store");
        let content = mail.read(&row).unwrap().unwrap();
        assert!(content.text.contains("token=s3cr3t"));
        assert_eq!(content.subject, row.subject);
        assert_eq!(row.message_id, format!("<{}@localhost>", row.id));
    }
}

#[tokio::test]
async fn w115_strangers_have_a_budget_per_address_per_asker_and_per_tenant() {
    for db in databases().await {
        let mail = mail(&db, |config| {
            config.mail.per_address_hour = 2;
            config.mail.per_ip_hour = 3;
            config.mail.requested_per_tenant_hour = 5;
        });
        let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
        let (one, two) = (found(&db, &one).await, found(&db, &two).await);
        for (address, from, all) in [
            ("a@x.test", "192.0.2.1", 1),
            ("A@x.test", "192.0.2.1", 2),
            ("a@x.test", "192.0.2.2", 2),
            ("b@x.test", "192.0.2.1", 3),
            ("c@x.test", "192.0.2.1", 3),
            ("c@x.test", "192.0.2.2", 4),
            ("d@x.test", "192.0.2.3", 5),
            ("e@x.test", "192.0.2.4", 5),
        ] {
            send(&mail, &one, &to(address, from), &reset()).await.unwrap();
            assert_eq!(written(&db).await, all, "{address} from {from}");
        }
        send(&mail, &two, &to("e@x.test", "192.0.2.4"), &reset()).await.unwrap();
        assert_eq!(written(&db).await, 6, "another tenant has its own budget");
        let invitation = Letter::Invitation { inviter: None, link: "https://x".to_owned(), lifetime: Seconds(60) };
        send(&mail, &one, &to("a@x.test", "192.0.2.1"), &invitation).await.unwrap();
        let changed = Letter::PasswordChanged { recover: "https://x".to_owned() };
        send(&mail, &one, &to("a@x.test", "192.0.2.1"), &changed).await.unwrap();
        assert_eq!(written(&db).await, 8, "what administrators cause, and what warns, is not for strangers to use up");
        mail.clock.advance(Seconds(3_601));
        send(&mail, &one, &to("a@x.test", "192.0.2.1"), &reset()).await.unwrap();
        assert_eq!(written(&db).await, 9, "an hour later");
    }
}

#[tokio::test]
async fn w115_a_tenant_learns_that_it_has_sent_too_many_invitations() {
    for db in databases().await {
        let mail = mail(&db, |config| config.mail.per_tenant_day = 1);
        let one = tenant(&db, "one").await;
        let one = found(&db, &one).await;
        let invitation = Letter::Invitation { inviter: None, link: "https://x".to_owned(), lifetime: Seconds(60) };
        send(&mail, &one, &to("a@x.test", "192.0.2.1"), &invitation).await.unwrap();
        let Err(Stop::Refused(refusal)) = send(&mail, &one, &to("b@x.test", "192.0.2.1"), &invitation).await else {
            panic!("it was sent")
        };
        assert_eq!(refusal.code, Code::TooManyRequests);
    }
}
