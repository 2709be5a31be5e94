//! What is sealed with a server's master key is opened when it leaves and sealed anew where it arrives: for another
//! master key, and in a copy for another tenant.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::tables::{Form, Kept};
use crate::base::{Fault, Result, TenantId};
use crate::keys::{Keys, Purpose};

/// A row with the names of its columns.
pub(super) struct Named<'a> {
    /// The names.
    pub(super) columns: &'a [String],
    /// The values.
    pub(super) row: &'a mut [Value],
}

impl Named<'_> {
    /// A value; null where there is no such column.
    pub(super) fn get(&self, name: &str) -> &Value {
        let at = self.columns.iter().position(|column| column == name);
        at.and_then(|at| self.row.get(at)).unwrap_or(&Value::Null)
    }

    /// Puts another value there, if there is such a column.
    pub(super) fn set(&mut self, name: &str, value: impl Into<Value>) {
        let at = self.columns.iter().position(|column| column == name);
        if let Some(place) = at.and_then(|at| self.row.get_mut(at)) {
            *place = value.into();
        }
    }

    /// Opens what is sealed for this tenant.
    pub(super) fn open(&mut self, kept: &Kept, keys: &Keys, tenant: &TenantId) -> Result<()> {
        self.each(kept, |purpose, sealed| Ok(URL_SAFE_NO_PAD.encode(keys.open(purpose, tenant, sealed)?.as_slice())))
    }

    /// Seals what [`Named::open`] opened, for this tenant.
    pub(super) fn seal(&mut self, kept: &Kept, keys: &Keys, tenant: &TenantId) -> Result<()> {
        self.each(kept, |purpose, opened| {
            let opened = zeroize::Zeroizing::new(URL_SAFE_NO_PAD.decode(opened)?);
            Ok(keys.seal(purpose, tenant, &opened)?)
        })
    }

    fn each(&mut self, kept: &Kept, turn: impl Fn(Purpose, &str) -> Result<String>) -> Result<()> {
        for (column, purpose, form) in kept.sealed {
            let Some(text) = self.get(column).as_str() else { continue };
            let turned = turned(*form, text, |text| turn(*purpose, text))?;
            self.set(column, turned);
        }
        Ok(())
    }
}

fn turned(form: Form, text: &str, turn: impl Fn(&str) -> Result<String>) -> Result<String> {
    if form == Form::One {
        return turn(text);
    }
    let none = || Fault::new("a list of sealed values is none");
    let mut all: Vec<Value> = serde_json::from_str(text)?;
    for one in &mut all {
        let place = if form == Form::List { Some(one) } else { one.get_mut("sealed") };
        let place = place.ok_or_else(none)?;
        *place = turn(place.as_str().ok_or_else(none)?)?.into();
    }
    Ok(Value::Array(all).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_form_of_sealed_values_is_turned_and_what_is_beside_stays() {
        let turn = |text: &str| Ok(text.to_uppercase());
        assert_eq!(turned(Form::One, "ab", turn).unwrap(), "AB");
        assert_eq!(turned(Form::List, r#"["a","b"]"#, turn).unwrap(), r#"["A","B"]"#);
        let members = json!([{ "sealed": "a", "until": 7 }, { "sealed": "b", "until": null }]);
        let after = turned(Form::Members, &members.to_string(), turn).unwrap();
        assert_eq!(after, json!([{ "sealed": "A", "until": 7 }, { "sealed": "B", "until": null }]).to_string());
        assert!(turned(Form::Members, r#"[{"until":1}]"#, turn).is_err() && turned(Form::List, "[1]", turn).is_err());
    }

    #[test]
    fn a_row_is_read_and_changed_by_the_names_of_its_columns() {
        let columns = ["a", "b"].map(str::to_owned);
        let mut row = [json!(1), json!("x")];
        let mut named = Named { columns: &columns, row: &mut row };
        named.set("b", "y");
        named.set("c", 3);
        assert_eq!((named.get("b"), named.get("c")), (&json!("y"), &Value::Null));
        assert_eq!(row, [json!(1), json!("y")]);
    }
}
