//! Many people in, everybody out: `{T}/api/v1/users:import` and `:export`, a line of JSON for each. Both are read and
//! written as they go, so their size does not matter.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde_json::{Value, json};

use super::me::RECENTLY;
use super::page::only;
use crate::accounts::Giver;
use crate::app::App;
use crate::base::{Code, Params, Refusal, Result as Done, Stop, UserId, strict_object};
use crate::http::bearer::{RequiredScope as _, Unproven};
use crate::http::lines::{Lines, NDJSON};
use crate::http::manager::{UsersRead, UsersRoles, UsersWrite};
use crate::http::{Manager, Query};
use crate::people::{Arrived, Travelling, Trial};
use crate::store::users::Role;
use crate::tenants::TenantContext;

/// Lines that happen together.
const TOGETHER: usize = 200;
/// Longest line, in bytes.
const LONGEST: usize = 64 * 1024;

/// Takes people in. Some hundred lines happen together; the answer tells of each what became of it, and at last how
/// many there were of each kind.
pub async fn import(
    State(app): State<App>,
    caller: Manager<UsersWrite>,
    Query(query): Query,
    request: Request,
) -> Result<Response, Unproven> {
    only(&query, &["dry_run"])?;
    let trial = flag(&query, "dry_run")?.then(Trial::default);
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if given.split(';').next().unwrap_or_default().trim() != NDJSON {
        return Err(Refusal::new(Code::UnsupportedMediaType, "the body has to be application/x-ndjson").into());
    }
    let gives_roles = caller.holds().contains(UsersRoles::SCOPE.unwrap_or_default());
    let highest = if gives_roles { caller.role } else { Role::User };
    let import = Import {
        tenant: (*caller.tenant).clone(),
        by: Giver { highest, ..caller.giver() },
        lines: Lines::of(request.into_body(), LONGEST, app.config.http.import_limit),
        told: Told::default(),
        app,
        trial,
        over: false,
    };
    let written = stream::unfold(import, |mut import| async {
        let text = import.next().await?;
        Some((Ok::<_, std::io::Error>(Bytes::from(text)), import))
    });
    Ok(streamed(Body::from_stream(written)))
}

fn streamed(body: Body) -> Response {
    ([(CONTENT_TYPE, NDJSON), (CACHE_CONTROL, "no-store")], body).into_response()
}

fn flag(query: &Params, name: &'static str) -> Result<bool, Refusal> {
    match query.get(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Refusal::new(Code::InvalidRequest, format!("{name} is true or false"))),
    }
}

/// How many lines came to what.
#[derive(Debug, Default)]
struct Told {
    lines: u64,
    created: u64,
    exists: u64,
    refused: u64,
}

/// An import under way.
struct Import {
    app: App,
    tenant: TenantContext,
    by: Giver,
    lines: Lines,
    trial: Option<Trial>,
    told: Told,
    over: bool,
}

impl Import {
    /// What there is to tell of the next lines.
    async fn next(&mut self) -> Option<String> {
        if self.over {
            return None;
        }
        match self.some().await {
            Ok(text) => Some(text),
            Err(stop) => {
                self.over = true;
                Some(format!("{}\n", json!({ "error": told(&stop), "lines_imported": self.told.lines })))
            }
        }
    }

    async fn some(&mut self) -> Done<String> {
        let mut batch = Vec::with_capacity(TOGETHER);
        while batch.len() < TOGETHER {
            let Some(line) = self.lines.next().await? else {
                self.over = true;
                break;
            };
            batch.push(read(&line));
        }
        let arrived = self.app.people.take_in(&self.tenant, batch, self.trial.as_mut(), &self.by).await?;
        let mut text: String = arrived.into_iter().map(|arrived| self.told.line(&arrived)).collect();
        if self.over {
            let Told { lines, created, exists, refused } = self.told;
            let counts = json!({ "lines": lines, "created": created, "exists": exists, "refused": refused });
            text += &json!({ "summary": counts, "dry_run": self.trial.is_some() }).to_string();
            text.push('\n');
        }
        Ok(text)
    }
}

impl Told {
    fn line(&mut self, arrived: &Arrived) -> String {
        self.lines += 1;
        let told = match arrived {
            Arrived::Created(id) => {
                self.created += 1;
                json!({ "line": self.lines, "status": "created", "id": id })
            }
            Arrived::Exists(id) => {
                self.exists += 1;
                json!({ "line": self.lines, "status": "exists", "id": id })
            }
            Arrived::Refused(refusal) => {
                self.refused += 1;
                let (code, detail) = (refusal.code.as_str(), &refusal.description);
                json!({ "line": self.lines, "status": "refused", "code": code, "detail": detail })
            }
        };
        format!("{told}\n")
    }
}

/// A person from a line. What stood there is not repeated: it may be a secret.
fn read(line: &[u8]) -> Result<Travelling, Refusal> {
    let object = strict_object(line).map_err(|_| Refusal::new(Code::InvalidJson, "the line is not one JSON object"))?;
    serde_json::from_value(Value::Object(object)).map_err(|error| {
        let text = error.to_string();
        let named = text.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
        match named {
            Some(name) => Refusal::new(Code::InvalidRequest, format!("unknown field `{name}`")),
            None => Refusal::new(Code::InvalidRequest, "a member of the person cannot be that"),
        }
    })
}

/// The answer has begun: what is wrong can only be told in it.
fn told(stop: &Stop) -> Value {
    match stop {
        Stop::Refused(refusal) => json!({ "code": refusal.code.as_str(), "detail": refusal.description }),
        Stop::Failed(fault) => {
            tracing::error!(fault = fault.chain(), "an import failed");
            json!({ "code": Code::ServerError.as_str() })
        }
    }
}

/// Everybody, by id.
pub async fn export(
    State(app): State<App>,
    caller: Manager<UsersRead>,
    Query(query): Query,
) -> Result<Response, Unproven> {
    only(&query, &["include_hashes"])?;
    let hashes = flag(&query, "include_hashes")?;
    let least = if hashes { Role::Owner } else { Role::Admin };
    if caller.role.rank() < least.rank() {
        return Err(
            Refusal::new(Code::Forbidden, "everybody at once is for administrators, hashes are for owners").into()
        );
    }
    if hashes {
        caller.recently(&app, RECENTLY)?;
    }
    app.people.note_export(&caller.tenant, hashes, &caller.actor()).await?;
    let tenant = (*caller.tenant).clone();
    let pages = stream::try_unfold(Some(UserId::from("")), move |after| {
        let (app, tenant) = (app.clone(), tenant.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            page(&app, &tenant, &after, hashes).await.map_err(|stop| cut_off(&stop))
        }
    });
    Ok(streamed(Body::from_stream(pages)))
}

async fn page(
    app: &App,
    tenant: &TenantContext,
    after: &UserId,
    hashes: bool,
) -> Done<Option<(Bytes, Option<UserId>)>> {
    let limit = i64::try_from(TOGETHER).unwrap_or(i64::MAX);
    let people = app.people.everybody(tenant, after, hashes, limit).await?;
    let Some(last) = people.last() else { return Ok(None) };
    let next = last.id.clone().map(UserId::from).filter(|_| people.len() == TOGETHER);
    let mut text = String::new();
    for person in &people {
        text.push_str(&serde_json::to_string(person)?);
        text.push('\n');
    }
    Ok(Some((Bytes::from(text), next)))
}

fn cut_off(stop: &Stop) -> std::io::Error {
    if let Stop::Failed(fault) = stop {
        tracing::error!(fault = fault.chain(), "an export failed");
    }
    std::io::Error::other("the export ended early")
}
