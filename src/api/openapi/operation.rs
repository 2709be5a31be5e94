//! One operation of the description: what it is for, who may ask, what goes in and what comes out.

use serde_json::{Map, Value, json};

use super::schema::{object, of};

/// Who may ask.
#[derive(Clone, Copy, Debug)]
pub(super) enum Needs {
    /// Anybody.
    Nobody,
    /// A person, by token or cookie.
    Person,
    /// A credential with this scope; empty: with any.
    Scope(&'static str),
}

/// An operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    summary: &'static str,
    needs: Needs,
    queries: Vec<(&'static str, &'static str)>,
    headers: Vec<(&'static str, &'static str)>,
    body: Option<Map<String, Value>>,
    answers: Map<String, Value>,
}

/// `GET` and so on: `get(USERS, "Lists people")`.
macro_rules! methods {
    ($($name:ident $method:literal;)*) => {$(
        pub(super) fn $name(path: &'static str, summary: &'static str) -> Operation {
            Operation::new($method, path, summary)
        }
    )*};
}

methods! {
    get "get";
    head "head";
    post "post";
    put "put";
    patch "patch";
    delete "delete";
    options "options";
}

/// The description as pages.
pub(super) fn pages(path: &'static str) -> Operation {
    get(path, "This document as pages for people")
        .query("group", "The group that is shown in full; without it there is everything at a glance.")
        .query("q", "Words, of which all have to be in a call's method, path, summary or scopes.")
        .answers(200, "text/html", json!({ "type": "string" }))
}

impl Operation {
    fn new(method: &'static str, path: &'static str, summary: &'static str) -> Self {
        Self {
            method,
            path,
            summary,
            needs: Needs::Nobody,
            queries: vec![],
            headers: vec![],
            body: None,
            answers: Map::new(),
        }
    }

    /// For people, by token or cookie.
    pub(super) fn person(mut self) -> Self {
        self.needs = Needs::Person;
        self
    }

    /// For credentials with this scope.
    pub(super) fn scope(mut self, scope: &'static str) -> Self {
        self.needs = Needs::Scope(scope);
        self
    }

    /// With a query parameter.
    pub(super) fn query(mut self, name: &'static str, meaning: &'static str) -> Self {
        self.queries.push((name, meaning));
        self
    }

    /// With a request header.
    pub(super) fn header(mut self, name: &'static str, meaning: &'static str) -> Self {
        self.headers.push((name, meaning));
        self
    }

    /// Takes an object with these members and no others.
    pub(super) fn takes(self, members: &str) -> Self {
        let mut schema = object(members);
        schema["additionalProperties"] = false.into();
        self.takes_as("application/json", schema)
    }

    /// Takes a body of this media type.
    pub(super) fn takes_as(mut self, media_type: &str, schema: impl Into<Value>) -> Self {
        self.body.get_or_insert_default().insert(media_type.to_owned(), json!({ "schema": schema.into() }));
        self
    }

    /// Answers an object of these members in the envelope.
    pub(super) fn tells(self, status: u16, members: &str) -> Self {
        self.tells_data(status, object(members), None)
    }

    /// Answers what a word names in the envelope, `User` or `[User]`.
    pub(super) fn tells_a(self, status: u16, word: &str) -> Self {
        self.tells_data(status, of(word), None)
    }

    /// Answers a list in the envelope, with `meta`.
    pub(super) fn lists(self, word: &str, meta: &str) -> Self {
        self.tells_data(200, json!({ "type": "array", "items": of(word) }), Some(object(meta)))
    }

    fn tells_data(self, status: u16, data: Value, meta: Option<Value>) -> Self {
        let mut envelope = object("data: any, meta?: map, request_id: text");
        envelope["properties"]["data"] = data;
        if let Some(meta) = meta {
            envelope["properties"]["meta"] = meta;
        }
        self.answers(status, "application/json", envelope)
    }

    /// Answers a body of this media type.
    pub(super) fn answers(mut self, status: u16, media_type: &str, schema: impl Into<Value>) -> Self {
        let content = json!({ media_type: { "schema": schema.into() } });
        self.answers.insert(status.to_string(), json!({ "description": meaning(status), "content": content }));
        self
    }

    /// Answers with this status in another media type, too.
    pub(super) fn also(mut self, status: u16, media_type: &str, schema: impl Into<Value>) -> Self {
        if let Some(answer) = self.answers.get_mut(&status.to_string()) {
            answer["content"][media_type] = json!({ "schema": schema.into() });
        }
        self
    }

    /// Answers without a body.
    pub(super) fn says(mut self, status: u16) -> Self {
        self.answers.insert(status.to_string(), json!({ "description": meaning(status) }));
        self
    }

    /// The operation as `OpenAPI` writes it.
    pub(super) fn described(mut self, tag: &str) -> Value {
        let refused = json!({ "$ref": "#/components/responses/Problem" });
        self.answers.insert("4XX".to_owned(), refused.clone());
        self.answers.insert("5XX".to_owned(), refused);
        let security = match self.needs {
            Needs::Nobody => json!([]),
            Needs::Person => json!([{ "token": ["account"] }, { "cookie": [] }]),
            Needs::Scope(scope) => {
                let scopes: Vec<_> = scope.split_ascii_whitespace().collect();
                json!([{ "token": scopes }, { "key": [] }])
            }
        };
        let mut told = json!({
            "tags": [tag],
            "summary": self.summary,
            "operationId": format!("{} {}", self.method, self.path.trim_start_matches("/api/v1")),
            "security": security,
            "parameters": self.parameters(),
            "responses": self.answers,
        });
        if let Some(content) = self.body {
            told["requestBody"] = json!({ "content": content });
        }
        told
    }

    fn parameters(&self) -> Vec<Value> {
        let in_path = self
            .path
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| json!({ "name": name, "in": "path", "required": true, "schema": of("text") }));
        let told = |place: &'static str| move |(name, meaning): &(&str, &str)| json!({ "name": name, "in": place, "description": meaning, "schema": of("text") });
        in_path.chain(self.queries.iter().map(told("query"))).chain(self.headers.iter().map(told("header"))).collect()
    }
}

const fn meaning(status: u16) -> &'static str {
    match status {
        201 => "It was made.",
        202 => "It was taken, and is done later.",
        204 => "It was done.",
        206 => "A part of the bytes.",
        304 => "What the caller has is still so.",
        _ => "What was asked for.",
    }
}
