//! JSON as Stripe's forms spell it: `line_items[0][price]=…`.

use serde_json::Value;
use url::form_urlencoded::Serializer;

/// The form of an object. Members that are `null` or empty are left out.
pub(super) fn encoded(object: &Value) -> String {
    let mut form = Serializer::new(String::new());
    let mut pairs = Vec::new();
    flatten("", object, &mut pairs);
    form.extend_pairs(pairs).finish()
}

fn flatten(name: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}[{part}]") };
    match value {
        Value::Null => {}
        Value::Object(members) => members.iter().for_each(|(member, value)| flatten(&below(member), value, pairs)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| flatten(&below(&at.to_string()), value, pairs));
        }
        Value::String(text) => pairs.push((name.to_owned(), text.clone())),
        other => pairs.push((name.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_members_are_spelled_with_brackets() {
        let form = encoded(&json!({
            "mode": "payment", "line_items": [{ "price": "price_1", "quantity": 2 }], "metadata": { "a&b": "c d" },
            "none": null, "cancel": false,
        }));
        let pairs: Vec<_> = url::form_urlencoded::parse(form.as_bytes()).map(|(n, v)| format!("{n}={v}")).collect();
        let mut expected = [
            "mode=payment",
            "line_items[0][price]=price_1",
            "line_items[0][quantity]=2",
            "metadata[a&b]=c d",
            "cancel=false",
        ];
        let mut pairs: Vec<_> = pairs.iter().map(String::as_str).collect();
        expected.sort_unstable();
        pairs.sort_unstable();
        assert_eq!(pairs, expected);
    }
}
