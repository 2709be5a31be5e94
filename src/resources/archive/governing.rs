//! How much files take up, and who may do what with them: `{T}/api/v1/archive/usage` and `…/rules`.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::base::Result;
use crate::files::Rules;
use crate::http::bearer::Unproven;
use crate::http::files::asker_of;
use crate::http::resource::{Action, Archive, Caller};
use crate::http::{Body, Data};
use crate::store::archive_usage::{Amount, Ceiling};

/// What the caller has, and who governs sees what everybody has.
pub async fn usage(State(app): State<App>, caller: Caller<Archive>) -> Result<Response, Unproven> {
    caller.may(Action::Read)?;
    let asker = asker_of(&app, &caller).await?;
    let (own, all) = app.files.usage(&asker).await?;
    let mut told = amount(own, asker.own);
    if asker.admin {
        told["tenant"] = amount(all, asker.of_tenant);
    }
    Ok(Data::new(told).into_response())
}

fn amount(used: Amount, ceiling: Ceiling) -> Value {
    json!({
        "files": used.files, "bytes": used.bytes,
        "quota": { "files": ceiling.files, "bytes": ceiling.bytes },
    })
}

/// The rules.
pub async fn rules(State(app): State<App>, caller: Caller<Archive>) -> Result<Response, Unproven> {
    caller.may(Action::Admin)?;
    let rules = app.files.rules(&asker_of(&app, &caller).await?).await?;
    Ok(Data::new(rules.shown()).into_response())
}

/// Rules as they are set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    preset: Option<String>,
    read: Option<Value>,
    create: Option<Value>,
    update: Option<Value>,
    delete: Option<Value>,
    step_up: Option<Value>,
}

/// Replaces them.
pub async fn set_rules(
    State(app): State<App>,
    caller: Caller<Archive>,
    Body(written): Body<Written>,
) -> Result<Response, Unproven> {
    caller.may(Action::Admin)?;
    let text = text_of(written)?;
    let rules = app.files.set_rules(&asker_of(&app, &caller).await?, text).await?;
    Ok(Data::new(rules.shown()).into_response())
}

/// Rules as they are kept. A preset is the whole of them, but for what it asks of sign-ins.
fn text_of(written: Written) -> Result<Value> {
    let Written { preset, read, create, update, delete, step_up } = written;
    let own = [("read", read), ("create", create), ("update", update), ("delete", delete)];
    let own: Map<String, Value> = own.into_iter().filter_map(|(name, rule)| Some((name.to_owned(), rule?))).collect();
    let mut text = match (preset, &step_up) {
        (Some(preset), None) if own.is_empty() => Value::String(preset),
        (Some(preset), Some(_)) if own.is_empty() => Rules::parse(&Value::String(preset))?.shown(),
        (Some(_), _) => Value::Null,
        (None, _) => Value::Object(own),
    };
    if let (Some(step_up), Some(members)) = (step_up, text.as_object_mut()) {
        members.insert("step_up".to_owned(), step_up);
    }
    Ok(text)
}
