//! Who may do what with files.

use serde_json::{Map, Value};

use super::{Wish, Wishing};
use crate::app::App;
use crate::base::Result;
use crate::declared::apply::Applying;
use crate::declared::kinds::{Record, Thing};
use crate::declared::members;
use crate::files::Rules;
use crate::store::tenants::Tenant;

/// What rules are about.
const DEEDS: [&str; 5] = ["read", "create", "update", "delete", "step_up"];

pub(super) async fn read(app: &App, tenant: &Tenant) -> Result<Thing> {
    thing(&app.files.rules_of(&tenant.id).await?)
}

fn thing(rules: &Rules) -> Result<Thing> {
    let (shown, usual) = (rules.shown(), members::of(&Rules::default().shown())?);
    // A rule is one value: what of it is usual in another one says nothing.
    let mut said = members::of(&shown)?;
    said.retain(|name, rule| usual.get(name).is_none_or(|usual| usual != rule));
    Ok(Thing::plain(members::in_order(&said), Record::Rules(shown)))
}

pub(super) fn wish(wishing: &mut Wishing<'_>, wish: Wish<'_>, given: Map<String, Value>) -> Result<Thing> {
    let mut text = members::of(&Rules::default().shown())?;
    for (name, rule) in given {
        if !DEEDS.contains(&name.as_str()) {
            return Err(wishing.source.blame(&wish.at(&name), "there is no such member").into());
        }
        let alone = Value::Object(Map::from_iter([(name.clone(), rule.clone())]));
        Rules::parse(&alone).map_err(|stop| members::placed(wishing.source, &wish.at(&name), without_place(stop)))?;
        text.insert(name, rule);
    }
    thing(&Rules::parse(&Value::Object(text))?)
}

/// Places in a rule are told from the rule on; the rule itself is what the file names.
fn without_place(stop: crate::base::Stop) -> crate::base::Stop {
    match stop {
        crate::base::Stop::Refused(mut refusal) => {
            refusal.members.remove("errors");
            refusal.into()
        }
        failed @ crate::base::Stop::Failed(_) => failed,
    }
}

pub(super) async fn apply(applying: &mut Applying<'_>, to: (Option<&Thing>, Option<&Thing>)) -> Result<()> {
    let (_, Some(Thing { record: Record::Rules(text), .. })) = to else { return Ok(()) };
    let Applying { app, tx, tenant, by, .. } = applying;
    app.files.set_rules_in(tx, &tenant.id, text.clone(), by).await.map(drop)
}
