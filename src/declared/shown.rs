//! A plan as it is read: like a review, thing by thing and member by member. Secrets are told by where they come from.

use serde_json::{Value, json};

use super::plan::{Change, Difference, Plan, Verb};
use super::text::{key, line};

impl Change {
    /// Where it stands in a declaration.
    #[must_use]
    pub fn name(&self) -> String {
        written(&self.kind.path(&self.key))
    }

    /// As programs read it.
    #[must_use]
    pub fn told(&self) -> Value {
        let members: Vec<Value> = self.differences.iter().map(Difference::told).collect();
        json!({ "thing": self.name(), "verb": self.verb.as_str(), "members": members })
    }
}

impl Verb {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Remove => "remove",
        }
    }

    const fn sign(self) -> char {
        match self {
            Self::Create => '+',
            Self::Change => '~',
            Self::Remove => '-',
        }
    }
}

impl Difference {
    fn told(&self) -> Value {
        let member = written(&self.member);
        if self.secret {
            return json!({ "member": member, "secret": self.to });
        }
        json!({ "member": member, "from": self.from, "to": self.to })
    }

    /// As people read it.
    fn read(&self, verb: Verb) -> String {
        let said = |value: &Option<Value>| value.as_ref().map_or_else(|| "(as usual)".to_owned(), one_line);
        let member = written(&self.member);
        match (&self.to, verb) {
            (Some(Value::String(place)), _) if self.secret => format!("{member}: (secret) {place}"),
            (to, Verb::Create) => format!("{member}: {}", said(to)),
            (to, _) => format!("{member}: {} -> {}", said(&self.from), said(to)),
        }
    }
}

/// A value on one line; what TOML has no word for as JSON.
fn one_line(value: &Value) -> String {
    if super::text::can_write(value) { line(value) } else { value.to_string() }
}

fn written(path: &[String]) -> String {
    path.iter().map(|name| key(name)).collect::<Vec<_>>().join(".")
}

impl Plan {
    /// As programs read it.
    #[must_use]
    pub fn told(&self) -> Value {
        let unnamed =
            self.unnamed.iter().map(|(kind, key, why)| json!({ "thing": written(&kind.path(key)), "why": why }));
        json!({
            "tenant": self.slug(),
            "digest": self.digest,
            "create": self.count(Verb::Create),
            "change": self.count(Verb::Change),
            "remove": self.count(Verb::Remove),
            "changes": self.changes.iter().map(Change::told).collect::<Vec<_>>(),
            "unnamed": unnamed.collect::<Vec<_>>(),
        })
    }

    /// As people read it.
    #[must_use]
    pub fn read(&self) -> String {
        let mut lines = Vec::new();
        for change in &self.changes {
            lines.push(format!("{} {}", change.verb.sign(), change.name()));
            lines.extend(change.differences.iter().map(|difference| format!("    {}", difference.read(change.verb))));
        }
        for (kind, key, why) in &self.unnamed {
            lines.push(format!("  {} is not in the file and stays: {why}", written(&kind.path(key))));
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let counts =
            [Verb::Create, Verb::Change, Verb::Remove].map(|verb| format!("{} to {}", self.count(verb), verb.as_str()));
        lines.push(if self.is_empty() {
            format!("The tenant {} is as the file says.", self.slug())
        } else {
            format!("{}: {}.\nPlan {}", self.slug(), counts.join(", "), self.digest)
        });
        lines.join("\n")
    }
}
