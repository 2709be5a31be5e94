//! The published brand. Drafts are their writers' and stay.

use serde_json::{Map, Value};

use super::{Wish, Wishing};
use crate::app::App;
use crate::base::{Refusal, Result};
use crate::declared::apply::Applying;
use crate::declared::kinds::{Record, Thing};
use crate::declared::members;
use crate::frame::Contract;
use crate::store::tenants::Tenant;
use crate::tenants::{lint_brand, publish_brand_in};

pub(super) async fn read(app: &App, tenant: &Tenant) -> Result<Thing> {
    let published = app.tenants.branding(&app.tenants.context(tenant.clone())).await?.published;
    thing(&published.map(|published| published.brand).unwrap_or_default())
}

fn thing(brand: &Contract) -> Result<Thing> {
    let said = members::unusual(&members::of(brand)?, &members::of(&Contract::default())?);
    Ok(Thing::plain(said, Record::Brand(Box::new(brand.clone()))))
}

pub(super) fn wish(wishing: &mut Wishing<'_>, wish: Wish<'_>, given: Map<String, Value>) -> Result<Thing> {
    let brand: Contract = members::read(wishing.source, wish.path, given)?;
    let context = wishing.app.tenants.context(wishing.tenant.clone());
    let finding = lint_brand(&context, &brand).into_iter().find(|finding| !finding.is_minor());
    if let Some(finding) = finding {
        let at = finding.path.split('/').filter(|name| !name.is_empty()).map(str::to_owned);
        let path: Vec<String> = wish.path.iter().cloned().chain(at).collect();
        return Err(Refusal::into(wishing.source.blame(&path, &finding.message)));
    }
    thing(&brand)
}

pub(super) async fn apply(applying: &mut Applying<'_>, to: (Option<&Thing>, Option<&Thing>)) -> Result<()> {
    let (_, Some(Thing { record: Record::Brand(brand), .. })) = to else { return Ok(()) };
    let context = applying.app.tenants.context(applying.tenant.clone());
    let now = applying.app.clock.now();
    publish_brand_in(&mut applying.tx, &context, (brand, now), &applying.by).await?;
    // A published brand is a version of its tenant.
    applying.tenant.version += 1;
    Ok(())
}
