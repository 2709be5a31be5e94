//! What needs a body to be asked: `POST …/{collection}/documents:query`, `:count`, `:distinct`, `:aggregate`, `:batch`,
//! `:update`, `:delete`.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::asking;
use super::bulk::told;
use super::documents::{SKIPPED, page};
use super::frame::changed;
use super::members::Members;
use super::parameters::deliberate;
use super::reply::Reply;
use super::request::{MANY, ONE, Sent};
use crate::app::App;
use crate::base::{Code, Refusal, Result};
use crate::documents::{Choice, Documents, Edit, MOST, Returned, USUAL, Wish, Work};
use crate::http::Segments;
use crate::http::bearer::Unproven;
use crate::http::resource::{Action, Caller, Storage};

type Answer = Result<Response, Unproven>;

/// The long form of a list.
pub async fn query(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    sent: Sent<ONE>,
) -> Answer {
    caller.may_in(Action::Read, &name)?;
    let mut members = sent.members()?;
    let wish = Wish {
        filter: members.take("filter"),
        sort: members.take("sort"),
        projection: members.take("projection"),
        skip: members.number("skip", SKIPPED)?.unwrap_or(0),
        limit: members.number("limit", MOST)?.unwrap_or(USUAL),
        cursor: members.text("cursor")?,
        count: members.truth("count")?,
    };
    members.done()?;
    Ok(page(app.documents.find(&asking(&app, &caller).await?, &name, &wish).await?).into_response())
}

/// How many documents there are.
pub async fn count(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    sent: Sent<ONE>,
) -> Answer {
    caller.may_in(Action::Read, &name)?;
    let mut members = sent.members()?;
    let filter = members.take("filter");
    members.done()?;
    let count = app.documents.count(&asking(&app, &caller).await?, &name, filter.as_ref()).await?;
    Ok(Reply::of(json!({ "count": count })).into_response())
}

/// The different values of a field.
pub async fn distinct(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    sent: Sent<ONE>,
) -> Answer {
    caller.may_in(Action::Read, &name)?;
    let mut members = sent.members()?;
    let (field, filter) = (members.require("field")?, members.take("filter"));
    members.done()?;
    let Value::String(field) = field else {
        return Err(Refusal::new(Code::InvalidRequest, "the field `field` cannot be that").into());
    };
    let values = app.documents.distinct(&asking(&app, &caller).await?, &name, &field, filter.as_ref()).await?;
    Ok(Reply::of(values).into_response())
}

/// What a pipeline makes of them. Other collections that it reads need their own scope.
pub async fn aggregate(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    sent: Sent<ONE>,
) -> Answer {
    caller.may_in(Action::Read, &name)?;
    let mut members = sent.members()?;
    let text = members.require("pipeline")?;
    members.done()?;
    let pipeline = Documents::pipeline(&text)?;
    for other in pipeline.collections() {
        caller.may_in(Action::Read, other)?;
    }
    let documents = app.documents.aggregate(&asking(&app, &caller).await?, &name, &pipeline).await?;
    Ok(Reply::of(documents).into_response())
}

/// Stores many documents, all or none.
pub async fn batch(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    headers: HeaderMap,
    sent: Sent<MANY>,
) -> Answer {
    caller.may_in(Action::Write, &name)?;
    let mut members = sent.members()?;
    let list = members.list("documents")?;
    members.done()?;
    let bodies: Option<Vec<Map<String, Value>>> = list
        .into_iter()
        .map(|one| match one {
            Value::Object(map) => Some(map),
            _ => None,
        })
        .collect();
    let bodies = bodies.filter(|bodies| !bodies.is_empty());
    let bodies = bodies.ok_or_else(|| Refusal::new(Code::InvalidRequest, "`documents` is a list of objects"))?;
    let asking = asking(&app, &caller).await?;
    let request = sent.repeatable(&headers, &caller, &["batch", &name])?;
    let (name, bodies) = (&name, &bodies);
    let reply = changed(&app, &asking, request, |mut work| async move {
        let stored = work.insert(name, bodies.clone()).await?;
        let meta = json!({ "inserted": stored.len() });
        Ok((work, Reply::of(stored).created(true).meta(meta)))
    });
    Ok(reply.await?.preferred(&headers).into_response())
}

/// Which documents are changed, and how.
struct Change {
    choice: Choice,
    many: bool,
    edit: Edit,
}

impl Change {
    fn read(mut members: Members) -> Result<Self, Refusal> {
        let filter = members.take("filter");
        let filter =
            filter.ok_or_else(|| Refusal::new(Code::FilterRequired, "a filter has to say which document is meant"))?;
        let Value::Object(update) = members.require("update")? else {
            return Err(Refusal::new(Code::InvalidRequest, "the field `update` cannot be that"));
        };
        let edit = Edit::read(update, "/update")?;
        let (many, all, upsert) = (members.truth("many")?, members.truth("all")?, members.truth("upsert")?);
        let returned = match members.text("return")?.as_deref() {
            None | Some("none") => Returned::Nothing,
            Some("before") => Returned::Before,
            Some("after") => Returned::After,
            Some(_) => return Err(Refusal::new(Code::InvalidRequest, "`return` is none, before or after")),
        };
        let sort = members.take("sort");
        members.done()?;
        if many && (upsert || sort.is_some() || returned != Returned::Nothing) {
            let why = "`upsert`, `sort` and `return` are for the change of one document";
            return Err(Refusal::new(Code::InvalidRequest, why));
        }
        if upsert && !matches!(edit, Edit::Operators(_)) {
            return Err(Refusal::new(Code::InvalidRequest, "an upsert needs operators"));
        }
        if many {
            deliberate(Some(filter.clone()), all)?;
        }
        Ok(Self { choice: Choice { filter, sort, upsert, returned }, many, edit })
    }

    /// Makes it; answers what there is to tell.
    async fn make(&self, name: &str, work: &mut Work<'_>) -> Result<Value> {
        if self.many {
            return Ok(told(work.edit_many(name, &self.choice.filter, &self.edit).await?));
        }
        let updated = work.edit_one(name, &self.choice, &self.edit).await?;
        let mut data = told(updated.counts);
        if let Some(data) = data.as_object_mut() {
            data.extend(updated.upserted.map(|id| ("upserted".to_owned(), Value::from(id))));
            data.extend(updated.document.map(|document| ("document".to_owned(), document)));
        }
        Ok(data)
    }
}

/// Changes the first document that a filter takes, or all.
pub async fn update(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    headers: HeaderMap,
    sent: Sent<ONE>,
) -> Answer {
    caller.may_in(Action::Write, &name)?;
    let change = &Change::read(sent.members()?)?;
    let asking = asking(&app, &caller).await?;
    let request = sent.repeatable(&headers, &caller, &["update", &name])?;
    let name = &name;
    let reply = changed(&app, &asking, request, |mut work| async move {
        let reply = Reply::of(change.make(name, &mut work).await?);
        Ok((work, reply))
    });
    Ok(reply.await?.into_response())
}

/// Removes all documents that a filter takes.
pub async fn delete(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    headers: HeaderMap,
    sent: Sent<ONE>,
) -> Answer {
    caller.may_in(Action::Write, &name)?;
    let mut members = sent.members()?;
    let (filter, all) = (members.take("filter"), members.truth("all")?);
    members.done()?;
    let (filter, asking) = (&deliberate(filter, all)?, asking(&app, &caller).await?);
    let request = sent.repeatable(&headers, &caller, &["delete", &name, ":"])?;
    let name = &name;
    let reply = changed(&app, &asking, request, |mut work| async move {
        let deleted = work.remove_many(name, filter).await?;
        Ok((work, Reply::of(json!({ "deleted": deleted }))))
    });
    Ok(reply.await?.into_response())
}
