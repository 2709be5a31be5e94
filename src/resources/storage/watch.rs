//! `GET …/documents:watch`: changes as server-sent events.

use axum::extract::{FromRequestParts as _, State};
use axum::http::request::Parts;
use axum::response::Response;

use super::asking;
use super::parameters::{json as json_of, only};
use crate::app::App;
use crate::base::Result;
use crate::documents::{Happened, Watch};
use crate::http::bearer::Unproven;
use crate::http::events::{Source, Told, last_seen, respond};
use crate::http::resource::{Action, Caller, Storage};
use crate::http::{Query, Segments};

/// The changes from now on, or from after the last one that was seen.
pub async fn get(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    Query(query): Query,
    parts: Parts,
) -> Result<Response, Unproven> {
    caller.may_in(Action::Read, &name)?;
    only(&query, &["filter"])?;
    let (filter, from) = (json_of(&query, "filter")?, last_seen(&parts.headers)?);
    let watch = app.documents.watch(&asking(&app, &caller).await?, &name, filter, from).await?;
    Ok(respond(Watching { app, parts, name, watch }))
}

/// A collection that is watched by somebody.
struct Watching {
    app: App,
    parts: Parts,
    name: String,
    watch: Watch,
}

impl Watching {
    async fn renew(&mut self) -> Result<(), Unproven> {
        let caller = Caller::<Storage>::from_request_parts(&mut self.parts, &self.app).await?;
        caller.may_in(Action::Read, &self.name)?;
        self.watch.renew(asking(&self.app, &caller).await?);
        Ok(())
    }
}

impl Source for Watching {
    fn seen(&self) -> i64 {
        self.watch.seen()
    }

    async fn news(&mut self) -> Result<Vec<Told>> {
        let told = |happened: Happened| Told {
            id: happened.seq,
            event: happened.event.to_owned(),
            data: happened.data.to_string(),
        };
        Ok(self.app.documents.news(&mut self.watch).await?.into_iter().map(told).collect())
    }

    async fn prove(&mut self) -> bool {
        self.renew().await.is_ok()
    }

    fn is_closing(&self) -> bool {
        self.app.documents.is_closing()
    }
}
