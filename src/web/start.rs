//! The start page of the server. Who its tenants are is told on a developer's machine only (W-067).

use askama::Template;
use axum::extract::State;

use super::demonstration::{self, DemoTenant, Demonstration};
use crate::app::App;
use crate::frame::Brand;
use crate::http::page::platform;
use crate::http::{Page, context};

/// `GET /`.
pub async fn get(State(app): State<App>) -> Page<StartPage> {
    let try_it = if app.config.dev { Some(try_it(&app).await) } else { None };
    Page::new(StartPage { brand: platform(), try_it })
}

async fn try_it(app: &App) -> TryIt {
    let mut tenants: Vec<_> = Demonstration::read(app).await.tenants.into_iter().collect();
    tenants.sort_by_key(|(slug, _)| slug != demonstration::TENANT);
    let base = app.config.base();
    TryIt {
        app_href: format!("{base}/dev/app"),
        mailbox_href: format!("{base}/dev/mailbox"),
        tenants: tenants.into_iter().map(|(slug, tenant)| shown(&slug, tenant)).collect(),
    }
}

fn shown(slug: &str, tenant: DemoTenant) -> ShownTenant {
    let words = context::preferences().words();
    let role = |number| words.say(if number == 1 { "start-role-administrator" } else { "start-role-person" });
    let people = tenant.users.into_iter().enumerate();
    ShownTenant {
        name: slug.to_owned(),
        discovery_href: format!("{}/.well-known/openid-configuration", tenant.issuer),
        people: people
            .map(|(number, user)| ShownPerson { email: user.email, password: user.password, role: role(number) })
            .collect(),
    }
}

/// What a newcomer sees first.
#[derive(Template)]
#[template(path = "pages/start.html")]
pub struct StartPage {
    /// The platform.
    pub brand: Brand,
    /// What to try; none unless the server runs for development.
    pub try_it: Option<TryIt>,
}

/// Where to click, and with what credentials.
pub struct TryIt {
    /// The built-in application.
    pub app_href: String,
    /// The mails sent so far.
    pub mailbox_href: String,
    /// The tenants made for development.
    pub tenants: Vec<ShownTenant>,
}

/// A tenant made for development.
pub struct ShownTenant {
    /// Its name.
    pub name: String,
    /// Its discovery document.
    pub discovery_href: String,
    /// Its people.
    pub people: Vec<ShownPerson>,
}

/// A person made for development.
pub struct ShownPerson {
    /// What to type as user name.
    pub email: String,
    /// What to type as password.
    pub password: String,
    /// What the person may do.
    pub role: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, render, save};

    fn tenant(name: &str) -> ShownTenant {
        let person = |email: &str, role: &str| ShownPerson {
            email: email.to_owned(),
            password: "correct horse battery".to_owned(),
            role: role.to_owned(),
        };
        ShownTenant {
            name: name.to_owned(),
            discovery_href: "/t/demo/.well-known/openid-configuration".to_owned(),
            people: vec![person("ada@demo.test", "member"), person("grace@demo.test", "admin")],
        }
    }

    #[test]
    fn the_start_page_offers_the_built_in_application() {
        let try_it = TryIt {
            app_href: "/dev/app".to_owned(),
            mailbox_href: "/dev/mailbox".to_owned(),
            tenants: vec![tenant("Demo"), tenant("Acme")],
        };
        let html = save("start", &StartPage { brand: Brand::platform(), try_it: Some(try_it) });
        assert_hooks(
            &html,
            &[r#"<body data-page="start">"#, r#"<a id="try-it" class="button primary" href="/dev/app">"#],
        );
    }

    #[test]
    fn w067_without_development_it_names_no_tenant() {
        let html = render(&StartPage { brand: Brand::platform(), try_it: None });
        assert!(!html.contains("/dev/") && !html.contains("/t/"));
    }

    #[test]
    fn w043_no_field_escapes_its_place() {
        let hostile = || HOSTILE.to_owned();
        let people = vec![ShownPerson { email: hostile(), password: hostile(), role: hostile() }];
        let tenants = vec![ShownTenant { name: hostile(), discovery_href: hostile(), people }];
        let try_it = Some(TryIt { app_href: hostile(), mailbox_href: hostile(), tenants });
        assert_harmless(&StartPage { brand: Brand { name: hostile(), ..Brand::platform() }, try_it });
    }
}
