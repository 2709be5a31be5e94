//! Who may import whom: each rank imports lower ranks only, and crates with strong opinions have one home each.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules by rank; those of one rank never import each other.
const RANKS: &[&[&str]] = &[
    &["base"],
    &["config", "frame", "query"],
    &["store", "outbound"],
    &["keys", "blobs", "pictures", "stripe", "telemetry"],
    &["audit", "limits", "mail", "tenants"],
    &["accounts", "api_keys", "clients", "entitlements", "moving", "organizations", "sessions", "webhooks"],
    &["tokens"],
    &["authorization", "documents", "files", "payments", "people"],
    &["app"],
    &["declared", "http"],
    &["api", "console", "doctor", "imports", "jobs", "oauth", "resources", "setup", "web"],
    &["server"],
    &["cli"],
];

/// Crates and the only places that may name them.
const HOMES: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("josekit", &["keys"]),
    ("object_store", &["blobs"]),
    ("oxide_auth", &["authorization", "base"]),
    ("argon2", &["accounts", "keys"]),
    ("reqwest", &["outbound"]),
    ("image", &["pictures"]),
    ("redis", &["store"]),
    ("lettre", &["mail"]),
    ("openidconnect", &["accounts"]),
    ("toml_edit", &["declared"]),
    ("axum", &["api", "cli", "console", "http", "oauth", "resources", "server", "web"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file with the module it belongs to and its text without comments and unit tests.
fn files() -> Vec<(String, String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&src, &mut found);
    found
        .into_iter()
        .filter(|path| !path.file_stem().is_some_and(|stem| stem.to_string_lossy().contains("test")))
        .map(|path| {
            let name = path.strip_prefix(&src).unwrap().to_string_lossy().into_owned();
            let module = name.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            (name, module, code.collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

fn rank(module: &str) -> Option<usize> {
    RANKS.iter().position(|rank| rank.contains(&module))
}

fn imports(code: &str) -> BTreeSet<String> {
    let code: String = code.split_whitespace().collect();
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with('$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                let mut depth = 0;
                let mut word = String::new();
                for c in list.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => drop(found.insert(std::mem::take(&mut word))),
                        c if depth == 0 && !word.ends_with(':') => word.push(c),
                        _ => {}
                    }
                }
                found.insert(word);
            }
            None => drop(found.insert(rest.to_owned())),
        }
    }
    found
        .into_iter()
        .map(|path| path.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_module_imports_lower_ranks_only() {
    for (name, module, code) in files() {
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let own = rank(&module).unwrap_or_else(|| panic!("{module} ({name}) has no rank"));
        for import in imports(&code) {
            if let Some(other) = rank(&import).filter(|_| import != module) {
                assert!(other < own, "{name} imports {import}, which is not below it");
            }
        }
    }
}

#[test]
fn every_crate_with_strong_opinions_has_one_home() {
    for (name, module, code) in files() {
        for (library, homes) in HOMES {
            let named = code.contains(&format!("{library}::"));
            assert!(!named || homes.contains(&module.as_str()), "{name} names {library}, whose home is {homes:?}");
        }
    }
}

#[test]
fn sub_paths_in_braces_are_seen() {
    let seen = imports("use crate::{api, oauth::{a, b}, web}; crate::store::x; $crate::nothing;");
    assert_eq!(seen, ["api", "oauth", "store", "web"].map(str::to_owned).into());
}
