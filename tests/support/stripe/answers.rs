//! What each request is answered with.

use serde_json::{Value, json};

use super::forms::{error, items, only};
use super::{Objects, Told};

const MONTH: i64 = 30 * 86_400;

fn bad(param: &str) -> (u16, Value) {
    (400, error(400, "invalid_request_error", "parameter_invalid", param))
}

impl Objects {
    pub(super) fn answer(&mut self, method: &str, path: &str, form: &Value, now: i64) -> Told {
        let parts: Vec<_> = path.split('/').collect();
        match (method, parts.as_slice()) {
            ("POST", ["customers"]) => self.customer(form, now),
            ("POST", ["products"]) => self.product(form),
            ("GET", ["products"]) => self.listed("product", form, "active_text"),
            ("GET", ["prices"]) => self.listed("price", form, "active_text"),
            ("GET", ["invoices"]) => self.listed("invoice", form, "customer"),
            ("GET", ["subscriptions"]) => self.listed("subscription", form, "customer"),
            ("GET", ["subscription_schedules"]) => self.listed("subscription_schedule", form, "customer"),
            ("GET", ["events"]) => self.events(form),
            ("GET", ["disputes"]) => {
                only(form, &["payment_intent", "limit"])?;
                Ok(self.list("dispute", form, "payment_intent"))
            }
            ("POST", ["checkout", "sessions"]) => self.session(form, now),
            (
                "GET",
                ["checkout", "sessions", id] | ["payment_intents" | "subscriptions" | "subscription_schedules", id],
            ) => self.find(id),
            ("POST", ["billing_portal", "sessions"]) => {
                only(form, &["customer", "return_url"])?;
                self.find(form["customer"].as_str().unwrap_or_default())?;
                Ok(json!({ "object": "billing_portal.session", "url": "https://billing.stripe.test/session/1" }))
            }
            ("POST", ["subscriptions"]) => self.subscribe(form, now),
            ("POST", ["subscriptions", id, "resume"]) => {
                only(form, &["billing_cycle_anchor"])?;
                self.change(id, now, |subscription| subscription["status"] = json!("active"))
            }
            ("POST", ["subscriptions", id]) => self.update(id, form, now),
            ("DELETE", ["subscriptions", id]) => self.change(id, now, |subscription| {
                subscription["status"] = json!("canceled");
            }),
            ("POST", ["subscription_schedules"]) => self.schedule(form),
            ("POST", ["subscription_schedules", id]) => self.reschedule(id, form),
            ("POST", ["refunds"]) => self.refund(form, now),
            _ => Err((404, error(404, "invalid_request_error", "url_invalid", path))),
        }
    }

    fn listed(&self, kind: &str, form: &Value, by: &str) -> Told {
        only(form, &["active", "limit", "starting_after", "customer", "status"])?;
        Ok(self.list(kind, form, by))
    }

    fn customer(&mut self, form: &Value, now: i64) -> Told {
        only(form, &["email", "metadata", "name"])?;
        let id = self.id("cus");
        Ok(self.keep(json!({
            "id": id, "object": "customer", "email": form["email"], "metadata": form["metadata"], "created": now,
        })))
    }

    fn product(&mut self, form: &Value) -> Told {
        only(form, &["name"])?;
        let id = self.id("prod");
        Ok(self.keep(json!({ "id": id, "object": "product", "name": form["name"], "active": true })))
    }

    fn events(&self, form: &Value) -> Told {
        only(form, &["created", "limit", "starting_after"])?;
        let since: i64 =
            form["created"]["gte"].as_str().and_then(|text| text.parse().ok()).ok_or_else(|| bad("created"))?;
        let after = form["starting_after"].as_str();
        let newest: Vec<_> =
            self.events.iter().rev().filter(|event| event["created"].as_i64() >= Some(since)).collect();
        let start = after.and_then(|after| newest.iter().position(|event| event["id"] == after)).map_or(0, |at| at + 1);
        let limit = form["limit"].as_str().and_then(|limit| limit.parse().ok()).unwrap_or(10_usize);
        let page: Vec<_> = newest[start..].iter().take(limit).collect();
        Ok(json!({ "object": "list", "has_more": newest.len() > start + page.len(), "data": page }))
    }

    /// Whether all items cost something that is known or well made up.
    fn priced(&self, form: &Value) -> Result<Vec<Value>, (u16, Value)> {
        let mut priced = Vec::new();
        for item in items(form) {
            only(&item, &["price", "quantity", "price_data", "id"])?;
            let price = if let Some(id) = item["price"].as_str() {
                self.find(id)?
            } else {
                let data = &item["price_data"];
                only(data, &["currency", "unit_amount", "product_data", "product", "recurring"])?;
                let recurring = Some(&data["recurring"]).filter(|recurring| recurring.is_object());
                json!({ "id": "price_inline", "object": "price", "product": "prod_inline", "active": false,
                    "currency": data["currency"], "recurring": recurring.map(|_| json!({ "interval": "month" })),
                    "unit_amount": data["unit_amount"].as_str().unwrap().parse::<i64>().unwrap() })
            };
            let quantity: i64 = item["quantity"].as_str().unwrap_or("1").parse().unwrap();
            priced.push(json!({ "price": price, "quantity": quantity }));
        }
        Ok(priced)
    }

    fn session(&mut self, form: &Value, now: i64) -> Told {
        only(
            form,
            &[
                "mode",
                "customer",
                "customer_email",
                "client_reference_id",
                "success_url",
                "cancel_url",
                "payment_method_types",
                "metadata",
                "line_items",
                "payment_intent_data",
                "subscription_data",
                "currency",
            ],
        )?;
        if form["customer"].is_string() && form["customer_email"].is_string() {
            return Err(bad("customer_email"));
        }
        let lines = self.priced(&form["line_items"])?;
        let recurs = lines.iter().any(|line| line["price"]["recurring"].is_object());
        match form["mode"].as_str() {
            Some("subscription") if !recurs => return Err(bad("line_items")),
            Some("payment") if recurs || lines.is_empty() => return Err(bad("line_items")),
            Some("subscription" | "payment" | "setup") => {}
            _ => return Err(bad("mode")),
        }
        let id = self.id("cs_test");
        Ok(self.keep(json!({
            "id": id, "object": "checkout.session", "mode": form["mode"], "status": "open", "payment_status": "unpaid",
            "url": format!("https://checkout.stripe.test/c/{id}"), "customer": form["customer"], "lines": lines,
            "metadata": form["metadata"], "made": form["payment_intent_data"]["metadata"],
            "client_reference_id": form["client_reference_id"], "expires_at": now + 86_400, "livemode": false,
            "subscription": null, "payment_intent": null, "success_url": form["success_url"],
        })))
    }

    /// A subscription of these lines.
    pub(super) fn subscription(&mut self, customer: &Value, lines: &[Value], now: i64) -> Value {
        let id = self.id("sub");
        let data: Vec<_> = lines
            .iter()
            .map(|line| {
                json!({ "id": self.id("si"), "object": "subscription_item", "price": line["price"],
                    "quantity": line["quantity"], "current_period_start": now, "current_period_end": now + MONTH })
            })
            .collect();
        self.keep(json!({
            "id": id, "object": "subscription", "status": "active", "customer": customer, "created": now,
            "items": { "object": "list", "data": data, "has_more": false }, "cancel_at": null,
            "cancel_at_period_end": false, "schedule": null, "livemode": false, "metadata": {},
        }))
    }

    fn subscribe(&mut self, form: &Value, now: i64) -> Told {
        only(form, &["customer", "items", "collection_method", "days_until_due", "metadata"])?;
        self.find(form["customer"].as_str().unwrap_or_default())?;
        let lines = self.priced(&form["items"])?;
        let made = self.subscription(&form["customer"], &lines, now);
        self.tell("customer.subscription.created", &made, now);
        Ok(made)
    }

    /// Changes a subscription, and tells of it.
    pub(super) fn change(&mut self, id: &str, now: i64, change: impl FnOnce(&mut Value)) -> Told {
        let mut subscription = self.find(id)?;
        change(&mut subscription);
        let kind = if subscription["status"] == "canceled" { "deleted" } else { "updated" };
        let kept = self.keep(subscription);
        self.tell(&format!("customer.subscription.{kind}"), &kept, now);
        Ok(kept)
    }

    fn update(&mut self, id: &str, form: &Value, now: i64) -> Told {
        only(form, &["cancel_at_period_end", "items", "proration_behavior"])?;
        let lines = self.priced(&form["items"])?;
        let ends = form["cancel_at_period_end"].as_str().map(|text| text == "true");
        self.change(id, now, |subscription| {
            if let Some(ends) = ends {
                subscription["cancel_at_period_end"] = json!(ends);
            }
            for (at, line) in lines.iter().enumerate() {
                subscription["items"]["data"][at]["price"] = line["price"].clone();
                subscription["items"]["data"][at]["quantity"] = line["quantity"].clone();
            }
        })
    }

    fn schedule(&mut self, form: &Value) -> Told {
        only(form, &["from_subscription"])?;
        let mut subscription = self.find(form["from_subscription"].as_str().unwrap_or_default())?;
        let item = subscription["items"]["data"][0].clone();
        let id = self.id("sub_sched");
        subscription["schedule"] = json!(id);
        let schedule = json!({
            "id": id, "object": "subscription_schedule", "status": "active", "subscription": subscription["id"],
            "customer": subscription["customer"], "end_behavior": "release",
            "phases": [{ "start_date": item["current_period_start"], "end_date": item["current_period_end"],
                "items": [{ "price": item["price"]["id"], "quantity": item["quantity"] }] }],
        });
        self.keep(subscription);
        Ok(self.keep(schedule))
    }

    fn reschedule(&mut self, id: &str, form: &Value) -> Told {
        only(form, &["end_behavior", "phases"])?;
        let mut schedule = self.find(id)?;
        let mut phases = Vec::new();
        for phase in items(&form["phases"]) {
            only(&phase, &["start_date", "end_date", "items"])?;
            let lines = self.priced(&phase["items"])?;
            let items = lines.iter().map(|l| json!({ "price": l["price"]["id"], "quantity": l["quantity"] }));
            let number = |name: &str| phase[name].as_str().and_then(|text| text.parse::<i64>().ok());
            let start = number("start_date").unwrap_or_else(|| schedule["phases"][0]["end_date"].as_i64().unwrap());
            let end = number("end_date").unwrap_or(start + MONTH);
            phases.push(json!({ "start_date": start, "end_date": end, "items": items.collect::<Vec<_>>() }));
        }
        schedule["phases"] = json!(phases);
        schedule["end_behavior"] = form["end_behavior"].clone();
        Ok(self.keep(schedule))
    }

    fn refund(&mut self, form: &Value, now: i64) -> Told {
        only(form, &["payment_intent", "amount", "reason"])?;
        let mut intent = self.find(form["payment_intent"].as_str().unwrap_or_default())?;
        let before = intent["latest_charge"]["amount_refunded"].as_i64().unwrap();
        let left = intent["amount"].as_i64().unwrap() - before;
        let amount = form["amount"].as_str().map_or(left, |text| text.parse().unwrap());
        intent["latest_charge"]["amount_refunded"] = json!(before + amount);
        self.keep(intent.clone());
        let id = self.id("re");
        let refund = json!({ "id": id, "object": "refund", "amount": amount, "currency": intent["currency"],
            "status": "succeeded", "payment_intent": intent["id"], "reason": form["reason"] });
        self.tell("refund.created", &refund, now);
        Ok(self.keep(refund))
    }
}
