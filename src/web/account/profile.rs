//! Name, picture and language: `{T}/account/profile`.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value};

use super::shell::{Section, Shell, visitor};
use crate::app::App;
use crate::base::{Actor, Params};
use crate::frame::{Brand, Language};
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::page::{brand_of, here};
use crate::http::routes::ACCOUNT_PROFILE;
use crate::http::{Browser, Form, Page, PageError, Query, Tenant};
use crate::people::Wish;
use crate::sessions::SignedIn;
use crate::web::turn::check;

/// The fields of the form.
const FIELDS: [&str; 3] = ["name", "picture", "locale"];

/// Shows the form.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    match visitor((&app, &tenant, &browser), ACCOUNT_PROFILE).await? {
        Ok(who) => {
            let page = page((&app, &tenant, &browser), &who).await?;
            Ok(Page::new(ProfilePage { saved: query.get("saved").is_some(), ..page }).into_response())
        }
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// Saves it, or shows what cannot be.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let who = match visitor((&app, &tenant, &browser), ACCOUNT_PROFILE).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let wishes = FIELDS.map(|name| (name, wished(&form, name)));
    let wrong = wishes.iter().find(|(name, value)| wish([(*name, value.clone())]).is_err()).map(|(name, _)| *name);
    let Some(wrong) = wrong else {
        let by = Actor { id: who.user.id.to_string(), origin: origin() };
        app.people.change(&tenant, &who.user.id, &wish(wishes)?, &by).await?;
        return see_other(&format!("{}?saved=1", here(&tenant, ACCOUNT_PROFILE)));
    };
    let page = page((&app, &tenant, &browser), &who).await?;
    let sentence = match wrong {
        "picture" => page.brand.words.say("account-picture-wrong"),
        _ => page.brand.words.say("account-field-wrong"),
    };
    let page = ProfilePage {
        name: form.get("name").unwrap_or_default().to_owned(),
        picture: form.get("picture").unwrap_or_default().to_owned(),
        wrong: Some((wrong, sentence)),
        ..page
    };
    Ok(Page::new(page).status(StatusCode::UNPROCESSABLE_ENTITY).into_response())
}

/// What the form says of a field; an empty one takes it away.
fn wished(form: &Params, name: &str) -> Value {
    match form.get(name).map(str::trim) {
        Some("") | None => Value::Null,
        Some(text) => Value::from(text),
    }
}

fn wish<const N: usize>(members: [(&str, Value); N]) -> Result<Wish, crate::base::Refusal> {
    Wish::of_person(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

async fn page((app, tenant, browser): (&App, &Tenant, &Browser), who: &SignedIn) -> Result<ProfilePage, PageError> {
    let person = app.people.describe(tenant, &who.user.id).await?;
    let brand = brand_of(tenant);
    let profile = &person.user.profile;
    let metadata = Some(&person.user_metadata.0).filter(|metadata| !metadata.is_empty());
    Ok(ProfilePage {
        shell: Shell::new(tenant, brand.words, Section::Profile),
        action: here(tenant, ACCOUNT_PROFILE),
        csrf: browser.csrf().await?,
        name: profile.name.clone().unwrap_or_default(),
        picture: profile.picture.clone().unwrap_or_default(),
        languages: languages(profile.locale.as_deref(), brand.words.say("account-language-of-browser")),
        metadata: metadata.map(serde_json::to_string_pretty).transpose()?,
        saved: false,
        wrong: None,
        brand,
    })
}

/// What the person can choose: the tag, its name in that language, and whether it is chosen. A choice that an
/// application made stays one.
fn languages(chosen: Option<&str>, by_browser: String) -> Vec<(String, String, bool)> {
    const NAMES: [&str; 4] = ["English", "Español", "Français", "Deutsch"];
    let ours = Language::ALL.iter().zip(NAMES).map(|(language, name)| (language.tag().to_owned(), name.to_owned()));
    let own = chosen.filter(|tag| !Language::ALL.iter().any(|language| language.tag() == *tag));
    let own = own.map(|tag| {
        let known =
            Language::of_tag(tag).and_then(|known| Language::ALL.iter().position(|language| *language == known));
        (tag.to_owned(), known.map_or_else(|| tag.to_owned(), |at| format!("{} ({tag})", NAMES[at])))
    });
    let all = std::iter::once((String::new(), by_browser)).chain(ours).chain(own);
    all.map(|(tag, name)| {
        let here = tag == chosen.unwrap_or_default();
        (tag, name, here)
    })
    .collect()
}

/// The form. What it sends back is `csrf`, `name`, `picture` and `locale`.
#[derive(Template)]
#[template(path = "pages/account_profile.html")]
pub struct ProfilePage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// The full name.
    pub name: String,
    /// The picture's URL.
    pub picture: String,
    /// Tag, name and whether it is chosen.
    pub languages: Vec<(String, String, bool)>,
    /// What applications keep here, as JSON.
    pub metadata: Option<String>,
    /// Whether it was saved just now.
    pub saved: bool,
    /// The field that cannot be that, and why.
    pub wrong: Option<(&'static str, String)>,
}

impl ProfilePage {
    fn wrong_at(&self, field: &str) -> Option<&str> {
        self.wrong.as_ref().filter(|(name, _)| *name == field).map(|(_, why)| why.as_str())
    }
}
