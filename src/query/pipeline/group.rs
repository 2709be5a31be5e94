//! Groups: documents that have a value in common, and what is made of each group's values.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::super::expr::{Failure, Scope, numbers};
use super::super::limits::GROUPS;
use super::super::value::{Num, compare, normal, weight};
use super::{Accumulator, Bucket, Group};

/// What has been accumulated for one field of one group.
#[derive(Clone, Debug)]
enum Sum {
    Total(Num),
    Mean(Num, u32),
    Best(Option<Value>),
    All(Vec<Value>),
    Set(BTreeMap<String, Value>),
    First { met: bool, value: Option<Value> },
    Last(Option<Value>),
    Count(u64),
}

impl Sum {
    const fn new(accumulator: Accumulator) -> Self {
        match accumulator {
            Accumulator::Sum => Self::Total(Num::Int(0)),
            Accumulator::Avg => Self::Mean(Num::Int(0), 0),
            Accumulator::Min | Accumulator::Max => Self::Best(None),
            Accumulator::Push => Self::All(Vec::new()),
            Accumulator::AddToSet => Self::Set(BTreeMap::new()),
            Accumulator::First => Self::First { met: false, value: None },
            Accumulator::Last => Self::Last(None),
            Accumulator::Count => Self::Count(0),
        }
    }

    /// Takes a value in; answers how much more it holds then.
    fn take(&mut self, accumulator: Accumulator, value: Option<Value>) -> usize {
        let bytes = value.as_ref().map_or(0, weight);
        match (self, value) {
            (Self::Total(sum), Some(Value::Number(number))) => *sum = numbers::add(*sum, Num::of(&number)),
            (Self::Mean(sum, count), Some(Value::Number(number))) => {
                (*sum, *count) = (numbers::add(*sum, Num::of(&number)), *count + 1);
            }
            (Self::Best(best), Some(value)) if !value.is_null() => {
                let better = best.as_ref().is_none_or(|best| {
                    let order = compare(&value, best);
                    if accumulator == Accumulator::Min { order.is_lt() } else { order.is_gt() }
                });
                if better {
                    *best = Some(value);
                }
            }
            (Self::All(all), Some(value)) => {
                all.push(value);
                return bytes;
            }
            (Self::Set(set), Some(value)) => {
                let value = normal(value);
                if set.insert(value.to_string(), value).is_none() {
                    return 2 * bytes;
                }
            }
            (Self::First { met, value: first }, value) if !*met => {
                (*met, *first) = (true, value);
                return bytes;
            }
            (Self::Last(last), value) => *last = value,
            (Self::Count(count), _) => *count += 1,
            _ => {}
        }
        0
    }

    fn result(self) -> Result<Value, Failure> {
        let number = |num: Num| num.to_value().map_or_else(|| Failure::wrong("the result is no number"), Ok);
        match self {
            Self::Total(sum) => number(sum),
            Self::Mean(_, 0) => Ok(Value::Null),
            Self::Mean(sum, count) => number(Num::Real(sum.real() / f64::from(count))),
            Self::All(all) => Ok(all.into()),
            Self::Set(set) => {
                let mut values: Vec<Value> = set.into_values().collect();
                values.sort_by(compare);
                Ok(values.into())
            }
            Self::Best(value) | Self::Last(value) | Self::First { value, .. } => Ok(value.unwrap_or_default()),
            Self::Count(count) => Ok(count.into()),
        }
    }
}

/// The groups so far, in the order in which they were first met.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    places: HashMap<String, usize>,
    groups: Vec<(Value, Vec<Sum>)>,
}

type Fields = [(String, Accumulator, super::Expr)];

impl Groups {
    /// Takes a document into its group; answers how much more is held then.
    pub fn take(&mut self, group: &Group, document: &Value, scope: &Scope<'_>) -> Result<usize, Failure> {
        let key = normal(group.by.value(document, scope)?.unwrap_or_default());
        self.put(key, &group.fields, document, scope)
    }

    /// Takes a document into the range of its value.
    pub fn take_range(&mut self, bucket: &Bucket, document: &Value, scope: &Scope<'_>) -> Result<usize, Failure> {
        let value = bucket.by.value(document, scope)?.unwrap_or_default();
        let after = bucket.boundaries.iter().take_while(|start| compare(start, &value).is_le()).count();
        let within = (1..bucket.boundaries.len()).contains(&after);
        let key = if within { bucket.boundaries.get(after - 1).cloned() } else { bucket.default.clone() };
        match key {
            Some(key) => self.put(key, &bucket.fields, document, scope),
            None => Failure::wrong("`$bucket` has no range for a value, and no default"),
        }
    }

    fn put(&mut self, key: Value, fields: &Fields, document: &Value, scope: &Scope<'_>) -> Result<usize, Failure> {
        let text = key.to_string();
        let mut held = 0;
        let place = match self.places.get(&text) {
            Some(place) => *place,
            None if self.groups.len() == GROUPS => return Err(Failure::TooExpensive),
            None => {
                held += 2 * weight(&key) + 64 * fields.len();
                self.places.insert(text, self.groups.len());
                self.groups.push((key, fields.iter().map(|(_, accumulator, _)| Sum::new(*accumulator)).collect()));
                self.groups.len() - 1
            }
        };
        let Some((_, sums)) = self.groups.get_mut(place) else { return Ok(held) };
        for (sum, (_, accumulator, expr)) in sums.iter_mut().zip(fields) {
            held += sum.take(*accumulator, expr.value(document, scope)?);
        }
        Ok(held)
    }

    /// One document for each group.
    pub fn results(&mut self, fields: &Fields) -> Result<Vec<Value>, Failure> {
        let groups = std::mem::take(self).groups;
        let document = |(key, sums): (Value, Vec<Sum>)| {
            let mut map = Map::from_iter([("_id".to_owned(), key)]);
            for (sum, (name, ..)) in sums.into_iter().zip(fields) {
                map.insert(name.clone(), sum.result()?);
            }
            Ok(Value::Object(map))
        };
        groups.into_iter().map(document).collect()
    }
}
