//! The mails of all tenants that were given up, for operators: `{P}/console/mails`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Halt, Operator, Sent, outcome};
use super::list::{Asked, Pager};
use super::shell::{Shell, done};
use crate::app::App;
use crate::base::{Code, Params, Refusal, Result, Stop, TenantId, Timestamp};
use crate::frame::{Brand, When};
use crate::http::answer::see_other;
use crate::http::routes::{CONSOLE_MAILS, CONSOLE_TENANTS};
use crate::http::{Page, Query};
use crate::store::mails::Mail;
use crate::tenants::Hint;

/// Shows a page of them.
pub async fn get(State(app): State<App>, operator: Operator, Query(query): Query) -> Result<Response, Halt> {
    page(&app, &operator, &query, None).await
}

/// Sends one after all.
pub async fn post(State(app): State<App>, operator: Operator, Sent(form): Sent) -> Result<Response, Halt> {
    match outcome(again(&app, &operator, &form).await)? {
        Ok(()) => Ok(see_other(&done(&operator.home.path(CONSOLE_MAILS), "sent"))?),
        Err(refusal) => page(&app, &operator, &Params::default(), Some(&refusal)).await,
    }
}

async fn again(app: &App, operator: &Operator, form: &Params) -> Result<()> {
    let none = || Stop::refuse(Code::NotFound, "there is no such mail");
    let (tenant, mail) = (form.require("tenant")?, form.require("mail")?);
    let tenant = app.tenants.find(&Hint::Id(TenantId::from(tenant))).await?.ok_or_else(none)?;
    app.mail.again(&tenant, mail, &operator.actor()).await
}

async fn page(app: &App, operator: &Operator, query: &Params, refusal: Option<&Refusal>) -> Result<Response, Halt> {
    let (asked, brand, now) = (Asked::read(query), operator.home.brand(), app.clock.now());
    // The ids of mails are below `~`, which no cursor of ours has.
    let (at, id) = asked.after.split_once('.').unwrap_or(("", "~"));
    let from = (at.parse().map_or(Timestamp(i64::MAX), Timestamp), id);
    let mut found = app.mail.given_up(from, asked.limit()).await?;
    let cursor = |mail: &Mail| format!("{}.{}", mail.due_at.0, mail.id);
    let pager = Pager::of(&operator.home.path(CONSOLE_MAILS), &asked, &[], &mut found, cursor);
    let tenants: Vec<_> = found.iter().map(|mail| mail.tenant_id.clone()).collect();
    let tenants = app.tenants.called(&tenants).await?;
    let of = |mail: &Mail| {
        let (_, slug, name) = tenants.iter().find(|(id, ..)| *id == mail.tenant_id)?;
        Some((name.clone(), operator.home.path(&format!("{CONSOLE_TENANTS}/{slug}"))))
    };
    let row = |mail: Mail| Row { tenant: of(&mail), since: When::new(brand.words, mail.created_at, now), mail };
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let page = MailsPage {
        shell: Shell::of_platform(operator, "console-mails", query).await?.refused(brand.words, refusal),
        rows: found.into_iter().map(row).collect(),
        pager,
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// A mail in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Whose, and their pages.
    pub tenant: Option<(String, String)>,
    /// The mail; what it says is not shown.
    pub mail: Mail,
    /// When it was written.
    pub since: When,
}

/// The list. Its forms send back `csrf`, `tenant` and `mail`.
#[derive(Template)]
#[template(path = "pages/console/mails.html")]
pub struct MailsPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// What was found.
    pub rows: Vec<Row>,
    /// The links below.
    pub pager: Pager,
}
