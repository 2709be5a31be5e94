//! Why requests were refused, and whether an authorization request would be: what a developer asks who sees an error.

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::audit::AuditRead;
use super::page::Page;
use crate::app::App;
use crate::audit::ShownRefusal;
use crate::authorization::rehearsal::Rehearsal;
use crate::base::{Code, Params, Refusal};
use crate::http::bearer::RequiredScope;
use crate::http::{Bearer, Body, Data, Problem, Query, Segments};

/// To look at clients.
#[derive(Clone, Copy, Debug)]
pub struct ClientsRead;

impl RequiredScope for ClientsRead {
    const SCOPE: Option<&'static str> = Some("clients:read");
}

/// `GET {T}/api/v1/refusals`: the newest first.
pub async fn list(
    State(app): State<App>,
    caller: Bearer<AuditRead>,
    Query(query): Query,
) -> Result<Data<Vec<ShownRefusal>>, Problem> {
    let page = Page::read(&query, "g")?;
    let found = app.refusals.page(&caller.tenant.id, &page.after, page.limit).await?;
    let meta = page.next(&found, |refusal| &refusal.id);
    Ok(Data::new(found).meta(meta))
}

/// `GET {T}/api/v1/refusals/{request_id}`: the id is in the answer, on the error page and in `X-Request-ID`.
pub async fn show(
    State(app): State<App>,
    caller: Bearer<AuditRead>,
    Segments([id]): Segments<1>,
) -> Result<Data<ShownRefusal>, Problem> {
    Ok(Data::new(app.refusals.look_up(&caller.tenant.id, &id).await?))
}

/// An authorization request to be looked at: the address that a browser would be sent to, or its parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    parameters: Option<Map<String, Value>>,
}

impl Check {
    /// The query that the endpoint would read.
    fn query(self) -> Result<String, Refusal> {
        let refused = |sentence: &'static str| Err(Refusal::new(Code::InvalidRequest, sentence));
        match (self.url, self.parameters) {
            (Some(url), None) => {
                let query = url.split_once('?').map_or("", |(_, query)| query);
                Ok(query.split('#').next().unwrap_or_default().to_owned())
            }
            (None, Some(parameters)) => written(&parameters),
            _ => refused("either `url` or `parameters` is to be looked at"),
        }
    }
}

fn written(parameters: &Map<String, Value>) -> Result<String, Refusal> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        let values = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return Err(Refusal::new(Code::InvalidRequest, "a parameter is a text or a list of texts")),
            };
            query.append_pair(name, &text);
        }
    }
    Ok(query.finish())
}

/// `POST {T}/api/v1/authorization-requests:check`: every rule of the authorization endpoint, without any effect.
pub async fn check(
    State(app): State<App>,
    caller: Bearer<ClientsRead>,
    Body(asked): Body<Check>,
) -> Result<Data<Rehearsal>, Problem> {
    let rehearsal = match Params::parse(asked.query()?.as_bytes()) {
        Ok(params) => app.authorization.rehearse(&caller.tenant, &params).await?,
        Err(refusal) => Rehearsal::unreadable(refusal),
    };
    Ok(Data::new(rehearsal).meta(json!({ "issuer": caller.tenant.issuer })))
}
