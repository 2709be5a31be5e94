//! What a newcomer copies: the container files, the unit, the words of the README.

use std::fs;
use std::path::{Path, PathBuf};

const EXAMPLES: [&str; 7] = [
    "Dockerfile",
    "docker-compose.yml",
    "deploy/env.example",
    "deploy/chancery.service",
    "deploy/nginx.conf",
    "deploy/helm/chancery/values.yaml",
    "deploy/helm/chancery/templates/deployment.yaml",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn w133_the_shipped_examples_contain_no_insecure_switch() {
    for name in EXAMPLES {
        let text = read(name).to_lowercase();
        for switch in
            ["--dev", "testing", "insecure", "rate_limits_off", "http_callbacks", "allow_private", "privileged: true"]
        {
            assert!(!text.contains(switch), "{name} contains {switch}");
        }
        for url in text.match_indices("http://").map(|(at, _)| &text[at + 7..]) {
            // The last is the container beside the proxy's.
            let is_near = ["127.0.0.1", "localhost", "chancery;"].iter().any(|host| url.starts_with(host));
            assert!(is_near, "{name} has an http URL: {url:.40}");
        }
    }
}

#[test]
fn w077_the_shipped_examples_contain_no_secret_that_works() {
    for line in read("deploy/env.example").lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        assert!(line.ends_with('='), "{line} has a value to be forgotten");
    }
    let compose = read("docker-compose.yml");
    for secret in ["CHANCERY_KEYS__MASTER_KEY", "POSTGRES_PASSWORD", "CHANCERY_PUBLIC_URL"] {
        assert!(compose.contains(&format!("${{{secret}:?")), "compose starts without {secret}");
    }
}

#[test]
fn every_variable_in_the_shipped_examples_is_a_setting() {
    let defaults: toml_names::Names = toml_names::read(chancery::config::DEFAULTS);
    for name in EXAMPLES {
        for variable in words(&read(name)).filter_map(|word| word.strip_prefix("CHANCERY_").map(str::to_lowercase)) {
            assert!(defaults.contains(&variable), "{name} sets {variable}, which is no setting");
        }
    }
}

#[test]
fn the_dashboard_shows_figures_that_are_measured() {
    let mut source = String::new();
    let mut files = Vec::new();
    collect(&root().join("src"), "rs", &mut files);
    for file in &files {
        source += &fs::read_to_string(file).expect("a readable source");
    }
    let dashboard = read("deploy/grafana/chancery.json");
    let names: Vec<_> = words(&dashboard).filter(|word| word.starts_with("chancery_")).collect();
    assert!(names.len() > 10);
    for name in names {
        let name = name.trim_end_matches("_bucket");
        assert!(source.contains(&format!("\"{name}\"")), "nothing measures {name}");
    }
}

#[test]
fn every_link_in_the_documents_leads_somewhere() {
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a readable document");
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split([')', '#', ' ']).next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let folder = document.parent().expect("a document in a folder");
            assert!(folder.join(target).exists(), "{} links to {target}", document.display());
        }
    }
}

#[test]
fn every_file_in_the_table_of_protocols_is_there() {
    let table = read("docs/protocols.md");
    let files: Vec<_> = table.split('`').filter(|word| word.contains(".rs")).collect();
    assert!(files.len() > 30);
    for file in files {
        let path = if file.starts_with("src/") { root().join(file) } else { root().join("tests/flows").join(file) };
        assert!(path.is_file(), "docs/protocols.md names {file}");
    }
}

#[test]
fn the_configuration_document_shows_the_defaults_as_they_are() {
    let shown = read("docs/configuration.md");
    assert!(
        shown.contains(&format!("```toml\n{}```", chancery::config::DEFAULTS)),
        "docs/configuration.md is behind: run scripts/docs"
    );
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
}

fn documents() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md")];
    collect(&root().join("docs"), "md", &mut found);
    found
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, ending, found);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
}

/// The names of settings as variables spell them: `section__name`.
mod toml_names {
    use std::collections::BTreeSet;

    pub type Names = BTreeSet<String>;

    pub fn read(text: &str) -> Names {
        let mut section = String::new();
        let mut names = Names::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                section = format!("{name}__");
            } else if let Some((name, _)) = line.split_once(" = ") {
                names.insert(format!("{section}{name}"));
            }
        }
        names
    }
}

/// Names of figures in a text.
fn figures(text: &str) -> std::collections::BTreeSet<String> {
    let is_part = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    let found = text.match_indices("chancery_").map(|(at, _)| &text[at..]);
    found.map(|rest| rest.split(|letter| !is_part(letter)).next().unwrap().to_owned()).collect()
}

#[test]
fn every_figure_is_explained_and_no_other_is_drawn_or_watched() {
    let mut counted = std::collections::BTreeSet::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                for call in ["counter!(", "gauge!(", "histogram!("] {
                    for rest in text.split(call).skip(1) {
                        counted.extend(figures(rest.split(',').next().unwrap_or_default().split(')').next().unwrap()));
                    }
                }
            }
        }
    }
    assert!(counted.len() > 12, "{counted:?}");
    let explained = figures(&read("docs/guides/monitoring.md"));
    assert_eq!(counted.difference(&explained).collect::<Vec<_>>(), Vec::<&String>::new(), "not in the guide");
    for name in ["docs/guides/monitoring.md", "deploy/grafana/chancery.json", "deploy/prometheus/alerts.yml"] {
        for figure in figures(&read(name)) {
            let figure = figure.trim_end_matches("_bucket");
            assert!(counted.contains(figure), "{name} has {figure}, which nobody counts");
        }
    }
}
