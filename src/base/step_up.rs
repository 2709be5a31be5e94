//! What a rule asks of the sign-in behind a token (RFC 9470): how well the person proved who they are, and how lately.

use serde_json::Value;

use super::{Code, Level, Refusal, Seconds, Timestamp};

/// The longest `max_age`: a year.
const OLDEST: i64 = 31_536_000;
/// What may be asked for, in the order of [`StepUps::of`].
const VERBS: [&str; 4] = ["read", "create", "update", "delete"];

/// How a person proved who they are, as their token or session says. A program has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
    /// How well.
    pub level: Level,
    /// When; a token that does not say so proves nothing recent.
    pub at: Option<Timestamp>,
}

/// What is asked of a person for one deed. The default asks for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepUp {
    level: Level,
    max_age: Option<Seconds>,
}

/// The same for reading, creating, changing and deleting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepUps([StepUp; 4]);

impl StepUps {
    /// Reads `{"update": {"acr": "phr", "max_age": 600}, …}`.
    ///
    /// # Errors
    /// Where it is none, as a JSON pointer, and what would be one.
    pub fn read(value: &Value) -> Result<Self, (String, &'static str)> {
        let mut read = Self::default();
        let Some(map) = value.as_object() else { return Err((String::new(), "this is an object by verbs")) };
        for (name, value) in map {
            let at = format!("/{name}");
            let Some(place) = VERBS.iter().position(|verb| verb == name) else {
                return Err((at, "there are rules for read, create, update and delete"));
            };
            read.0[place] = StepUp::read(value).map_err(|(member, why)| (format!("{at}{member}"), why))?;
        }
        Ok(read)
    }

    /// As [`StepUps::read`] takes it.
    #[must_use]
    pub fn written(&self) -> Value {
        let asked = VERBS.iter().zip(&self.0).filter(|(_, step)| **step != StepUp::default());
        asked.map(|(verb, step)| ((*verb).to_owned(), step.members().into())).collect::<serde_json::Map<_, _>>().into()
    }

    /// What is asked for reading (0), creating (1), changing (2) or deleting (3).
    #[must_use]
    pub const fn of(&self, verb: usize) -> StepUp {
        self.0[verb]
    }

    /// The most that is asked for anything. Whoever may lift a rule has to prove as much as it asks.
    #[must_use]
    pub fn most(&self) -> StepUp {
        self.0.into_iter().fold(StepUp::default(), StepUp::and)
    }
}

impl StepUp {
    fn read(value: &Value) -> Result<Self, (String, &'static str)> {
        let Some(map) = value.as_object() else {
            return Err((String::new(), "this is an object with acr and max_age"));
        };
        let mut read = Self::default();
        for (name, value) in map {
            let refused = |why| Err((format!("/{name}"), why));
            match name.as_str() {
                "acr" => match value.as_str().and_then(Level::of) {
                    Some(level) => read.level = level,
                    None => return refused("this is an acr that is told in the metadata of the server"),
                },
                "max_age" => match value.as_i64().filter(|seconds| (1..=OLDEST).contains(seconds)) {
                    Some(seconds) => read.max_age = Some(Seconds(seconds)),
                    None => return refused("this is a number of seconds from 1 to 31536000"),
                },
                _ => return refused("a step-up asks for acr and max_age"),
            }
        }
        Ok(read)
    }

    fn members(self) -> serde_json::Map<String, Value> {
        let acr = (self.level > Level::One).then(|| ("acr".to_owned(), self.level.acr().into()));
        let age = self.max_age.map(|age| ("max_age".to_owned(), age.0.into()));
        acr.into_iter().chain(age).collect()
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let max_age = match (self.max_age, other.max_age) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self { level: self.level.max(other.level), max_age }
    }

    /// Demands that who asks has proven this much. A program that acts for itself has nobody to ask, and is bounded by
    /// its scopes and the rules.
    ///
    /// # Errors
    /// `insufficient_user_authentication` with `acr_values` and `max_age`, as RFC 9470 §3 tells what is wanted.
    pub fn demand(self, proven: Option<Proven>, now: Timestamp) -> Result<(), Refusal> {
        let Some(proven) = proven else { return Ok(()) };
        let well = proven.level >= self.level;
        let lately = self.max_age.is_none_or(|age| proven.at.is_some_and(|at| now.since(at) <= age));
        if well && lately {
            return Ok(());
        }
        let why = if well { "this needs a sign-in that is not so long ago" } else { "this needs a stronger sign-in" };
        let mut refusal = Refusal::new(Code::InsufficientUserAuthentication, why);
        if self.level > Level::One {
            let levels = Level::ALL.into_iter().filter(|level| *level >= self.level).map(Level::acr);
            refusal = refusal.member("acr_values", levels.collect::<Vec<_>>().join(" "));
        }
        Err(match self.max_age {
            Some(age) => refusal.member("max_age", age.0),
            None => refusal,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp(10_000);

    fn told(step: StepUp, level: Level, at: Option<i64>) -> Option<Value> {
        let refused = step.demand(Some(Proven { level, at: at.map(Timestamp) }), NOW).err()?;
        assert_eq!(refused.code, Code::InsufficientUserAuthentication);
        Some(Value::Object(*refused.members))
    }

    #[test]
    fn a_sign_in_has_to_be_as_strong_and_as_recent_as_is_asked() {
        let asked = json!({"update": {"acr": "urn:chancery:acr:2fa", "max_age": 600}, "delete": {"acr": "phr"}});
        let steps = StepUps::read(&asked).unwrap();
        assert_eq!(steps.written(), asked);
        let values = "urn:chancery:acr:2fa phr";
        let both = Some(json!({"acr_values": values, "max_age": 600}));
        assert_eq!(told(steps.of(2), Level::Two, Some(9_400)), None);
        assert_eq!(told(steps.of(2), Level::PhishingResistant, Some(10_000)), None);
        assert_eq!(told(steps.of(2), Level::One, Some(10_000)), both);
        assert_eq!(told(steps.of(2), Level::Two, Some(9_399)), both);
        assert_eq!(told(steps.of(2), Level::Two, None), both, "a token that does not say when proves nothing recent");
        assert_eq!(told(steps.of(3), Level::Two, None), Some(json!({"acr_values": "phr"})));
        assert_eq!(told(steps.of(0), Level::One, None), None, "nothing is asked for reading");
        assert_eq!(steps.of(2).demand(None, NOW).map_err(|refusal| refusal.code), Ok(()), "a program");
        let most = steps.most();
        assert_eq!(
            told(most, Level::PhishingResistant, Some(9_399)),
            Some(json!({"acr_values": "phr", "max_age": 600}))
        );
        assert_eq!(told(most, Level::PhishingResistant, Some(9_400)), None);
    }

    #[test]
    fn what_is_no_step_up_is_refused_with_its_place() {
        for (bad, at) in [
            (json!([]), ""),
            (json!({"write": {}}), "/write"),
            (json!({"update": "phr"}), "/update"),
            (json!({"update": {"acr": "silver"}}), "/update/acr"),
            (json!({"update": {"acr": 2}}), "/update/acr"),
            (json!({"read": {"max_age": 0}}), "/read/max_age"),
            (json!({"read": {"max_age": "600"}}), "/read/max_age"),
            (json!({"read": {"max_age": 31_536_001}}), "/read/max_age"),
            (json!({"read": {"amr": "otp"}}), "/read/amr"),
        ] {
            assert_eq!(StepUps::read(&bad).unwrap_err().0, at, "{bad}");
        }
    }
}
