//! One's own account by page: without scripts, each task on a page of its own, and nothing from elsewhere.

use chancery::base::Seconds;
use chancery::store::users::Role;
use serde_json::Value;

use super::support::{PASSWORD, Person, World};

const ADA: &str = "ada@demo.test";

async fn signed_in(world: &World) -> Person {
    let mut ada = Person::default();
    ada.open(&world.app, "/t/demo/login").await;
    sign_in(world, &mut ada).await;
    ada
}

async fn sign_in(world: &World, ada: &mut Person) -> String {
    let answer = ada.submit(&world.app, "login-form", &[("username", ADA), ("password", PASSWORD)]).await;
    answer.page().to_owned()
}

#[tokio::test]
async fn every_page_is_for_somebody_who_is_signed_in_and_is_come_back_to() {
    let world = World::new().await;
    for page in ["profile", "security", "sessions", "applications", "activity", "data"] {
        let mut ada = Person::default();
        let path = format!("/t/demo/account/{page}");
        assert_eq!(ada.open(&world.app, &path).await.page(), "login", "{page}");
        assert_eq!(sign_in(&world, &mut ada).await, format!("account-{page}"));
        let answer = ada.open(&world.app, &path).await;
        assert!(answer.header("cache-control").contains("no-store"), "{page}: {:?}", answer.headers);
        assert_eq!(answer.body.matches("aria-current=\"page\"").count(), 1, "{page}");
    }
}

#[tokio::test]
async fn a_profile_is_saved_or_says_beside_the_field_what_is_wrong() {
    let world = World::new().await;
    let mut ada = signed_in(&world).await;
    ada.open(&world.app, "/t/demo/account/profile").await;
    let wrong = [("name", "Ada <b>"), ("picture", "javascript:alert(1)"), ("locale", "")];
    let answer = ada.submit(&world.app, "profile-form", &wrong).await;
    assert_eq!((answer.status.as_u16(), answer.page()), (422, "account-profile"));
    assert!(answer.body.contains("id=\"picture-error\"") && answer.body.contains("Ada &#60;b&#62;"));
    let right =
        [("name", "Ada Lovelace"), ("picture", "https://demo.test/ada.png"), ("locale", "de"), ("role", "owner")];
    let answer = ada.submit(&world.app, "profile-form", &right).await;
    assert!(answer.body.contains("id=\"saved\"") && answer.body.contains("<html lang=\"de\">"), "{}", answer.body);
    let user = world.app.app.accounts.look_up(&world.tenant, ADA).await.unwrap();
    assert_eq!((user.profile.name.as_deref(), user.role), (Some("Ada Lovelace"), Role::User), "U6");
    let again = [("name", ""), ("picture", ""), ("locale", "")];
    ada.submit(&world.app, "profile-form", &again).await;
    let user = world.app.app.accounts.look_up(&world.tenant, ADA).await.unwrap();
    assert_eq!((user.profile.name.as_deref(), user.profile.picture.as_deref()), (None, None));
}

#[tokio::test]
async fn one_browser_signs_out_the_others() {
    let world = World::new().await;
    let (mut here, mut there) = (signed_in(&world).await, signed_in(&world).await);
    let page = here.open(&world.app, "/t/demo/account/sessions").await;
    assert_eq!(page.body.matches("class=\"entry\"").count(), 2);
    assert_eq!(there.open(&world.app, "/t/demo/account").await.page(), "account");
    let left = here.submit(&world.app, "end-others-form", &[]).await;
    assert_eq!((left.page(), left.body.matches("class=\"entry\"").count()), ("account-sessions", 1));
    assert_eq!(there.open(&world.app, "/t/demo/account").await.page(), "login");
    assert_eq!(here.open(&world.app, "/t/demo/account").await.page(), "account");
}

#[tokio::test]
async fn w044_no_form_of_the_account_passes_without_its_token() {
    let world = World::new().await;
    let mut ada = signed_in(&world).await;
    let forms =
        [("profile", "profile-form"), ("data", "data-form"), ("password", "password-form"), ("email", "email-form")];
    for (page, form) in forms {
        ada.open(&world.app, &format!("/t/demo/account/{page}")).await;
        let answer = ada.submit_only(&world.app, form, &[("csrf", "x")]).await;
        assert_eq!(answer.status, 403, "{page}");
    }
}

#[tokio::test]
async fn an_application_is_shown_in_words_and_its_access_taken_back() {
    let world = World::new().await;
    let mut ada = Person::default();
    ada.open(&world.app, &world.authorize(&[("scope", "openid email offline_access")])).await;
    sign_in(&world, &mut ada).await;
    ada.submit(&world.app, "consent-form", &[("decision", "allow")]).await;
    let page = ada.open(&world.app, "/t/demo/account/applications").await;
    assert!(page.body.contains("Calendar &#60;b&#62;") && page.body.contains("Your e-mail address"), "{}", page.body);
    ada.page = page.body.replacen("<form method=\"post\"", "<form id=\"take-back\" method=\"post\"", 1);
    let page = ada.submit(&world.app, "take-back", &[]).await;
    assert!(page.body.contains("id=\"no-applications\""), "{}", page.body);
    assert_eq!(ada.open(&world.app, &world.authorize(&[])).await.page(), "consent", "it has to ask again");
    let page = ada.open(&world.app, "/t/demo/account/activity").await;
    assert!(page.body.contains("access taken back"), "{}", page.body);
}

#[tokio::test]
async fn a_copy_of_all_data_is_a_file() {
    let world = World::new().await;
    let mut ada = signed_in(&world).await;
    ada.open(&world.app, "/t/demo/account/data").await;
    let answer = ada.submit_only(&world.app, "data-form", &[]).await;
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"account.json\"");
    let data: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(data["account"]["email"], ADA);
    world.app.clock.advance(Seconds(601));
    ada.open(&world.app, "/t/demo/account/data").await;
    assert_eq!(ada.submit(&world.app, "data-form", &[]).await.page(), "login", "W-026");
    assert_eq!(sign_in(&world, &mut ada).await, "account-data");
}

#[tokio::test]
async fn w026_an_account_is_deleted_after_signing_in_again_and_saying_so() {
    let world = World::new().await;
    let mut ada = signed_in(&world).await;
    world.app.clock.advance(Seconds(601));
    assert_eq!(ada.open(&world.app, "/t/demo/account/delete").await.page(), "login");
    assert_eq!(sign_in(&world, &mut ada).await, "account-delete");
    let unsure = ada.submit(&world.app, "delete-form", &[]).await;
    assert!(unsure.page() == "account-delete" && unsure.body.contains("id=\"delete-error\""), "{}", unsure.body);
    let done = ada.submit(&world.app, "delete-form", &[("sure", "yes")]).await;
    assert!(done.page() == "account-deleted" && done.body.contains("2026-01-31"), "{}", done.body);
    assert_eq!(ada.open(&world.app, "/t/demo/account").await.page(), "login");
    assert_eq!(sign_in(&world, &mut ada).await, "login");
}

#[tokio::test]
async fn w070_the_only_owner_is_told_why_not() {
    let world = World::new().await;
    world.promote(ADA, Role::Owner).await;
    let mut ada = signed_in(&world).await;
    ada.open(&world.app, "/t/demo/account/delete").await;
    let answer = ada.submit(&world.app, "delete-form", &[("sure", "yes")]).await;
    assert_eq!((answer.status.as_u16(), answer.page()), (409, "account-delete"));
    assert!(answer.body.contains("This is the only owner"), "{}", answer.body);
}

#[tokio::test]
async fn another_password_needs_the_present_one_and_signs_the_others_out() {
    let world = World::new().await;
    let (mut ada, mut other) = (signed_in(&world).await, signed_in(&world).await);
    ada.open(&world.app, "/t/demo/account/password").await;
    let cookie = ada.cookies["chancery"].0.clone();
    let new = "seven maids with seven mops";
    let wrong = ada.submit(&world.app, "password-form", &[("current_password", "x"), ("new_password", new)]).await;
    assert!(wrong.page() == "account-password" && wrong.body.contains("id=\"password-error\""), "{}", wrong.body);
    let right = [("current_password", PASSWORD), ("new_password", new)];
    assert_eq!(ada.submit(&world.app, "password-form", &right).await.page(), "account-security");
    assert_ne!(ada.cookies["chancery"].0, cookie, "a new id after a change of rights");
    assert_eq!(ada.open(&world.app, "/t/demo/account").await.page(), "account");
    assert_eq!(other.open(&world.app, "/t/demo/account").await.page(), "login");
}

#[tokio::test]
async fn another_address_is_asked_first() {
    let world = World::new().await;
    let mut ada = signed_in(&world).await;
    ada.open(&world.app, "/t/demo/account/email").await;
    let wrong = ada.submit(&world.app, "email-form", &[("email", "nowhere"), ("current_password", PASSWORD)]).await;
    assert!(wrong.body.contains("id=\"email-error\""), "{}", wrong.body);
    let sent =
        ada.submit(&world.app, "email-form", &[("email", "countess@demo.test"), ("current_password", PASSWORD)]).await;
    assert!(sent.body.contains("id=\"email-sent\""), "{}", sent.body);
    let user = world.app.app.accounts.look_up(&world.tenant, ADA).await.unwrap();
    assert_eq!(user.email.unwrap().as_str(), ADA);
}
