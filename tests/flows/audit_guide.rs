//! The guide to the audit trail: its examples are run as they are written, and an export is checked by its recipe alone.

use chancery::base::Digest;
use chancery::store::audit::{Event, record};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::support::World;

#[tokio::test]
async fn what_the_guide_to_the_audit_trail_shows_works() {
    let world = World::new().await;
    world.happen(3).await;
    let key = world.app.api_key(&world.tenant, "audit:read clients:read").await;
    let guide = include_str!("../../docs/guides/audit.md");
    let mut run = 0;
    for block in guide.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("http\n")) {
        let (first, body) = block.split_once('\n').unwrap();
        let (method, path) = first.split_once(" {T}/api/v1").unwrap();
        let body = Some(body.trim()).filter(|body| !body.is_empty()).map(|body| serde_json::from_str(body).unwrap());
        let answer = world.call(&key, method, path, body).await;
        assert_eq!(answer.status.as_u16(), 200, "{method} {path}: {}", answer.body);
        run += 1;
    }
    assert_eq!(run, 6);
}

fn digest(text: &str) -> String {
    Digest::of(text.as_bytes()).as_str().to_owned()
}

#[tokio::test]
async fn w130_an_export_is_checked_by_the_guides_recipe_without_us() {
    let world = World::new().await;
    world.session("ada@demo.test", "curl/8").await;
    let odd = Event::new(&world.tenant.id, world.app.clock.now(), "thing.named").by("é\"\\\n");
    record(&world.app.app.db, odd.detail(json!({ "z": [1.5, null, -0.1], "a": "ß" }))).await.unwrap();
    let key = world.app.api_key(&world.tenant, "audit:read").await;
    world.app.app.audit.seal().await.unwrap();
    let answer = world.call(&key, "GET", "/audit-events:export?to=2027-01-01T00:00:00Z", None).await;
    let rows: Vec<Value> = answer.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (mut before, mut sealed) = (String::new(), 0);
    // The newest is first, and has no place yet: it tells of this export.
    let mut rows: Vec<_> = rows.iter().filter(|row| !row["seal"].is_null()).collect();
    rows.sort_by_key(|row| row["seal"]["seq"].as_i64());
    for row in rows {
        let seal = &row["seal"];
        let personal = json!([seal["salt"], row["ip"], row["user_agent"], row["detail"]]).to_string();
        assert_eq!(seal["personal"], digest(&personal), "{row}");
        let at = OffsetDateTime::parse(row["at"].as_str().unwrap(), &Rfc3339).unwrap().unix_timestamp();
        let members = ["id", "action", "actor", "target", "result", "request_id"].map(|name| &row[name]);
        let [id, action, actor, target, result, request_id] = members;
        let tenant = &world.tenant.id;
        let text = json!([tenant, seal["seq"], id, at, action, actor, target, result, request_id, seal["personal"]])
            .to_string();
        before = digest(&format!("{before}\n{text}"));
        assert_eq!(seal["hash"], before, "{row}");
        sealed += 1;
    }
    let verdict = world.app.app.audit.verify(&world.tenant.id).await.unwrap();
    assert_eq!((verdict.seq, verdict.hash), (sealed, before));
}
