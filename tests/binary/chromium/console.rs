//! An operator and an administrator at the console: a tenant is made and dressed, an administrator invited, who brings
//! an application, sees the sign-in in the trail and rotates the keys; then the tenant is suspended.

use super::driver::{Device, Window, is_there};
use crate::support::Server;
use crate::support::people::Person;

const ADMIN: &str = "grace@harbour.test";
const PASSWORD: &str = "a quiet harbour in spring";

#[tokio::test]
async fn a_tenant_is_made_and_run_by_console_on_a_desk() {
    if is_there() {
        runs_a_tenant(&Device::Desk).await;
    }
}

#[tokio::test]
async fn a_tenant_is_made_and_run_by_console_on_a_phone() {
    if is_there() {
        runs_a_tenant(&Device::Phone).await;
    }
}

async fn runs_a_tenant(device: &Device) {
    let story = Story { server: Server::new().await, window: Window::open(device).await };
    story.operator_makes_a_tenant().await;
    story.operator_dresses_it().await;
    story.operator_invites_an_administrator().await;
    story.administrator_accepts_by_mail().await;
    story.administrator_adds_an_application().await;
    story.administrator_sees_the_sign_in().await;
    story.administrator_rotates_the_keys().await;
    story.operator_suspends_it().await;
    story.end().await;
}

struct Story {
    server: Server,
    window: Window,
}

impl Story {
    /// The page is there, and fits the window and a thumb.
    async fn at(&self, page: &str) {
        self.window.shows(page).await;
        self.window.assert_comfortable().await.unwrap();
    }

    async fn open(&self, path: &str) {
        self.window.open_page(&format!("{}{path}", self.server.place.url)).await;
    }

    /// To a section by the navigation.
    async fn goes(&self, section: &str, page: &str) {
        self.window.click(&format!("nav.tabs a[href$=\"{section}\"]")).await;
        self.at(page).await;
    }

    async fn is_done(&self) {
        assert!(!self.window.text("#console-done").await.is_empty());
    }

    async fn signs_in(&self, email: &str, password: &str) {
        self.at("login").await;
        self.window.fill("#username", email).await;
        self.window.fill("#password", password).await;
        self.window.click("#login-submit").await;
    }

    async fn operator_makes_a_tenant(&self) {
        let operator = Person::operator_of_dev(&self.server.place);
        self.open("/console").await;
        self.signs_in(&operator.email, &operator.password).await;
        self.at("console-platform").await;
        self.window.click("#to-new-tenant").await;
        self.at("console-new-tenant").await;
        self.window.fill("#name", "Harbour <b>").await;
        self.window.fill("#slug", "harbour").await;
        self.window.click("#tenant-submit").await;
        self.at("console-overview").await;
        self.is_done().await;
        assert_eq!(self.window.text("#place").await, "Harbour <b>");
    }

    async fn operator_dresses_it(&self) {
        self.goes("/branding", "console-branding").await;
        self.window.fill("#name", "Harbour").await;
        self.window.click("#name-save").await;
        self.is_done().await;
        self.window.fill("#accent", "#0a7d5c").await;
        self.window.click("#branding-preview").await;
        self.at("console-branding").await;
        let color = "return getComputedStyle(document.querySelector('.preview .primary')).backgroundColor";
        let color = self.window.client.execute(color, Vec::new()).await.unwrap();
        assert_eq!(color, "rgb(10, 125, 92)", "the preview wears what is not yet saved");
        self.window.click("#branding-publish").await;
        self.is_done().await;
        self.at("console-branding").await;
    }

    async fn operator_invites_an_administrator(&self) {
        self.goes("/harbour", "console-overview").await;
        self.window.click("#to-invite").await;
        self.at("console-invitations").await;
        self.window.fill("#email", ADMIN).await;
        self.window.click("#role option[value=admin]").await;
        self.window.click("#invite-submit").await;
        self.is_done().await;
        self.at("console-invitations").await;
        assert_eq!(self.window.text("#invitations .item-title").await, ADMIN);
    }

    async fn administrator_accepts_by_mail(&self) {
        self.open("/dev/mailbox").await;
        self.window.shows("dev-mailbox").await;
        self.window.click("#mails a").await;
        self.window.shows("dev-mail").await;
        assert!(self.window.text("#mail-to").await.contains(ADMIN));
        self.window.click(".mail-link").await;
        self.at("invite").await;
        self.window.fill("#password", PASSWORD).await;
        self.window.click("#link-submit").await;
        self.window.text("#done").await;
        self.open("/t/harbour/console").await;
        self.signs_in(ADMIN, PASSWORD).await;
        self.at("console-overview").await;
        assert_eq!(self.window.text("#place").await, "Harbour");
        assert_eq!(self.window.text("#sign-ins .chart-total").await, "1");
    }

    async fn administrator_adds_an_application(&self) {
        self.window.click("#to-new-client").await;
        self.at("console-new-client").await;
        self.window.fill("#name", "Timetable").await;
        self.window.fill("#redirect_uris", "https://timetable.test/api/auth/callback/chancery").await;
        self.window.click("#client-submit").await;
        self.at("console-client").await;
        assert!(self.window.value("#secret").await.len() >= 43);
        self.window.click("#snippet-nextjs summary").await;
        let snippet = self.window.text("#snippet-nextjs code").await;
        let (id, issuer) = (self.window.text("#client-id").await, format!("{}/t/harbour", self.server.place.url));
        assert!(snippet.contains(&id) && snippet.contains(&issuer), "{snippet}");
        self.at("console-client").await;
    }

    async fn administrator_sees_the_sign_in(&self) {
        self.goes("/audit", "console-audit").await;
        self.window.click("#kind option[value=sign-ins]").await;
        self.window.click("#filter").await;
        self.at("console-audit").await;
        let row = self.window.text("#events [data-action=\"user.login\"]").await;
        assert!(row.contains(ADMIN), "{row}");
    }

    async fn administrator_rotates_the_keys(&self) {
        self.goes("/keys", "console-keys").await;
        let before = self.window.text("[aria-labelledby=of-RS256] .entry code").await;
        self.window.click("#rotate-RS256 button").await;
        self.is_done().await;
        self.at("console-keys").await;
        let states = self.window.text("[aria-labelledby=of-RS256]").await;
        assert!(states.contains("still accepted") && states.contains(&before), "{states}");
    }

    async fn operator_suspends_it(&self) {
        self.open("/console/tenants?q=harb").await;
        self.at("console-tenants").await;
        self.window.click("[data-tenant=harbour] a").await;
        self.goes("/standing", "console-standing").await;
        self.window.click("#sure").await;
        self.window.click("#suspend").await;
        self.is_done().await;
        self.at("console-standing").await;
        self.open("/t/harbour/console").await;
        self.at("error").await;
        assert_eq!(self.window.text("#error-code").await, "tenant_suspended");
    }

    async fn end(self) {
        let complaints = self.window.complaints().await;
        // The browser itself tells its console that the last page was refused.
        let others: Vec<_> = complaints.iter().filter(|told| !told.contains("403 (Forbidden)")).collect();
        assert!(others.is_empty(), "W-132: {others:#?}");
        self.window.close().await;
        self.server.done().await;
    }
}
