//! What the tests of the pages share.

use askama::Template;

use super::brand::Brand;
use super::client::ShownClient;
use super::link::Link;

/// A value that would run script if any page let it out of its place.
pub const HOSTILE: &str = "\"'><script src=//evil.test></script><img src=x onerror=alert(1)> javascript:alert(1)";

pub fn brand() -> Brand {
    let stylesheet = Some("/t/demo/brand.css".to_owned());
    Brand { name: "Demo".to_owned(), stylesheet, ..Brand::platform() }
}

pub fn client() -> ShownClient {
    ShownClient {
        name: "Calendar".to_owned(),
        logo: Link::parse("https://calendar.example/logo.png"),
        policy: Link::parse("https://calendar.example/privacy"),
        terms: Link::parse("https://calendar.example/terms"),
    }
}

pub fn render(page: &impl Template) -> String {
    let html = page.render().unwrap();
    assert_strict(&html);
    html
}

/// Renders the page and leaves it below the build directory, to be looked at.
pub fn save(name: &str, page: &impl Template) -> String {
    let html = render(page);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pages");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name).with_extension("html"), &html).unwrap();
    html
}

pub fn assert_hooks(html: &str, hooks: &[&str]) {
    for hook in hooks {
        assert_eq!(html.matches(hook).count(), 1, "{hook} in\n{html}");
    }
}

/// W-043, S5: with the hostile value in every field, no tag or attribute of its making appears.
pub fn assert_harmless(page: &impl Template) {
    let html = render(page);
    assert!(html.contains("&#60;script"), "the value is not shown at all:\n{html}");
    for tag in html.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap();
        assert!(!tag.contains("evil.test") || tag.contains("&#60;script"), "{tag}");
        assert!(!tag.starts_with("img src=x"), "{tag}");
    }
}

/// S6, W-132: nothing inline that a strict policy would have to allow.
fn assert_strict(html: &str) {
    for tag in html.split('<').skip(1).filter_map(|tag| tag.split('>').next()) {
        assert!(!tag.starts_with("style"), "inline style in\n{html}");
        assert!(!tag.contains(" style="), "inline style in\n{html}");
        assert!(!tag.starts_with("script") || tag.starts_with("script src=\"/static/"), "script in\n{html}");
        let attributes = tag.split('"').step_by(2);
        assert!(!attributes.into_iter().any(|names| names.contains(" on")), "handler in\n{html}");
    }
}
