//! A tenant's mails, and whether they leave: `{console}/mail`. What a mail says is not shown.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Admin, Halt, Sent, outcome};
use super::list::{Asked, Pager};
use super::needs::ChangeTenant;
use super::shell::{Shell, done};
use crate::app::App;
use crate::base::{Code, Email, Params, Refusal, Result, Stop};
use crate::frame::{Brand, Words};
use crate::http::answer::see_other;
use crate::http::routes::CONSOLE_MAIL;
use crate::http::{Page, Query};
use crate::mail::Shown;
use crate::store::mails::MailState;

/// The states to choose from, and the words for them.
const STATES: [(&str, &str); 4] = [
    ("", "console-mail-all"),
    ("waiting", "console-mail-waiting"),
    ("sent", "console-mail-sent"),
    ("dead", "console-mail-dead"),
];

/// Shows a page of them.
pub async fn get(State(app): State<App>, admin: Admin<ChangeTenant>, Query(query): Query) -> Result<Response, Halt> {
    page(&app, &admin, &query, None).await
}

/// Sends one after all, or one that only says that mail works.
pub async fn post(State(app): State<App>, admin: Admin<ChangeTenant>, Sent(form): Sent) -> Result<Response, Halt> {
    match outcome(send(&app, &admin, &form).await)? {
        Ok(()) => Ok(see_other(&done(&admin.path(CONSOLE_MAIL), "sent"))?),
        Err(refusal) => page(&app, &admin, &Params::default(), Some(&refusal)).await,
    }
}

async fn send(app: &App, admin: &Admin<ChangeTenant>, form: &Params) -> Result<()> {
    let by = admin.actor();
    if let Some(mail) = form.get("mail") {
        return app.mail.again(&admin.tenant, mail, &by).await;
    }
    let wrong = || Stop::refuse(Code::Unprocessable, "this is not an e-mail address");
    let to: Email = form.get("to").unwrap_or_default().parse().map_err(|_| wrong())?;
    app.mail.test(&admin.tenant, to, &by).await.map(drop)
}

async fn page(
    app: &App,
    admin: &Admin<ChangeTenant>,
    query: &Params,
    refusal: Option<&Refusal>,
) -> Result<Response, Halt> {
    let (asked, brand) = (Asked::read(query), admin.brand());
    let state = STATES.iter().map(|(name, _)| *name).find(|name| query.get("state") == Some(*name)).unwrap_or("");
    let wanted: Option<MailState> = state.parse().ok();
    let mut found = app.mail.page(&admin.tenant, wanted, (&asked.after, asked.limit())).await?;
    let pager = Pager::of(&admin.path(CONSOLE_MAIL), &asked, &[("state", state)], &mut found, |mail| mail.id.clone());
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let page = MailPage {
        shell: Shell::of_tenant(admin, "console-mail", query).await?.refused(brand.words, refusal),
        states: STATES.map(|(name, word)| (name, brand.words.say(word), name == state)).to_vec(),
        rows: found.into_iter().map(|mail| Row::of(brand.words, mail)).collect(),
        warnings: app.mail.information(&admin.tenant).await?.warnings,
        to: admin.who.user.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
        pager,
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// A mail in the list.
#[derive(Debug)]
pub struct Row {
    /// The mail.
    pub mail: Shown,
    /// What has become of it, in a word.
    pub state: String,
    /// Whether it was given up.
    pub dead: bool,
    /// Whether it can be sent now.
    pub can_go: bool,
    /// When it was written.
    pub day: String,
}

impl Row {
    fn of(words: Words, mail: Shown) -> Self {
        let state = match mail.state {
            MailState::Waiting => "console-mail-waiting",
            MailState::Sent => "console-mail-sent",
            MailState::Dead => "console-mail-dead",
            MailState::Withheld => "console-mail-withheld",
        };
        let dead = mail.state == MailState::Dead;
        let can_go = dead || (mail.state == MailState::Waiting && mail.attempts > 0);
        let day = mail.created_at.replace('T', " ").trim_end_matches('Z').to_owned();
        Self { state: words.say(state), dead, can_go, day, mail }
    }
}

/// The list. Its forms send back `csrf`, and `mail` to send one after all or `to` for one that only tries.
#[derive(Template)]
#[template(path = "pages/console/mail.html")]
pub struct MailPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// The states to choose from: name, word, and whether it is chosen.
    pub states: Vec<(&'static str, String, bool)>,
    /// The mails.
    pub rows: Vec<Row>,
    /// What an administrator should know of the sender.
    pub warnings: Vec<&'static str>,
    /// Where a mail that only tries goes.
    pub to: String,
    /// The links below.
    pub pager: Pager,
}
