//! A link by which somebody else may bring one file: `{T}/api/v1/archive/files:sign-upload`.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::incoming::{acceptable, folder};
use crate::app::App;
use crate::base::{Code, Result, Seconds, Stop};
use crate::files::kind::declared;
use crate::files::links::Bring;
use crate::files::{NewFile, name};
use crate::http::bearer::Unproven;
use crate::http::files::asker_of;
use crate::http::resource::{Action, Archive, Caller};
use crate::http::routes::ARCHIVE_FILES;
use crate::http::{Body, Data};
use crate::store::files::Visibility;

/// How long a link lives unless it is said.
const LINK: i64 = 3_600;

/// What is to be brought.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    name: Option<String>,
    path: Option<String>,
    visibility: Option<Visibility>,
    metadata: Option<Map<String, Value>>,
    #[serde(rename = "type")]
    kind: Option<String>,
    max_bytes: Option<u64>,
    expires_in: Option<i64>,
}

/// Makes the link.
pub async fn post(
    State(app): State<App>,
    caller: Caller<Archive>,
    Body(wish): Body<Wish>,
) -> Result<Response, Unproven> {
    caller.may(Action::Write)?;
    let asker = asker_of(&app, &caller).await?;
    let bring = bring(
        wish.kind,
        caller.subject(),
        NewFile {
            name: name::cleaned(&wish.name.unwrap_or_default()),
            path: wish.path.map(|text| folder(&text)).transpose()?,
            declared_type: None,
            visibility: wish.visibility.unwrap_or(Visibility::Private),
            metadata: wish.metadata.map(acceptable).transpose()?.unwrap_or_default(),
        },
    )?;
    let bring = Bring { most: wish.max_bytes, ..bring };
    let lives = Seconds(wish.expires_in.unwrap_or(LINK));
    let (text, link) = app.files.link_to_bring(&asker, bring, lives).await?;
    let url = format!("{}{ARCHIVE_FILES}/{}/content?link={text}", caller.tenant.issuer, link.file);
    let told = json!({ "url": url, "method": "PUT", "_id": link.file, "expires_at": link.until.rfc3339() });
    Ok(Data::created(told).into_response())
}

fn bring(kind: Option<String>, owner: &str, new: NewFile) -> Result<Bring> {
    let unfit = || Stop::refuse(Code::Unprocessable, "type is a media type such as image/png");
    let kind = kind.map(|text| declared(&text).ok_or_else(unfit)).transpose()?;
    let new = NewFile { declared_type: kind.clone(), ..new };
    Ok(Bring { owner: owner.to_owned(), new, most: None, kind })
}
