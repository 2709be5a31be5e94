//! Every route there is, read off the routers' source and `src/http/routes.rs`: what is mounted is walked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// Its path, with `{…}` where something varies.
    pub path: String,
    /// What may be asked of it.
    pub methods: BTreeSet<&'static str>,
}

impl Route {
    /// Whether it is below a tenant's issuer.
    pub fn is_of_tenant(&self) -> bool {
        self.path.starts_with("/t/{tenant}/")
    }

    /// The path at this tenant.
    pub fn at(&self, tenant: &str) -> String {
        let path = self.path.replacen("/t/{tenant}", &format!("/t/{tenant}"), 1);
        path.replace("{*path}", "chancery.css")
            .replace("{tenant}", tenant)
            .replace("{mail}", "1")
            .replace("{provider}", "other")
            .replace("{identity}", "1")
            .replace("{id}", "1")
            .replace("{factor}", "totp")
            .replace("{secret}", "1")
            .replace("{passkey}", "1")
            .replace("{user}", "1")
            .replace("{invitation}", "1")
            .replace("{role}", "1")
            .replace("{session}", "1")
            .replace("{client}", "calendar")
            .replace("{collection}", "orders")
            .replace("{document}", "1")
            .replace("{delivery}", "1")
            .replace("{plan}", "pro")
            .replace("{key}", "small")
            .replace("{user}", "1")
            .replace("{domain}", "id.demo.test")
    }
}

/// All of them.
pub fn all() -> BTreeSet<Route> {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let constants = constants(&fs::read_to_string(source.join("http/routes.rs")).unwrap());
    let mut files = Vec::new();
    collect(&source, &mut files);
    let mut found = BTreeMap::<String, BTreeSet<&'static str>>::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for other in [".nest(", ".nest_service(", ".route_service(", ".fallback("] {
            assert!(!text.contains(other), "{} mounts by {other}, which is not looked at", file.display());
        }
        for (at, call) in text.match_indices(".route(") {
            if text[..at].ends_with("self") {
                continue;
            }
            let (path, handler) = arguments(&text[at + call.len()..]);
            let methods = [
                ("get(", "GET"),
                ("lives", "GET"),
                ("post(", "POST"),
                ("put(", "PUT"),
                ("patch(", "PATCH"),
                ("delete(", "DELETE"),
            ];
            let methods = methods.iter().filter(|(word, _)| handler.contains(word)).map(|(_, method)| *method);
            for path in resolved(path, &constants) {
                found.entry(path).or_default().extend(methods.clone());
            }
        }
    }
    found.into_iter().map(|(path, methods)| Route { path, methods }).collect()
}

/// The first argument of a call and the rest.
fn arguments(text: &str) -> (&str, &str) {
    let (mut depth, mut comma) = (0, None);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 0 => {
                let comma = comma.expect("a route has a path and a handler");
                return (text[..comma].trim(), text[comma + 1..at].trim());
            }
            ')' => depth -= 1,
            ',' if depth == 0 && comma.is_none() => comma = Some(at),
            _ => {}
        }
    }
    panic!("a call without an end: {text:.80}")
}

/// `&mounted(TOKEN)`, `"/healthz"` and `&mounted(&format!("{ONE}{OTHER}"))` as paths. `&at(USERS)` is a page of both
/// consoles.
fn resolved(written: &str, constants: &BTreeMap<String, String>) -> Vec<String> {
    match written.strip_prefix("&at(").and_then(|rest| rest.strip_suffix(')')) {
        Some(name) => ["/t/{tenant}/console", "/console/tenants/{tenant}"]
            .map(|console| format!("{console}{}", constants[name]))
            .to_vec(),
        None => vec![one(written, constants)],
    }
}

fn one(written: &str, constants: &BTreeMap<String, String>) -> String {
    let (prefix, inner) = match written.strip_prefix("&mounted(").and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => ("/t/{tenant}", inner),
        None => ("", written),
    };
    if let Some(literal) = inner.strip_prefix('"') {
        return format!("{prefix}{}", literal.trim_end_matches('"'));
    }
    let inner = inner.strip_prefix("&format!(\"").and_then(|rest| rest.strip_suffix("\")")).unwrap_or(inner);
    let names = inner.split(['{', '}']).filter(|name| !name.is_empty());
    let path: String =
        names.map(|name| constants.get(name).unwrap_or_else(|| panic!("no path {name}")).as_str()).collect();
    format!("{prefix}{path}")
}

fn constants(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("pub const ")?.split_once(": &str = \""));
    lines.map(|(name, value)| (name.to_owned(), value.trim_end_matches("\";").to_owned())).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}
