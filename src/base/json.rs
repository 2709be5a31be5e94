//! JSON read strictly: a member named twice is an error (RFC 7515 §4, RFC 8725 §2.4), where `serde_json` alone would
//! silently keep the last one and let two readers of one text see two different values. Nor may a text hold NUL, which
//! PostgreSQL cannot look up.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The one JSON object in `bytes`, with every name in it, at every depth, unique.
///
/// # Errors
/// It is not JSON, not an object, names a member twice, holds a NUL, or is deeper than `serde_json` allows (128).
pub fn strict_object(bytes: &[u8]) -> serde_json::Result<Map<String, Value>> {
    match strict_value(bytes)? {
        Value::Object(map) => Ok(map),
        _ => Err(serde_json::Error::custom("not an object")),
    }
}

/// The one JSON value in `bytes`, read as strictly.
///
/// # Errors
/// As [`strict_object`], of any value.
pub fn strict_value(bytes: &[u8]) -> serde_json::Result<Value> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

/// Scalars are taken as `serde_json` takes them; only the two containers need a look.
macro_rules! scalars {
    ($($visit:ident: $type:ty),*) => {$(
        fn $visit<E>(self, value: $type) -> Result<Value, E> {
            Ok(Value::from(value))
        }
    )*};
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    scalars! { visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64 }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        if value.contains('\0') { Err(E::custom("a text holds NUL")) } else { Ok(Value::from(value)) }
    }

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated members")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom("a member is named twice"));
            }
            let value = members.next_value_seed(Self)?;
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_but_repetition_reads_as_serde_json_reads_it() {
        let text = r#"{"a":[1,-2,2.5,true,null,"x\u00e9"],"b":{"a":{}},"c":18446744073709551615}"#;
        assert_eq!(
            Value::Object(strict_object(text.as_bytes()).unwrap()),
            serde_json::from_str::<Value>(text).unwrap()
        );
    }

    #[test]
    fn a_member_named_twice_is_refused_at_any_depth_and_however_spelt() {
        for bad in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#, r#"{"x":[{"y":{"a":1,"a":2}}]}"#] {
            assert!(strict_object(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn z1_a_text_with_nul_is_refused_at_any_depth() {
        for bad in [r#"{"kid":"\u0000"}"#, r#"{"a":[{"b":"x\u0000y"}]}"#] {
            assert!(strict_object(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        let deep = "[".repeat(100_000);
        for bad in ["", "[]", "1", "null", "{}{}", "{} x", "{'a':1}", "{\"a\":\u{0}}", "\u{feff}{}", &deep] {
            assert!(strict_object(bad.as_bytes()).is_err(), "{}", &bad[..bad.len().min(9)]);
        }
        assert!(strict_object(b"{\"a\":\"\xff\"}").is_err());
    }
}
