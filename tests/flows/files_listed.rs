//! Lists of files in the language of documents.

use serde_json::{Value, json};

use super::support::archive::Archivist;
use super::support::{World, encoded};

async fn list(who: &Archivist<'_>, query: &[(&str, &str)]) -> (u16, Value) {
    who.read(&format!("/files?{}", encoded(query))).await
}

fn names(list: &Value) -> Vec<&str> {
    list["data"]
        .as_array()
        .unwrap_or_else(|| panic!("{list}"))
        .iter()
        .map(|file| file["name"].as_str().unwrap())
        .collect()
}

async fn filled() -> World {
    let world = World::new().await;
    let ada = world.archivist("ada@demo.test").await;
    for (name, size, team) in [("c.txt", 30, "blue"), ("a.txt", 10, "red"), ("b.txt", 20, "blue"), ("d.txt", 20, "red")]
    {
        let file = ada.bring(name, "text/plain", name.repeat(size / 5)).await;
        let path = format!("/files/{}", file["_id"].as_str().unwrap());
        let (status, _) = ada.tell("PATCH", &path, &json!({ "metadata": { "team": team, "tags": [team, "x"] } })).await;
        assert_eq!(status, 200);
    }
    world
}

#[tokio::test]
async fn files_are_filtered_sorted_and_counted_by_what_is_said_of_them() {
    let world = filled().await;
    let ada = world.archivist("ada@demo.test").await;
    for (filter, found) in [
        (json!({}), vec!["a.txt", "b.txt", "c.txt", "d.txt"]),
        (json!({ "metadata.team": "blue" }), vec!["b.txt", "c.txt"]),
        (json!({ "metadata.tags": "red", "size": { "$gt": 15 } }), vec!["d.txt"]),
        (json!({ "name": { "$regex": "^[ab]" } }), vec!["a.txt", "b.txt"]),
        (json!({ "$or": [{ "size": 10 }, { "name": "c.txt" }] }), vec!["a.txt", "c.txt"]),
        (
            json!({ "type": "text/plain", "state": "ready", "_rev": 2, "path": null }),
            vec!["a.txt", "b.txt", "c.txt", "d.txt"],
        ),
        (json!({ "_owner": "somebody else" }), vec![]),
    ] {
        let text = filter.to_string();
        let (status, page) = list(&ada, &[("filter", &text), ("sort", "name"), ("count", "true")]).await;
        assert_eq!((status, names(&page)), (200, found.clone()), "{text}");
        assert_eq!(page["meta"]["count"], found.len(), "{text}");
    }
    let (_, page) = list(&ada, &[("sort", "-size,name")]).await;
    assert_eq!(names(&page), ["c.txt", "b.txt", "d.txt", "a.txt"]);
    let (_, none) = list(&ada, &[("limit", "0"), ("count", "true")]).await;
    assert_eq!((names(&none).len(), &none["meta"]["count"]), (0, &json!(4)));
}

#[tokio::test]
async fn d3_pages_go_on_where_the_last_one_ended_and_cursors_fit_one_list() {
    let world = filled().await;
    let ada = world.archivist("ada@demo.test").await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = list(&ada, &[("sort", "size"), ("limit", "1"), ("cursor", &cursor)]).await;
        assert_eq!(status, 200, "{page}");
        seen.extend(names(&page).into_iter().map(str::to_owned));
        match page["meta"]["next"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    seen.sort();
    assert_eq!(seen, ["a.txt", "b.txt", "c.txt", "d.txt"]);
    let (_, mismatch) = list(&ada, &[("sort", "name"), ("limit", "1"), ("cursor", &cursor)]).await;
    assert_eq!(mismatch["code"], "cursor_mismatch");
    let grace = world.archivist("grace@demo.test").await;
    for bad in [cursor.as_str(), "x", "x.y", ".", &format!("{cursor}x")] {
        let (_, refused) = list(&grace, &[("sort", "size"), ("limit", "1"), ("cursor", bad)]).await;
        assert_eq!(refused["code"], "invalid_cursor", "{bad}");
    }
}

#[tokio::test]
async fn d2_d3_what_is_not_in_the_language_is_refused_by_name() {
    let world = filled().await;
    let ada = world.archivist("ada@demo.test").await;
    for (name, value, status, code) in [
        ("filter", "{\"$where\":\"1\"}", 422, "invalid_filter"),
        ("filter", "{\"name\":{\"$regex\":\"(a)\\\\1\"}}", 422, "invalid_regex"),
        ("filter", "{\"a\":1,\"a\":2}", 400, "invalid_json"),
        ("filter", "[]", 400, "invalid_json"),
        ("filter", "name=a.txt", 400, "invalid_json"),
        ("sort", "name;drop table files", 200, ""),
        ("sort", "$name", 422, "invalid_sort"),
        ("limit", "1001", 400, "invalid_parameter"),
        ("limit", "-1", 400, "invalid_parameter"),
        ("count", "yes", 400, "invalid_parameter"),
        ("filtre", "{}", 400, "invalid_parameter"),
    ] {
        let (got, body) = list(&ada, &[(name, value)]).await;
        assert_eq!((got, body["code"].as_str().unwrap_or_default()), (status, code), "{name}={value}: {body}");
    }
    let (_, all) = list(&ada, &[]).await;
    assert_eq!(names(&all).len(), 4);
}
