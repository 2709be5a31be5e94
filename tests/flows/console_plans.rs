//! Operators keep plans at the console and give them; a tenant's administrators see theirs and how much is left of it.

use chancery::store::users::Role;

use super::support::console::OWNER;
use super::support::{Answer, World};

fn is_done(answer: &Answer) -> bool {
    answer.status == 200 && answer.body.contains("id=\"console-done\"")
}

/// What stands in an element.
fn text<'a>(answer: &'a Answer, id: &str) -> &'a str {
    let (_, rest) =
        answer.body.split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {}", answer.body));
    rest.split_once('>').unwrap().1.split("</").next().unwrap()
}

#[tokio::test]
async fn an_operator_makes_changes_gives_and_deletes_a_plan() {
    let world = World::with_console().await;
    let mut operator = world.operator_at_console().await;
    let none = operator.open(&world.app, "/console/plans").await;
    assert!(none.page() == "console-plans" && none.body.contains("id=\"none\""), "{}", none.body);
    let odd = [("key", "small"), ("name", "Kept"), ("users", "many")];
    let refused = operator.submit(&world.app, "plan-form", &odd).await;
    assert_eq!((refused.status.as_u16(), refused.page()), (422, "console-plans"));
    assert!(refused.body.contains("value=\"Kept\"") && refused.body.contains("id=\"console-error\""));
    let small = [("key", "small"), ("name", "Small <b>"), ("users", "3"), ("prices", "small_monthly"), ("rank", "1")];
    let made = operator.submit(&world.app, "plan-form", &small).await;
    assert!(is_done(&made) && made.body.contains("data-plan=\"small\""), "{}", made.body);
    assert!(made.body.contains("Small &#60;b&#62;") && !made.body.contains("Small <b>"));
    let twice = operator.submit(&world.app, "plan-form", &small).await;
    assert_eq!(twice.status, 409);

    operator.open(&world.app, "/console/plans/small").await;
    let changed = operator.submit(&world.app, "plan-form", &[("users", "4"), ("do", "save")]).await;
    assert!(is_done(&changed) && changed.page() == "console-one-plan", "{}", changed.body);
    let plan = world.app.app.tenants.plan("small").await.unwrap();
    assert_eq!((plan.terms.limits.users, plan.terms.prices.as_slice()), (Some(4), &["small_monthly".to_owned()][..]));
    let stale = operator.submit(&world.app, "plan-form", &[("version", "1"), ("users", "9"), ("do", "save")]).await;
    assert_eq!((stale.status.as_u16(), stale.page()), (412, "console-one-plan"), "over what was read or not at all");

    let room = operator.open(&world.app, "/console/tenants/demo/plan").await;
    assert_eq!((room.page(), text(&room, "used-clients")), ("console-plan", "1 · without limit"));
    let given = operator.submit(&world.app, "give-form", &[("plan", "small")]).await;
    assert!(is_done(&given) && text(&given, "used-users") == "3 of 4", "{}", given.body);
    operator.open(&world.app, "/console/plans/small").await;
    let held = operator.submit(&world.app, "plan-form", &[("do", "delete")]).await;
    assert_eq!((held.status.as_u16(), held.page()), (409, "console-one-plan"), "a tenant has it");
    operator.open(&world.app, "/console/tenants/demo/plan").await;
    assert_eq!(operator.submit(&world.app, "give-form", &[("plan", "none")]).await.status, 404);
    operator.open(&world.app, "/console/tenants/demo/plan").await;
    assert!(is_done(&operator.submit(&world.app, "give-form", &[("plan", "")]).await));
    operator.open(&world.app, "/console/plans/small").await;
    let gone = operator.submit(&world.app, "plan-form", &[("do", "delete")]).await;
    assert!(is_done(&gone) && gone.page() == "console-plans", "{}", gone.body);
    assert_eq!(operator.open(&world.app, "/console/plans/small").await.status, 404);
}

#[tokio::test]
async fn who_is_no_operator_sees_what_is_used_and_gives_nothing() {
    let world = World::with_console().await;
    world.person_of_role("support@demo.test", Role::Support).await;
    let mut owner = world.owner_at_console().await;
    let room = owner.open(&world.app, "/t/demo/console/plan").await;
    assert!(room.page() == "console-plan" && !room.body.contains("give-form"), "{}", room.body);
    let csrf = room.body.matches("name=\"csrf\"").count();
    assert_eq!(csrf, 0, "there is nothing to send");
    owner.open(&world.app, "/t/demo/console/settings").await;
    let token = owner.page.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let sent = owner.send_form(&world.app, "/t/demo/console/plan", &[("csrf", &token), ("plan", "large")]).await;
    assert_eq!((sent.status.as_u16(), sent.page()), (403, "console-turned-away"));
    for path in ["/console/plans", "/console/plans/small"] {
        let answer = owner.open(&world.app, path).await;
        assert_eq!(answer.page(), "login", "{path}: {OWNER} has no account there");
    }
    let (mut support, _) = world.at_console("support@demo.test", "/t/demo/console").await;
    assert_eq!(support.open(&world.app, "/t/demo/console/plan").await.page(), "console-plan");
}
