//! What a tenant allows: `{console}/settings`. Each field is a setting by its own path, as the command line has it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::desk::{Admin, Halt, Sent, outcome};
use super::needs::ChangeTenant;
use super::shell::{Shell, done};
use crate::app::App;
use crate::base::{Params, Refusal, Result};
use crate::frame::{Brand, Language, Words};
use crate::http::answer::see_other;
use crate::http::routes::CONSOLE_SETTINGS;
use crate::http::{Page, Query};
use crate::store::tenants::Settings;
use crate::tenants::set_setting;

/// How a setting is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Switch,
    Number,
    Text,
    Language,
}

/// A setting: where it is, what it is, and the word for it.
type Row = (&'static str, Kind, &'static str);

/// What can be set here, in groups, each with the word for it.
const GROUPS: [(&str, &[Row]); 4] = [
    (
        "console-set-entering",
        &[
            ("self_registration", Kind::Switch, "console-set-self-registration"),
            ("sign_in.password", Kind::Switch, "console-set-by-password"),
            ("sign_in.passkey", Kind::Switch, "console-set-by-passkey"),
            ("sign_in.email_code", Kind::Switch, "console-set-by-code"),
            ("sign_in.magic_link", Kind::Switch, "console-set-by-link"),
            ("unverified_sign_in", Kind::Switch, "console-set-unverified"),
            ("allowed_domains", Kind::Text, "console-set-domains"),
        ],
    ),
    (
        "console-set-security",
        &[
            ("second_factor.required", Kind::Switch, "console-set-second-factor"),
            ("passwords.shortest", Kind::Number, "console-set-shortest"),
            ("passwords.refuse_common", Kind::Switch, "console-set-common"),
        ],
    ),
    (
        "console-set-lifetimes",
        &[
            ("lifetimes.access_token", Kind::Number, "console-set-access-token"),
            ("lifetimes.refresh_idle", Kind::Number, "console-set-refresh-idle"),
            ("lifetimes.session_idle", Kind::Number, "console-set-session-idle"),
            ("lifetimes.session_absolute", Kind::Number, "console-set-session-absolute"),
            ("lifetimes.invitation", Kind::Number, "console-set-invitation"),
        ],
    ),
    (
        "console-set-places",
        &[
            ("language", Kind::Language, "account-language"),
            ("frontend_url", Kind::Text, "console-set-frontend"),
            ("redirect_origins", Kind::Text, "console-set-origins"),
            ("scopes", Kind::Text, "console-set-scopes"),
            ("resources", Kind::Text, "console-set-resources"),
        ],
    ),
];

/// The form, as things are.
pub async fn get(admin: Admin<ChangeTenant>, Query(query): Query) -> Result<Response, Halt> {
    let now = serde_json::to_value(&admin.tenant.settings.0)?;
    page(&admin, |path| shown(now.pointer(&format!("/{}", path.replace('.', "/")))), &query, None).await
}

/// Stores it.
pub async fn post(State(app): State<App>, admin: Admin<ChangeTenant>, Sent(form): Sent) -> Result<Response, Halt> {
    match outcome(save(&app, &admin, &form).await)? {
        Ok(()) => Ok(see_other(&done(&admin.path(CONSOLE_SETTINGS), "saved"))?),
        Err(refusal) => {
            let typed = |path: &str| form.get(path).unwrap_or_default().to_owned();
            page(&admin, typed, &Params::default(), Some(&refusal)).await
        }
    }
}

async fn save(app: &App, admin: &Admin<ChangeTenant>, form: &Params) -> Result<()> {
    let mut tenant = app.tenants.look_up(admin.tenant.slug.as_str()).await?;
    take(&mut tenant.settings.0, form)?;
    app.tenants.change(&app.clock, &tenant, "tenant.updated", &admin.actor()).await
}

/// Takes over what the form says. A box that is not ticked is not sent.
fn take(settings: &mut Settings, form: &Params) -> Result<()> {
    for (path, kind, _) in GROUPS.iter().flat_map(|(_, fields)| *fields) {
        let typed = form.get(path).unwrap_or_default().trim();
        let value = match kind {
            Kind::Switch if typed.is_empty() => "false".to_owned(),
            Kind::Switch => "true".to_owned(),
            Kind::Text => typed.split([',', ' ']).filter(|item| !item.is_empty()).collect::<Vec<_>>().join(","),
            Kind::Number | Kind::Language => typed.to_owned(),
        };
        set_setting(settings, &format!("{path}={value}"))?;
    }
    Ok(())
}

/// A setting as it stands in a form; a switch that is off is nothing.
fn shown(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(true)) => "true".to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    }
}

async fn page(
    admin: &Admin<ChangeTenant>,
    value: impl Fn(&str) -> String,
    query: &Params,
    refusal: Option<&Refusal>,
) -> Result<Response, Halt> {
    let brand = admin.brand();
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let shell = Shell::of_tenant(admin, "console-settings", query).await?.refused(brand.words, refusal);
    let groups = GROUPS.map(|(title, fields)| Group {
        title: brand.words.say(title),
        fields: fields.iter().map(|field| Field::new(brand.words, *field, &value)).collect(),
    });
    let page = SettingsPage { shell, groups: groups.to_vec(), brand };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// A field of the form.
#[derive(Clone, Debug)]
pub struct Field {
    /// The setting's path.
    pub name: &'static str,
    /// What it means.
    pub label: String,
    /// What it is.
    pub value: String,
    /// What it can be, where that is a choice: the value and the word for it.
    pub choices: Vec<(String, String)>,
    kind: Kind,
}

impl Field {
    fn new(words: Words, (name, kind, label): (&'static str, Kind, &str), value: &impl Fn(&str) -> String) -> Self {
        let languages = || Language::ALL.map(|language| (language.tag().to_owned(), native(language).to_owned()));
        let any = (String::new(), words.say("account-language-of-browser"));
        let choices = (kind == Kind::Language).then(|| std::iter::once(any).chain(languages()).collect());
        Self { name, label: words.say(label), value: value(name), choices: choices.unwrap_or_default(), kind }
    }

    /// Whether it is a box to tick.
    #[must_use]
    pub fn is_switch(&self) -> bool {
        self.kind == Kind::Switch
    }

    /// What the browser lets one type.
    #[must_use]
    pub fn mode(&self) -> &'static str {
        if self.kind == Kind::Number { "numeric" } else { "text" }
    }
}

/// What a language calls itself.
const fn native(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Spanish => "Español",
        Language::French => "Français",
        Language::German => "Deutsch",
    }
}

/// Fields that belong together.
#[derive(Clone, Debug)]
pub struct Group {
    /// What they are about.
    pub title: String,
    /// They.
    pub fields: Vec<Field>,
}

/// The form. It sends back `csrf` and every setting by its path.
#[derive(Template)]
#[template(path = "pages/console/settings.html")]
pub struct SettingsPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// What can be set.
    pub groups: Vec<Group>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_is_sent_back_untouched_changes_nothing_and_every_field_has_words() {
        let settings = Settings { redirect_origins: vec!["https://a.test".to_owned()], ..Settings::default() };
        let now = serde_json::to_value(&settings).unwrap();
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (path, kind, word) in GROUPS.iter().flat_map(|(_, fields)| *fields) {
            for language in Language::ALL {
                assert_ne!(&Words::of(language).say(word), word, "{language:?}");
            }
            let value = shown(now.pointer(&format!("/{}", path.replace('.', "/"))));
            if *kind != Kind::Switch || !value.is_empty() {
                pairs.append_pair(path, &value);
            }
        }
        let mut after = settings.clone();
        take(&mut after, &Params::parse(pairs.finish().as_bytes()).unwrap()).unwrap();
        assert_eq!(after, settings);
    }
}
