//! What the pages show.

use askama::Template;

use super::read::{Described, Group, Operation};
use crate::frame::Brand;

/// The page, with all groups at a glance or one in full.
#[derive(Template)]
#[template(path = "pages/dev_api.html")]
pub(super) struct DocsPage {
    brand: Brand,
    title: String,
    server: String,
    /// Where this page is.
    here: String,
    /// Where the document is.
    json: String,
    /// What was sought.
    sought: String,
    tabs: Vec<Tab>,
    /// At a glance.
    glance: Vec<Group>,
    /// In full.
    full: Option<Group>,
}

/// The way to a group.
struct Tab {
    name: String,
    count: usize,
    here: bool,
}

impl DocsPage {
    /// With everything at a glance.
    pub(super) fn new(described: Described, brand: Brand, [here, json]: [String; 2]) -> Self {
        let Described { title, server, groups } = described;
        let tab = |group: &Group| Tab { name: group.name.clone(), count: group.operations.len(), here: false };
        let tabs = groups.iter().map(tab).collect();
        Self { brand, title, server, here, json, sought: String::new(), tabs, glance: groups, full: None }
    }

    /// With this group in full.
    pub(super) fn group(mut self, name: &str) -> Option<Self> {
        let at = self.glance.iter().position(|group| group.name == name)?;
        self.full = Some(self.glance.swap_remove(at));
        self.glance.clear();
        self.tabs.iter_mut().for_each(|tab| tab.here = tab.name == name);
        Some(self)
    }

    /// With those operations alone that have all these words.
    pub(super) fn search(mut self, sought: &str) -> Self {
        let words: Vec<String> = sought.split_whitespace().map(str::to_lowercase).collect();
        let keep = |operation: &Operation| operation.has(&words);
        self.glance.iter_mut().for_each(|group| group.operations.retain(keep));
        self.glance.retain(|group| !group.operations.is_empty());
        sought.clone_into(&mut self.sought);
        self
    }

    fn found(&self) -> usize {
        self.glance.iter().map(|group| group.operations.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::openapi::platform_document;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, render, save};

    fn page() -> DocsPage {
        let places = ["/api/v1/docs".to_owned(), "/api/v1/openapi.json".to_owned()];
        DocsPage::new(Described::of(&platform_document("https://id.test")), Brand::platform(), places)
    }

    #[test]
    fn the_first_page_shows_everything_at_a_glance() {
        let html = save("dev_api", &page());
        assert_hooks(&html, &[r#"data-page="api-docs""#, r#"<form id="search-form""#, r#"id="openapi""#]);
        assert!(html.contains("?group=tenants#post-tenants-id-suspend"), "{html}");
    }

    #[test]
    fn a_search_finds_what_has_all_its_words() {
        let found = |words: &str| page().search(words).found();
        assert_eq!(found("SUSPEND post"), 1);
        assert!(found("tenants") > 5 && found("") > found("tenants") && found("unheard-of") == 0);
        assert!(render(&page().search("unheard-of")).contains("id=\"none\""));
    }

    #[test]
    fn a_group_is_shown_in_full_with_its_schemas() {
        let html = save("dev_api_group", &page().group("plans").unwrap());
        for there in ["id=\"put-plans-key\"", "id=\"schema-Limits\"", "platform:*", "curl -X PUT", "If-Match"] {
            assert!(html.contains(there), "{there}");
        }
        assert!(!html.contains("id=\"schema-Domain\""), "another group's");
        assert!(page().group("nothing").is_none());
    }

    #[test]
    fn w043_no_field_escapes_its_place() {
        let hostile = json!({ "type": "object", "properties": { HOSTILE: { "enum": [HOSTILE] } } });
        let content = json!({ HOSTILE: { "schema": hostile } });
        let operation = json!({
            "tags": [HOSTILE], "summary": HOSTILE, "security": [{ "token": [HOSTILE] }],
            "parameters": [{ "name": HOSTILE, "in": HOSTILE, "description": HOSTILE }],
            "requestBody": { "content": content },
            "responses": { HOSTILE: { "description": HOSTILE, "content": content } },
        });
        let document = json!({
            "info": { "title": HOSTILE }, "servers": [{ "url": HOSTILE }], "paths": { HOSTILE: { "post": operation } },
        });
        let page = || {
            let places = [HOSTILE, HOSTILE].map(str::to_owned);
            DocsPage::new(Described::of(&document), Brand::platform(), places)
        };
        assert_harmless(&page());
        assert_harmless(&page().search(HOSTILE));
        assert_harmless(&page().group(HOSTILE).unwrap());
    }
}
