//! Several changes at once: `POST {T}/api/v1/storage:transaction`.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::asking;
use super::frame::changed;
use super::members::Members;
use super::parameters::deliberate;
use super::reply::Reply;
use super::request::{MANY, Sent};
use crate::app::App;
use crate::base::{Code, Refusal};
use crate::documents::{Condition, Edit, Operation};
use crate::http::bearer::Unproven;
use crate::http::resource::{Action, Caller, Storage};

/// Operations of a transaction.
const MOST: usize = 100;

/// Makes all changes or none.
pub async fn post(
    State(app): State<App>,
    caller: Caller<Storage>,
    headers: HeaderMap,
    sent: Sent<MANY>,
) -> Result<Response, Unproven> {
    let mut members = sent.members()?;
    let list = members.list("operations")?;
    members.done()?;
    if list.is_empty() || list.len() > MOST {
        let why = format!("a transaction has 1 to {MOST} operations");
        return Err(Refusal::new(Code::InvalidRequest, why).into());
    }
    let mut operations = Vec::with_capacity(list.len());
    for (n, one) in list.into_iter().enumerate() {
        let (name, operation) = read(one).map_err(|refusal| refusal.member("operation", n))?;
        caller.may_in(Action::Write, &name)?;
        operations.push((name, operation));
    }
    let asking = asking(&app, &caller).await?;
    let request = sent.repeatable(&headers, &caller, &["transaction"])?;
    let operations = &operations;
    let reply = changed(&app, &asking, request, |mut work| async move {
        let results = work.operations(operations.clone()).await?;
        Ok((work, Reply::of(json!({ "results": results }))))
    });
    Ok(reply.await?.preferred(&headers).into_response())
}

fn read(one: Value) -> Result<(String, Operation), Refusal> {
    let Value::Object(map) = one else {
        return Err(Refusal::new(Code::InvalidRequest, "an operation is an object"));
    };
    let mut members = Members::of(map);
    let needed = |name: &str| Refusal::new(Code::InvalidRequest, format!("missing field `{name}`"));
    let collection = members.text("collection")?.ok_or_else(|| needed("collection"))?;
    let kind = members.text("op")?.ok_or_else(|| needed("op"))?;
    let id = members.text("id")?;
    let rev = members.number("if_match", u64::from(u32::MAX))?.and_then(|rev| i64::try_from(rev).ok());
    let condition = Condition::of(rev);
    let operation = match (kind.as_str(), id) {
        ("insert", None) => Operation::Insert(object(&mut members, "document")?),
        ("replace", Some(id)) => Operation::Replace(id, object(&mut members, "document")?, condition),
        ("update", Some(id)) => Operation::Update(id, edit(&mut members)?, condition),
        ("update", None) => Operation::UpdateMany(filter(&mut members)?, edit(&mut members)?),
        ("delete", Some(id)) => Operation::Delete(id, condition),
        ("delete", None) => Operation::DeleteMany(filter(&mut members)?),
        ("check", Some(id)) => Operation::Check(id, condition),
        ("replace" | "check", None) => return Err(needed("id")),
        ("insert", Some(_)) => return Err(Refusal::new(Code::InvalidRequest, "unknown field `id`")),
        _ => return Err(Refusal::new(Code::InvalidRequest, "`op` is insert, replace, update, delete or check")),
    };
    let conditional = matches!(
        operation,
        Operation::Replace(..) | Operation::Update(..) | Operation::Delete(..) | Operation::Check(..)
    );
    if rev.is_some() && !conditional {
        return Err(Refusal::new(Code::InvalidRequest, "`if_match` is for one document by its id"));
    }
    members.done()?;
    Ok((collection, operation))
}

fn object(members: &mut Members, name: &str) -> Result<Map<String, Value>, Refusal> {
    match members.require(name)? {
        Value::Object(map) => Ok(map),
        _ => Err(Refusal::new(Code::InvalidRequest, format!("the field `{name}` cannot be that"))),
    }
}

fn edit(members: &mut Members) -> Result<Edit, Refusal> {
    Edit::read(object(members, "update")?, "/update")
}

fn filter(members: &mut Members) -> Result<Value, Refusal> {
    let (filter, all) = (members.take("filter"), members.truth("all")?);
    deliberate(filter, all)
}
