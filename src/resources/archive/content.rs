//! The bytes of a file: `{T}/api/v1/archive/files/{id}/content`. To read them somebody needs a token, a signed link, or
//! a file that its owner made public where the tenant allows that (W-099).

use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::incoming::{only, only_bytes, read_digest};
use super::{over, tagged};
use crate::app::App;
use crate::base::{Actor, Code, FileId, Params, Refusal, Result, Stop};
use crate::files::kind::declared;
use crate::files::links::{Allows, Bring};
use crate::files::{Asker, Incoming, NewFile, whole};
use crate::http::bearer::Unproven;
use crate::http::context::origin;
use crate::http::files::{Sent, announced, asker_of, asker_of_link, serve, serve_smaller};
use crate::http::resource::{Action, Archive, Caller};
use crate::http::{Data, Segments, Tenant};
use crate::store::archive_usage::Ceiling;
use crate::store::files::{File, Visibility};

/// Sends them.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    Segments([id]): Segments<1>,
    request: Request,
) -> Result<Response, Unproven> {
    let (mut parts, _) = request.into_parts();
    let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes())?;
    only(&query, &["link", "download", "variant"])?;
    let (file, by) = found(&app, &tenant, &FileId::from(id), &query, &mut parts).await?;
    let sent = Sent {
        method: &parts.method,
        headers: &parts.headers,
        download: query.get("download"),
        public: file.view.visibility == Visibility::Public && tenant.settings.archive.public,
        by: &by,
    };
    let Some(variant) = query.get("variant") else { return Ok(serve(&app, &file, &sent).await?) };
    let room = Ceiling { files: None, bytes: tenant.quotas().file_bytes };
    Ok(serve_smaller(&app, &file, variant, room, &sent).await?)
}

/// The file and who reads it.
async fn found(
    app: &App,
    tenant: &Tenant,
    id: &FileId,
    query: &Params,
    parts: &mut Parts,
) -> Result<(File, Actor), Unproven> {
    let by = |id: &str| Actor { id: id.to_owned(), origin: origin() };
    if let Some(text) = query.get("link") {
        let link = app.files.read_link(&tenant.id, id, text)?;
        return Ok((app.files.linked_file(&tenant.id, &link).await?, by("link")));
    }
    let anonymous = !parts.headers.contains_key(AUTHORIZATION) && !parts.headers.contains_key("x-api-key");
    if anonymous
        && tenant.settings.archive.public
        && let Some(file) = app.files.public(&tenant.id, id).await?
    {
        return Ok((file, by("anybody")));
    }
    let caller = Caller::<Archive>::from_request_parts(parts, app).await?;
    caller.may(Action::Read)?;
    let file = app.files.find(&asker_of(app, &caller).await?, id).await?;
    Ok((file, caller.actor()))
}

/// Gives a file other bytes, or with a link brings it.
pub async fn put(
    State(app): State<App>,
    tenant: Tenant,
    Segments([id]): Segments<1>,
    request: Request,
) -> Result<Response, Unproven> {
    let (id, digest) = (FileId::from(id), read_digest(&request)?);
    let (mut parts, body) = request.into_parts();
    let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes())?;
    only(&query, &["link"])?;
    let kind = parts.headers.get("content-type").and_then(|value| value.to_str().ok()).and_then(declared);
    let length = announced(&parts.headers);
    let incoming = |new: NewFile| Incoming { id: Some(id.clone()), new, length, digest: digest.clone(), most: None };
    if let Some(text) = query.get("link") {
        let bring = brought(&app, &tenant, &id, text).await?;
        let asker = asker_of_link(&app, &tenant, &bring).await?;
        let incoming = Incoming { most: bring.most, ..incoming(bring.new) };
        let file = app.files.receive(&asker, incoming, only_bytes(body)).await?;
        return Ok(Data::created(json!({ "_id": file.id, "size": file.size })).into_response());
    }
    let caller = Caller::<Archive>::from_request_parts(&mut parts, &app).await?;
    caller.may(Action::Write)?;
    let asker: Asker = asker_of(&app, &caller).await?;
    let new = NewFile {
        name: String::new(),
        path: None,
        declared_type: kind,
        visibility: Visibility::Private,
        metadata: serde_json::Map::new(),
    };
    let over = over(&parts.headers)?;
    let file = app.files.replace(&asker, &id, (over, incoming(new)), only_bytes(body)).await?;
    Ok(tagged(&file, Data::new(whole(&file)).into_response())?)
}

async fn brought(app: &App, tenant: &Tenant, id: &FileId, text: &str) -> Result<Bring> {
    let link = app.files.read_link(&tenant.id, id, text)?;
    app.files.maker_may_act(&tenant.id, &link).await?;
    match link.allows {
        Allows::Bring(bring) => Ok(*bring),
        Allows::Read(_) => Err(Stop::from(Refusal::new(Code::Forbidden, "this link is to read a file"))),
    }
}
