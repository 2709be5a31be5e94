//! One file: `{T}/api/v1/archive/files/{id}`, and what is done with it by name, as `{id}:sign`.

use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use super::incoming::{acceptable, folder, only};
use super::{over, tagged};
use crate::app::App;
use crate::base::{Code, FileId, Result, Seconds, Stop};
use crate::files::{Asker, Changes, name, whole};
use crate::http::bearer::Unproven;
use crate::http::files::asker_of;
use crate::http::params::Query;
use crate::http::resource::{Action, Archive, Caller};
use crate::http::routes::ARCHIVE_FILES;
use crate::http::{Body, Data, Segments};
use crate::store::files::{File, Visibility};

/// How long a link lives unless it is said.
const LINK: Seconds = Seconds(3_600);

/// What is said of it.
pub async fn get(
    State(app): State<App>,
    caller: Caller<Archive>,
    Segments([id]): Segments<1>,
) -> Result<Response, Unproven> {
    caller.may(Action::Read)?;
    let file = app.files.find(&asker_of(&app, &caller).await?, &FileId::from(id)).await?;
    Ok(told(&file)?)
}

/// What is to be said of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[expect(clippy::option_option, reason = "a member that is null says something else than one that is absent")]
    path: Option<Option<String>>,
    visibility: Option<Visibility>,
    metadata: Option<Map<String, Value>>,
}

/// A member that is there, be it null.
#[expect(clippy::option_option, reason = "a member that is null says something else than one that is absent")]
fn given<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(reader).map(Some)
}

/// Says something else of it.
pub async fn patch(
    State(app): State<App>,
    caller: Caller<Archive>,
    Segments([id]): Segments<1>,
    headers: HeaderMap,
    Body(said): Body<Said>,
) -> Result<Response, Unproven> {
    caller.may(Action::Write)?;
    let changes = Changes {
        name: said.name.map(|text| name::cleaned(&text)),
        path: said.path.map(|path| path.map(|text| folder(&text)).transpose()).transpose()?,
        visibility: said.visibility,
        metadata: said.metadata.map(acceptable).transpose()?,
        withdraw_links: false,
    };
    let asker = asker_of(&app, &caller).await?;
    let file = app.files.change(&asker, &FileId::from(id), &over(&headers)?, changes).await?;
    Ok(told(&file)?)
}

/// Deletes it; with `?purge=true` at once.
pub async fn delete(
    State(app): State<App>,
    caller: Caller<Archive>,
    Segments([id]): Segments<1>,
    Query(query): Query,
    headers: HeaderMap,
) -> Result<Response, Unproven> {
    caller.may(Action::Write)?;
    only(&query, &["purge"])?;
    let at_once = match query.get("purge") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Stop::refuse(Code::InvalidParameter, "purge is true or false").into()),
    };
    let asker = asker_of(&app, &caller).await?;
    app.files.delete(&asker, &FileId::from(id), &over(&headers)?, at_once).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Does with it what is named after its id.
pub async fn post(
    State(app): State<App>,
    caller: Caller<Archive>,
    Segments([named]): Segments<1>,
    request: Request,
) -> Result<Response, Unproven> {
    let Some((id, verb)) = named.split_once(':') else {
        return Err(Stop::refuse(Code::MethodNotAllowed, "this method is not for this address").into());
    };
    let (id, asker) = (FileId::from(id), asker_of(&app, &caller).await?);
    match verb {
        "sign" => {
            caller.may(Action::Read)?;
            let Body(wish) = Body::<Wish>::from_request(request, &app).await?;
            Ok(sign(&app, &caller, &asker, &id, &wish).await?)
        }
        "restore" => {
            caller.may(Action::Write)?;
            Ok(told(&app.files.restore(&asker, &id).await?)?)
        }
        "unshare" => {
            caller.may(Action::Write)?;
            let changes = Changes { withdraw_links: true, ..Changes::default() };
            let file = app.files.change(&asker, &id, &over(request.headers())?, changes).await?;
            Ok(told(&file)?)
        }
        _ => Err(Stop::refuse(Code::NotFound, "files can be told :sign, :restore and :unshare").into()),
    }
}

/// What kind of link is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    method: Option<String>,
    expires_in: Option<i64>,
}

async fn sign(app: &App, caller: &Caller<Archive>, asker: &Asker, id: &FileId, wish: &Wish) -> Result<Response> {
    if wish.method.as_deref().is_some_and(|method| method != "GET") {
        return Err(Stop::refuse(Code::Unprocessable, "a file is linked to be read: GET"));
    }
    let lives = wish.expires_in.map_or(LINK, Seconds);
    let (link, until) = app.files.link_to_read(asker, id, lives).await?;
    let url = format!("{}{ARCHIVE_FILES}/{id}/content?link={link}", caller.tenant.issuer);
    Ok(Data::created(json!({ "url": url, "method": "GET", "expires_at": until.rfc3339() })).into_response())
}

fn told(file: &File) -> Result<Response> {
    tagged(file, Data::new(whole(file)).into_response())
}
