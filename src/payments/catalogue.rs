//! What can be bought: a tenant's active products and prices, remembered for a minute and until Stripe tells of a
//! change.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Opened, Payments, refused};
use crate::base::Result;
use crate::store::tenants::Tenant;
use crate::stripe::{Listed, Price, Product, Recurring};

/// Most pages of a list that are read.
const MOST_PAGES: usize = 20;
/// Objects on one of them: their size is bounded by what an answer may have.
const PAGE: usize = 50;

/// All that can be bought.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    products: Vec<Product>,
    prices: Vec<Price>,
}

/// A product as it is shown.
#[derive(Debug, Serialize)]
pub struct ProductShown {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it costs.
    pub prices: Vec<PriceShown>,
}

/// A price as it is shown.
#[derive(Debug, Serialize)]
pub struct PriceShown {
    /// Its id.
    pub id: String,
    /// What is sold.
    pub product: String,
    /// A name that stays when the price changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup_key: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// In which money.
    pub currency: String,
    /// How much, in the money's smallest unit.
    pub unit_amount: Option<i64>,
    /// How often; absent: once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recurring: Option<Recurring>,
}

impl From<&Price> for PriceShown {
    fn from(price: &Price) -> Self {
        Self {
            id: price.id.clone(),
            product: price.product.0.clone(),
            lookup_key: price.lookup_key.clone(),
            nickname: price.nickname.clone(),
            currency: price.currency.clone(),
            unit_amount: price.unit_amount,
            recurring: price.recurring.clone(),
        }
    }
}

impl Catalogue {
    /// The price of this id or lookup key, if it and its product can be bought.
    #[must_use]
    pub fn price(&self, name: &str) -> Option<&Price> {
        let is = |price: &&Price| price.id == name || price.lookup_key.as_deref() == Some(name);
        self.prices.iter().find(is).filter(|price| self.products.iter().any(|product| product.id == price.product.0))
    }

    /// Products with their prices.
    #[must_use]
    pub fn products(&self) -> Vec<ProductShown> {
        let prices_of = |product: &Product| {
            self.prices.iter().filter(|price| price.product.0 == product.id).map(PriceShown::from).collect()
        };
        let shown = |product: &Product| ProductShown {
            id: product.id.clone(),
            name: product.name.clone(),
            description: product.description.clone(),
            prices: prices_of(product),
        };
        self.products.iter().map(shown).collect()
    }

    /// Prices whose product can be bought.
    #[must_use]
    pub fn prices(&self) -> Vec<PriceShown> {
        self.prices.iter().filter(|price| self.price(&price.id).is_some()).map(PriceShown::from).collect()
    }
}

impl Payments {
    /// What can be bought in this tenant.
    ///
    /// # Errors
    /// The tenant takes no payments, or Stripe does not answer.
    pub async fn catalogue(&self, tenant: &Tenant) -> Result<Arc<Catalogue>> {
        let opened = self.open(&tenant.id).await?;
        self.catalogue_of(&opened).await
    }

    pub(super) async fn catalogue_of(&self, opened: &Opened) -> Result<Arc<Catalogue>> {
        let tenant = &opened.row.tenant_id;
        if let Some(known) = self.catalogues.get(tenant) {
            return Ok(known);
        }
        let products = self.all(opened, "/v1/products", |product: &Product| product.id.clone()).await?;
        let prices = self.all(opened, "/v1/prices", |price: &Price| price.id.clone()).await?;
        let catalogue = Catalogue {
            products: products.into_iter().filter(|product| product.active).collect(),
            prices: prices.into_iter().filter(|price| price.active).collect(),
        };
        let catalogue = Arc::new(catalogue);
        self.catalogues.insert(tenant.clone(), Arc::clone(&catalogue));
        Ok(catalogue)
    }

    async fn all<T: DeserializeOwned>(&self, opened: &Opened, path: &str, id: fn(&T) -> String) -> Result<Vec<T>> {
        let mut all: Vec<T> = Vec::new();
        for _ in 0..MOST_PAGES {
            let query = json!({ "active": true, "limit": PAGE, "starting_after": all.last().map(id) });
            let page: Listed<T> = self.at(opened).get(path, &query).await.map_err(refused)?;
            let more = page.has_more && !page.data.is_empty();
            all.extend(page.data);
            if !more {
                break;
            }
        }
        Ok(all)
    }
}
