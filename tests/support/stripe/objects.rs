//! What people do at Stripe: they pay, stop paying, and want their money back.

use serde_json::{Value, json};

use super::StandIn;

impl StandIn {
    /// Adds a product with one price.
    pub fn sell(&self, price: &str, lookup_key: &str, amount: i64, recurring: bool) {
        let mut objects = self.objects();
        let product = format!("prod_{}", price.trim_start_matches("price_"));
        let every = recurring.then(|| json!({ "interval": "month", "interval_count": 1 }));
        objects.keep(json!({ "id": product, "object": "product", "name": lookup_key, "active": true }));
        objects.keep(json!({
            "id": price, "object": "price", "product": product, "lookup_key": lookup_key, "active": true,
            "currency": "eur", "unit_amount": amount, "recurring": every,
        }));
    }

    /// Somebody pays on the page of a session: what came of it.
    pub fn pay(&self, session: &str) -> Value {
        let mut objects = self.objects();
        let now = objects.now();
        let mut session = objects.find(session).unwrap();
        let lines = session["lines"].as_array().unwrap().clone();
        session["status"] = json!("complete");
        session["payment_status"] = json!("paid");
        if session["mode"] == "subscription" {
            let made = objects.subscription(&session["customer"].clone(), &lines, now);
            session["subscription"] = made["id"].clone();
            objects.tell("customer.subscription.created", &made, now);
        } else {
            let total =
                |line: &Value| line["price"]["unit_amount"].as_i64().unwrap() * line["quantity"].as_i64().unwrap();
            let id = objects.id("pi");
            let intent = objects.keep(json!({
                "id": id, "object": "payment_intent", "amount": lines.iter().map(total).sum::<i64>(), "currency": "eur",
                "status": "succeeded", "customer": session["customer"], "metadata": session["made"], "created": now,
                "latest_charge": { "id": "ch_1", "amount_refunded": 0, "disputed": false }, "livemode": false,
            }));
            session["payment_intent"] = intent["id"].clone();
            objects.tell("payment_intent.succeeded", &intent, now);
        }
        let session = objects.keep(session);
        objects.tell("checkout.session.completed", &session, now);
        session
    }

    /// Changes an object, and tells of it.
    pub fn set(&self, id: &str, kind: &str, change: impl FnOnce(&mut Value)) -> Value {
        let mut objects = self.objects();
        let now = objects.now();
        let mut object = objects.find(id).unwrap();
        change(&mut object);
        let object = objects.keep(object);
        objects.tell(kind, &object, now);
        object
    }
}
