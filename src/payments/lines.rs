//! What is to be paid, as a caller writes it: catalogued prices for everybody; made-up ones only for programs that
//! govern payments (W-108). Amounts are whole numbers of the money's smallest unit.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Catalogue, unprocessable};
use crate::base::{Code, Result, Stop};
use crate::stripe::{Price, Recurring};

/// Most lines.
const MOST: usize = 20;
/// Most of one thing.
const MOST_OF_ONE: u64 = 999_999;
/// The largest amount that Stripe takes.
const LARGEST: u64 = 99_999_999;

/// A line: a price, a made-up price, or, as older systems write it (`linedata`), a name with an amount.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineItem {
    /// The id or lookup key of a price.
    #[serde(default)]
    pub price: Option<String>,
    /// How many; one.
    #[serde(default)]
    pub quantity: Option<u64>,
    /// A price that is made up.
    #[serde(default)]
    pub price_data: Option<PriceData>,
    /// The older form: what it is.
    #[serde(default)]
    pub name: Option<String>,
    /// The older form: what it costs.
    #[serde(default)]
    pub amount: Option<u64>,
    /// The older form: in which money.
    #[serde(default)]
    pub currency: Option<String>,
}

/// A price that is made up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceData {
    /// In which money.
    pub currency: String,
    /// What it costs.
    pub unit_amount: u64,
    /// What it is.
    pub product_data: ProductData,
    /// How often; absent: once.
    #[serde(default)]
    pub recurring: Option<Recurring>,
}

/// What is sold at a price that is made up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductData {
    /// For people.
    pub name: String,
}

/// A line that can be sold.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// What it costs.
    pub price: Cost,
    /// How many.
    pub quantity: u64,
}

/// What something costs.
#[derive(Clone, Debug)]
pub(super) enum Cost {
    /// As the catalogue says.
    Catalogued(Price),
    /// As a program that governs says.
    MadeUp(PriceData),
}

impl Line {
    /// Whether it is paid again and again.
    pub(super) fn is_recurring(&self) -> bool {
        match &self.price {
            Cost::Catalogued(price) => price.recurring.is_some(),
            Cost::MadeUp(price) => price.recurring.is_some(),
        }
    }

    /// As a checkout session takes it.
    pub(super) fn of_checkout(&self) -> Value {
        match &self.price {
            Cost::Catalogued(price) => json!({ "price": price.id, "quantity": self.quantity }),
            Cost::MadeUp(price) => json!({ "quantity": self.quantity, "price_data": {
                "currency": price.currency, "unit_amount": price.unit_amount, "recurring": price.recurring,
                "product_data": { "name": price.product_data.name },
            } }),
        }
    }
}

/// Reads lines. `currency` is that of older lines that name none.
///
/// # Errors
/// A line is none, or names a price that cannot be bought, or makes one up without the right to.
pub(super) fn read(
    items: &[LineItem],
    currency: Option<&str>,
    governs: bool,
    catalogue: &Catalogue,
) -> Result<Vec<Line>> {
    if !(1..=MOST).contains(&items.len()) {
        return Err(unprocessable("there are 1 to 20 items"));
    }
    items.iter().map(|item| line(item, currency, governs, catalogue)).collect()
}

fn line(item: &LineItem, currency: Option<&str>, governs: bool, catalogue: &Catalogue) -> Result<Line> {
    let quantity = item.quantity.unwrap_or(1);
    if !(1..=MOST_OF_ONE).contains(&quantity) {
        return Err(unprocessable("a quantity is a whole number from 1 to 999999"));
    }
    let price = match (&item.price, &item.price_data, &item.name, item.amount) {
        (Some(name), None, None, None) => {
            let found = catalogue.price(name);
            Cost::Catalogued(found.cloned().ok_or_else(|| unprocessable("there is no such price to buy"))?)
        }
        (None, Some(made_up), None, None) => Cost::MadeUp(made_up.clone()),
        (None, None, Some(name), Some(amount)) => Cost::MadeUp(PriceData {
            currency: item.currency.as_deref().or(currency).unwrap_or_default().to_owned(),
            unit_amount: amount,
            product_data: ProductData { name: name.clone() },
            recurring: None,
        }),
        _ => return Err(unprocessable("an item has a price, or price_data, or name and amount")),
    };
    if let Cost::MadeUp(made_up) = &price {
        if !governs {
            let why = "prices are made up by programs with the scope payments:admin; others name one of the catalogue";
            return Err(Stop::refuse(Code::Forbidden, why));
        }
        check(made_up)?;
    }
    Ok(Line { price, quantity })
}

fn check(price: &PriceData) -> Result<()> {
    if !(1..=LARGEST).contains(&price.unit_amount) {
        return Err(unprocessable("an amount is a whole number of the money's smallest unit, from 1 to 99999999"));
    }
    if price.currency.len() != 3 || !price.currency.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Err(unprocessable("a currency has three lower-case letters"));
    }
    if !(1..=250).contains(&price.product_data.name.trim().len()) {
        return Err(unprocessable("what is sold has a name of up to 250 bytes"));
    }
    let interval = price.recurring.as_ref().map(|recurring| (recurring.interval.as_str(), recurring.interval_count));
    match interval {
        Some(("day" | "week" | "month" | "year", 1..=365)) | None => Ok(()),
        Some(_) => Err(unprocessable("an interval is day, week, month or year, and their number 1 to 365")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sold(items: Value, governs: bool) -> bool {
        let items: std::result::Result<Vec<LineItem>, _> = serde_json::from_value(items);
        items.is_ok_and(|items| read(&items, Some("eur"), governs, &Catalogue::default()).is_ok())
    }

    #[test]
    fn m2_amounts_and_quantities_that_are_none_are_refused() {
        let made_up = |amount: Value, quantity: Value| {
            json!([{ "quantity": quantity, "price_data":
                { "currency": "eur", "unit_amount": amount, "product_data": { "name": "Tea" } } }])
        };
        assert!(sold(made_up(json!(1), json!(1)), true) && sold(made_up(json!(LARGEST), json!(MOST_OF_ONE)), true));
        for bad in [json!(0), json!(-1), json!(1.5), json!(LARGEST + 1), json!(u64::MAX), json!("5"), json!(null)] {
            assert!(!sold(made_up(bad.clone(), json!(1)), true), "{bad}");
        }
        for bad in [json!(0), json!(-1), json!(0.5), json!(MOST_OF_ONE + 1), json!("1")] {
            assert!(!sold(made_up(json!(5), bad.clone()), true), "{bad}");
        }
    }

    #[test]
    fn w108_who_does_not_govern_makes_no_price_up_in_any_spelling() {
        for made_up in [
            json!([{ "price_data": { "currency": "eur", "unit_amount": 5, "product_data": { "name": "Tea" } } }]),
            json!([{ "name": "Tea", "amount": 5 }]),
        ] {
            assert!(sold(made_up.clone(), true) && !sold(made_up, false));
        }
        for bad in [
            json!([]),
            json!([{}]),
            json!([{ "price": "price_unknown" }]),
            json!([{ "name": "Tea" }]),
            json!([{ "name": "Tea", "amount": 5, "price": "price_1" }]),
            json!([{ "name": "Tea", "amount": 5, "coupon": "all" }]),
            json!([{ "name": "Tea", "amount": 5, "currency": "EUR" }]),
            json!([{ "name": "", "amount": 5 }]),
        ] {
            assert!(!sold(bad.clone(), true), "{bad}");
        }
    }
}
