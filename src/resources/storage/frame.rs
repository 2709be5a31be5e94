//! What all changes have in common: a transaction, an answer that is kept for the same request, and another try where
//! two transactions stood in each other's way.

use std::time::Duration;

use crate::app::App;
use crate::base::{Result, Stop};
use crate::documents::{Asking, Work};
use crate::store::replays::Request;
use crate::store::trouble::Trouble;

use super::reply::Reply;

/// How often a transaction is tried that another one was in the way of.
const TRIES: u32 = 5;
/// How long it waits before it is tried again; then twice as long, and so on.
const WAIT: Duration = Duration::from_millis(5);

/// Makes a change in a transaction, unless the same request was answered before. `change` gives the transaction back
/// with what is to be answered, and leaves no trace when it is called again.
pub async fn changed<'a, F>(
    app: &'a App,
    asking: &'a Asking,
    request: Option<Request>,
    change: impl Fn(Work<'a>) -> F,
) -> Result<Reply>
where
    F: Future<Output = Result<(Work<'a>, Reply)>>,
{
    tried(|| once(app, asking, request.clone(), &change)).await
}

async fn once<'a, F>(
    app: &'a App,
    asking: &'a Asking,
    request: Option<Request>,
    change: &impl Fn(Work<'a>) -> F,
) -> Result<Reply>
where
    F: Future<Output = Result<(Work<'a>, Reply)>>,
{
    let mut work = app.documents.begin(asking).await?;
    if let Some(kept) = work.replayed(request).await? {
        return Ok(Reply::read(kept)?);
    }
    let (work, reply) = change(work).await?;
    work.commit(&reply.kept()?).await?;
    Ok(reply)
}

/// Does something again while transactions that cross are all that keeps it from being done.
pub async fn tried<T, F>(doing: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let mut tries = 1;
    loop {
        match doing().await {
            Err(Stop::Failed(fault)) if tries < TRIES && Trouble::of(&fault) == Some(Trouble::Crossing) => {
                tracing::debug!(fault = fault.chain(), tries, "a transaction is tried again");
                tokio::time::sleep(WAIT * tries).await;
                tries += 1;
            }
            done => return done,
        }
    }
}
