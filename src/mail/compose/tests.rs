//! Every letter in every language.

use super::*;
use crate::base::{Seconds, Timestamp};
use crate::mail::Factor;
use crate::store::tenants::Settings;

fn tenant(name: &str) -> Tenant {
    Tenant::new("demo".parse().unwrap(), name, Settings::default(), Timestamp(0))
}

fn link(to: &str) -> String {
    format!("https://id.example/t/demo/{to}?token=abc&x=1")
}

fn letters(text: &str) -> Vec<Letter> {
    let (text, account, lifetime) = (text.to_owned(), link("account"), Seconds(259_200));
    let factor = Factor::Passkey;
    vec![
        Letter::VerifyEmail { link: link("verify-email"), lifetime },
        Letter::AlreadyRegistered { sign_in: link("login"), recover: link("forgot-password") },
        Letter::AddressTaken { sign_in: link("login") },
        Letter::ResetPassword { link: link("reset-password"), lifetime },
        Letter::PasswordChanged { recover: link("forgot-password") },
        Letter::ConfirmEmail { link: link("confirm-email-change"), lifetime },
        Letter::EmailChanged { new_email: text.clone(), undo: link("undo"), lifetime },
        Letter::Invitation { inviter: Some(text.clone()), link: link("invite"), lifetime },
        Letter::Invitation { inviter: None, link: link("invite"), lifetime },
        Letter::OrganizationInvitation {
            inviter: Some(text.clone()),
            organization: text.clone(),
            link: link("invite"),
            lifetime,
        },
        Letter::OrganizationInvitation { inviter: None, organization: text.clone(), link: link("invite"), lifetime },
        Letter::SignInCode { code: Some("123456".to_owned()), link: Some(link("magic")), lifetime },
        Letter::SignInCode { code: None, link: Some(link("magic")), lifetime },
        Letter::NewDevice {
            device: text.clone(),
            address: Some(text.clone()),
            at: Timestamp(0),
            account: account.clone(),
        },
        Letter::FactorAdded { factor, account: account.clone() },
        Letter::FactorRemoved { factor: Factor::Totp, account: account.clone() },
        Letter::FactorAdded { factor: Factor::RecoveryCodes, account: account.clone() },
        Letter::RecoveryCodeUsed { left: 3, account: account.clone() },
        Letter::ProviderLinked { provider: text.clone(), account: account.clone() },
        Letter::WebhookDisabled { host: text.clone() },
        Letter::ProviderUnlinked { provider: text, account },
        Letter::AccountSuspended,
        Letter::AccountRestored { sign_in: link("login") },
        Letter::AccountDeleted { until: Timestamp(1_767_225_600) },
        Letter::Test,
    ]
}

fn to(language: Language) -> Recipient {
    Recipient::new("ada@demo.test".parse().unwrap()).speaking(Some(language)).named(Some("Ada Lovelace"))
}

#[test]
fn every_letter_is_whole_in_every_language() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/mails");
    std::fs::create_dir_all(&folder).unwrap();
    for language in Language::ALL {
        for (number, letter) in letters("Acme").iter().enumerate() {
            let mail = compose(&tenant("Demo"), &to(language), letter).unwrap();
            let name = format!("{}-{number:02}-{}.html", language.tag(), letter.kind());
            std::fs::write(folder.join(name), &mail.html).unwrap();
            for part in [&mail.subject, &mail.text, &mail.html] {
                assert!(!part.is_empty());
                assert!(!part.split_whitespace().any(|word| word.starts_with("mail-")), "{letter:?}: {part}");
                assert!(!part.contains("{ $"), "{letter:?}: {part}");
            }
            assert!(mail.text.contains("Ada Lovelace") && mail.text.contains("Demo"), "{}", mail.text);
            assert!(!mail.text.contains("\n\n\n") && !mail.text.contains("&#"), "{}", mail.text);
            for word in mail.text.split_whitespace().filter(|word| word.contains("://")) {
                let escaped = word.replace('&', "&#38;");
                assert!(mail.html.contains(&format!("href=\"{escaped}\"")), "{word} in {}", mail.html);
            }
        }
    }
}

#[test]
fn w019_the_lifetime_in_a_mail_is_the_configured_one() {
    for (lifetime, told) in [(Seconds(3_600), "1 hour"), (Seconds(86_400), "24 hours"), (Seconds(900), "15 minutes")] {
        for letter in [
            Letter::VerifyEmail { link: link("v"), lifetime },
            Letter::ResetPassword { link: link("r"), lifetime },
            Letter::ConfirmEmail { link: link("c"), lifetime },
            Letter::EmailChanged { new_email: "x@demo.test".to_owned(), undo: link("u"), lifetime },
            Letter::Invitation { inviter: None, link: link("i"), lifetime },
            Letter::SignInCode { code: Some("1".to_owned()), link: None, lifetime },
        ] {
            let mail = compose(&tenant("Demo"), &to(Language::English), &letter).unwrap();
            assert!(mail.text.contains(&format!(" {told}.")), "{told} in {}", mail.text);
            assert!(mail.html.contains(&format!(" {told}.")), "{told} in {}", mail.html);
        }
    }
}

#[test]
fn w113_a_hostile_name_is_text_in_html_and_one_line_in_headers() {
    let hostile = "<script>alert(1)</script>\r\nBcc: eve@evil.test";
    for language in Language::ALL {
        for letter in letters(hostile) {
            let mail = compose(&tenant(hostile), &to(language), &letter).unwrap();
            assert!(!mail.subject.contains(['\r', '\n']), "{}", mail.subject);
            assert!(!mail.html.contains("<script"), "{}", mail.html);
            assert!(mail.html.contains("&#60;script&#62;"), "{}", mail.html);
            assert!(!mail.text.contains("\nBcc:") && !mail.text.contains('\r'), "{}", mail.text);
        }
    }
}

#[test]
fn the_language_is_the_recipients_or_the_tenants() {
    let mut tenant = tenant("Demo");
    tenant.settings.0.language = Some("fr".to_owned());
    let nobody = Recipient::new("ada@demo.test".parse().unwrap());
    assert_eq!(compose(&tenant, &nobody, &Letter::Test).unwrap().language, "fr");
    assert_eq!(compose(&tenant, &to(Language::German), &Letter::Test).unwrap().language, "de");
}
