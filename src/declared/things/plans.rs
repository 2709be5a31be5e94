//! What a tenant sells its people.

use serde_json::{Map, Value};

use super::{Wish, Wishing};
use crate::app::App;
use crate::base::Result;
use crate::declared::apply::Applying;
use crate::declared::kinds::{Record, Thing};
use crate::declared::members;
use crate::payments::check_plan;
use crate::store::plans::Definition;
use crate::store::tenants::Tenant;

pub(super) async fn read(app: &App, tenant: &Tenant) -> Result<Vec<(String, Thing)>> {
    let all = app.payments.plans(tenant).await?;
    all.into_iter().map(|plan| Ok((plan.key, thing(&plan.definition)?))).collect()
}

fn thing(definition: &Definition) -> Result<Thing> {
    let mut said = members::unusual(&members::of(definition)?, &members::of(&Definition::default())?);
    // What claims say is told as it is: null is a value there.
    if !definition.claims.is_empty() {
        said.insert("claims".to_owned(), Value::Object(members::in_order(&definition.claims)));
    }
    let said = members::in_order(&said);
    Ok(Thing::plain(said, Record::Plan(Box::new(definition.clone()))))
}

pub(super) fn wish(wishing: &mut Wishing<'_>, wish: Wish<'_>, given: Map<String, Value>) -> Result<Thing> {
    let definition: Definition = members::read(wishing.source, wish.path, given)?;
    check_plan(wish.key, &definition)?;
    thing(&definition)
}

pub(super) async fn apply(
    applying: &mut Applying<'_>,
    key: &str,
    from_to: (Option<&Thing>, Option<&Thing>),
) -> Result<()> {
    let Applying { app, tx, tenant, by, .. } = applying;
    applying.plans_changed = true;
    match from_to {
        (_, Some(Thing { record: Record::Plan(definition), .. })) => {
            app.payments.put_plan_in(tx, tenant, (key, definition), by).await
        }
        (Some(_), None) => app.payments.delete_plan_in(tx, tenant, key, by).await,
        _ => Ok(()),
    }
}
