//! `chancery seed-demo`: a tenant full of made-up things, to try the console and the API out.

use super::output::Out;
use crate::app::App;
use crate::base::{Actor, Code, Result, Slug, Stop};
use crate::setup::showcase::{PEOPLE, fill};
use crate::store::tenants::Settings;

/// What to fill.
#[derive(Debug, clap::Args)]
pub(super) struct SeedDemo {
    /// The tenant's slug; it is made where there is none
    #[arg(long)]
    tenant: Slug,
    /// How many people there are to be
    #[arg(long, default_value_t = 200, value_parser = people)]
    people: usize,
}

fn people(text: &str) -> Result<usize, String> {
    let most = PEOPLE;
    text.parse().ok().filter(|count| (1..=most).contains(count)).ok_or_else(|| format!("from 1 to {most}"))
}

impl SeedDemo {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        let tenant = match app.tenants.look_up(self.tenant.as_str()).await {
            Ok(tenant) => tenant,
            Err(Stop::Refused(refusal)) if refusal.code == Code::NotFound => {
                let new = (self.tenant, "Demonstration".to_owned(), Settings::default());
                app.tenants.create(&app.clock, new, &Actor::operator()).await?
            }
            Err(stop) => return Err(stop),
        };
        let seeded = fill(app, &tenant, self.people).await?;
        app.documents.close().await;
        out.record(&seeded)
    }
}
