//! The document, read for eyes: its operations by group, each with what somebody has to know who calls it.

use serde_json::Value;

use super::example::Call;
use super::schema::{Member, Word, members, names, words};

/// Everything that is described.
pub(super) struct Described {
    pub(super) title: String,
    pub(super) server: String,
    /// Groups in the order of the document.
    pub(super) groups: Vec<Group>,
}

/// Operations that belong together, and the schemas that they name.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) operations: Vec<Operation>,
    pub(super) schemas: Vec<Schema>,
}

/// A schema that has a name.
pub(super) struct Schema {
    pub(super) name: String,
    pub(super) members: Vec<Member>,
    /// What it is, where it is no object.
    pub(super) words: Vec<Word>,
}

/// One call.
pub(super) struct Operation {
    /// Its place on the page.
    pub(super) anchor: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    /// Who may call.
    pub(super) who: &'static str,
    /// Scopes, of which the credential has to hold all.
    pub(super) scopes: Vec<String>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) bodies: Vec<Content>,
    pub(super) answers: Vec<Answer>,
    pub(super) example: String,
}

/// What is said in path, query or header.
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) required: bool,
    pub(super) meaning: String,
}

/// A body.
pub(super) struct Content {
    pub(super) kind: String,
    pub(super) members: Vec<Member>,
    pub(super) words: Vec<Word>,
}

/// What comes back.
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) meaning: String,
    pub(super) bodies: Vec<Content>,
}

impl Described {
    /// Reads an `OpenAPI` document.
    pub(super) fn of(document: &Value) -> Self {
        let server = text(&document["servers"][0]["url"]);
        let mut groups: Vec<(Group, Vec<&str>)> = Vec::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let name = text(&operation["tags"][0]);
                let known = groups.iter().position(|(group, _)| group.name == name);
                let at = known.unwrap_or_else(|| {
                    groups.push((Group { name, operations: Vec::new(), schemas: Vec::new() }, Vec::new()));
                    groups.len() - 1
                });
                let (group, named) = &mut groups[at];
                names(operation, named);
                names(&document["components"]["responses"], named);
                group.operations.push(Operation::of(document, (&server, path, method), operation));
            }
        }
        let groups = groups.into_iter().map(|(group, named)| group.with_schemas(document, named)).collect();
        Self { title: text(&document["info"]["title"]), server, groups }
    }
}

impl Group {
    /// With the schemas of these names, and those that they name in turn.
    fn with_schemas<'a>(mut self, document: &'a Value, mut named: Vec<&'a str>) -> Self {
        let all = &document["components"]["schemas"];
        let mut at = 0;
        while let Some(name) = named.get(at).copied() {
            names(&all[name], &mut named);
            at += 1;
        }
        named.sort_unstable();
        let schema = |name: &str| {
            let schema = &all[name];
            Schema { name: name.to_owned(), members: members(schema), words: words(schema) }
        };
        self.schemas = named.into_iter().map(schema).collect();
        self
    }
}

impl Operation {
    fn of(document: &Value, (server, path, method): (&str, &str, &str), told: &Value) -> Self {
        let (who, scopes) = who(&told["security"]);
        let method = method.to_uppercase();
        let body = told["requestBody"]["content"].as_object().and_then(|all| all.iter().next());
        let call = Call {
            method: &method,
            url: format!("{server}{path}"),
            token: who != ANYBODY,
            body: body.map(|(kind, content)| (kind.as_str(), &content["schema"])),
        };
        Self {
            anchor: anchor(&method, path),
            path: path.to_owned(),
            summary: text(&told["summary"]),
            who,
            scopes,
            parameters: told["parameters"].as_array().into_iter().flatten().map(Parameter::of).collect(),
            bodies: contents(&told["requestBody"]),
            answers: answers(document, &told["responses"]),
            example: call.curl(document),
            method,
        }
    }

    /// Whether all these words, in small letters, are somewhere in it.
    pub(super) fn has(&self, words: &[String]) -> bool {
        let all = format!("{} {} {} {}", self.method, self.path, self.summary, self.scopes.join(" ")).to_lowercase();
        words.iter().all(|word| all.contains(word))
    }
}

impl Parameter {
    fn of(told: &Value) -> Self {
        Self {
            name: text(&told["name"]),
            place: text(&told["in"]),
            required: told["required"] == true,
            meaning: text(&told["description"]),
        }
    }
}

const ANYBODY: &str = "Anybody.";

fn who(security: &Value) -> (&'static str, Vec<String>) {
    let ways: Vec<_> = security.as_array().into_iter().flatten().filter_map(Value::as_object).collect();
    let by = |way: &str| ways.iter().any(|known| known.contains_key(way));
    let scopes = ways.iter().filter_map(|way| way.get("token")).flat_map(|all| all.as_array().into_iter().flatten());
    let scopes = scopes.filter_map(Value::as_str).map(str::to_owned).collect();
    match (by("key"), by("cookie")) {
        _ if ways.is_empty() => (ANYBODY, scopes),
        (false, _) => ("A person, by token or by the cookie of a browser that is signed in.", scopes),
        (true, true) => ("A token, an API key, or a browser that is signed in.", scopes),
        (true, false) => ("A token or an API key.", scopes),
    }
}

fn answers(document: &Value, responses: &Value) -> Vec<Answer> {
    let mut all: Vec<(&Value, Answer)> = Vec::new();
    for (status, told) in responses.as_object().into_iter().flatten() {
        let whole = told["$ref"].as_str().and_then(|at| document.pointer(at.strip_prefix('#')?)).unwrap_or(told);
        // The same once more, under another status.
        if let Some((_, before)) = all.last_mut().filter(|(before, _)| *before == told) {
            before.status = format!("{}, {status}", before.status);
        } else {
            let (meaning, bodies) = (text(&whole["description"]), contents(whole));
            all.push((told, Answer { status: status.clone(), meaning, bodies }));
        }
    }
    all.into_iter().map(|(_, answer)| answer).collect()
}

fn contents(told: &Value) -> Vec<Content> {
    let content = |(kind, content): (&String, &Value)| Content {
        kind: kind.clone(),
        members: members(&content["schema"]),
        words: words(&content["schema"]),
    };
    told["content"].as_object().into_iter().flatten().map(content).collect()
}

/// The place of an operation on its page.
fn anchor(method: &str, path: &str) -> String {
    let whole = format!("{method}{}", path.trim_start_matches("/api/v1")).to_lowercase();
    let parts = whole.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
