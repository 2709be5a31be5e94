//! What a caller writes to what it begins.

use std::collections::BTreeMap;

use crate::base::Result;
use crate::payments::unprocessable;

/// Names and values as Stripe takes them; ours are ours (Part 4 no. 52).
pub(in crate::payments) fn check_metadata(metadata: &BTreeMap<String, String>) -> Result<()> {
    let fits = |(name, value): (&String, &String)| {
        (1..=40).contains(&name.chars().count())
            && value.chars().count() <= 500
            && !name.contains(['[', ']'])
            && !name.starts_with("chancery_")
    };
    if metadata.len() > 45 || !metadata.iter().all(fits) {
        let why =
            "metadata has up to 45 names of up to 40 characters, not beginning with chancery_, and values of up to 500";
        return Err(unprocessable(why));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m2_metadata_of_a_caller_is_never_ours() {
        let metadata = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        assert!(check_metadata(&metadata(&"n".repeat(40), &"v".repeat(500))).is_ok());
        for (name, value) in [
            ("chancery_subject", "eve".to_owned()),
            ("", String::new()),
            (&*"n".repeat(41), String::new()),
            ("a[b]", String::new()),
            ("n", "v".repeat(501)),
        ] {
            assert!(check_metadata(&metadata(name, &value)).is_err(), "{name}");
        }
        let many = (0..46).map(|number| (number.to_string(), String::new())).collect();
        assert!(check_metadata(&many).is_err());
    }
}
