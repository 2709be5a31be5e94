//! Documents and files of the demonstration.

use bytes::Bytes;
use futures_util::stream;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::base::{Actor, AuthorizationDetails, Result, Scope};
use crate::documents::{Asking, Ceilings, Condition};
use crate::files::{Asker, Incoming, NewFile};
use crate::query::Variables;
use crate::store::files::Visibility;
use crate::store::tenants::Tenant;
use crate::store::users::User;
use crate::store::{archive_usage, document_counters};

const COLLECTION: &str = "orders";
const ORDERS: usize = 240;
const STATES: [&str; 4] = ["open", "paid", "shipped", "returned"];
const GOODS: [(&str, i64); 5] =
    [("Lamp", 4_900), ("Chair", 12_900), ("Desk", 34_900), ("Shelf", 8_900), ("Rug", 6_500)];

/// Orders, each of some person; answers how many there are.
pub(super) async fn documents(app: &App, tenant: &Tenant, people: &[User]) -> Result<i64> {
    let asking = asking(tenant);
    let known = app.documents.collections(&asking).await?;
    if !known.iter().any(|known| known.name == COLLECTION) {
        let rules = json!({ "rules": { "read": { "_owner": "$$auth.sub" } } });
        let definition = rules.as_object().cloned().unwrap_or_default();
        app.documents.define(&asking, COLLECTION, definition, &Condition::default()).await?;
    }
    let there = app.documents.count(&asking, COLLECTION, None).await?;
    if there > 0 {
        return Ok(there);
    }
    let orders: Vec<_> = (0..ORDERS).map(|number| order(number, people)).collect();
    for some in orders.chunks(60) {
        let mut work = app.documents.begin(&asking).await?;
        work.insert(COLLECTION, some.to_vec()).await?;
        work.commit(&Value::Null).await?;
    }
    app.documents.count(&asking, COLLECTION, None).await
}

fn order(number: usize, people: &[User]) -> Map<String, Value> {
    let customer = people.get(number * 7 % people.len().max(1)).map(|user| user.id.to_string());
    let (article, cents) = GOODS[number % GOODS.len()];
    let count = 1 + number % 3;
    let order = json!({
        "_id": format!("order-{number:04}"),
        "customer": customer,
        "state": STATES[number * 3 % STATES.len()],
        "lines": [{ "article": article, "count": count, "cents": cents }],
        "total_cents": cents * i64::try_from(count).unwrap_or(1),
    });
    order.as_object().cloned().unwrap_or_default()
}

fn asking(tenant: &Tenant) -> Asking {
    let quotas = tenant.quotas();
    let ceiling = document_counters::Ceiling { documents: quotas.documents, bytes: quotas.document_bytes };
    Asking {
        tenant: tenant.id.clone(),
        subject: "operator".to_owned(),
        client_id: None,
        person: None,
        proven: None,
        organization: None,
        scope: Scope::of(["storage:admin", "storage:read", "storage:write"]),
        details: AuthorizationDetails::default(),
        plans: Vec::new(),
        features: Vec::new(),
        quotas: Ceilings { tenant: ceiling, ..Ceilings::default() },
        actor: Actor::operator(),
    }
}

/// A few files of the first people; answers how many there are.
pub(super) async fn files(app: &App, tenant: &Tenant, people: &[User]) -> Result<u64> {
    let there = app.files.usage_of(&tenant.id).await?.files;
    if there > 0 {
        return Ok(u64::try_from(there).unwrap_or_default());
    }
    let mut count = 0;
    for (number, person) in people.iter().take(12).enumerate() {
        let name = person.profile.name.as_deref().unwrap_or("somebody");
        for (file, kind, text) in contents(number, name) {
            let new = NewFile {
                name: file,
                path: Some("demonstration".to_owned()),
                declared_type: Some(kind.to_owned()),
                visibility: Visibility::Private,
                metadata: Map::from_iter([("demonstration".to_owned(), json!(true))]),
            };
            let incoming = Incoming { id: None, new, length: Some(text.len() as u64), digest: None, most: None };
            let body = stream::iter([Ok(Bytes::from(text))]);
            app.files.receive(&asker(tenant, person), incoming, body).await?;
            count += 1;
        }
    }
    Ok(count)
}

fn contents(number: usize, name: &str) -> [(String, &'static str, String); 2] {
    let rows: String = (1..=20).map(|month| format!("2026-{:02},{}\n", month % 12 + 1, month * 137)).collect();
    let letter = format!("Dear {name},\n\nwelcome. This letter is here so that there is something to read.\n");
    [
        (format!("welcome-{number}.txt"), "text/plain", letter),
        (format!("figures-{number}.csv"), "text/csv", format!("month,amount\n{rows}")),
    ]
}

fn asker(tenant: &Tenant, person: &User) -> Asker {
    let quotas = tenant.quotas();
    Asker {
        tenant: tenant.id.clone(),
        settings: tenant.settings.archive.clone(),
        subject: person.id.to_string(),
        proven: None,
        key: None,
        admin: true,
        variables: Variables::default(),
        of_tenant: archive_usage::Ceiling { files: quotas.files, bytes: quotas.file_bytes },
        own: archive_usage::Ceiling::default(),
        plans: Vec::new(),
        by: Actor::operator(),
    }
}
