//! A person at a browser without scripts: keeps cookies, follows links and redirects, fills forms by their names.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;

use super::{Answer, TestApp, encoded};

/// One browser.
#[derive(Default)]
pub struct Person {
    /// Cookies as they were set: name to value and path.
    pub cookies: BTreeMap<String, (String, String)>,
    /// The path of the page at hand.
    pub at: String,
    /// The page at hand.
    pub page: String,
    /// The host that the browser talks to, where it is not the platform's.
    pub host: String,
}

impl Person {
    /// Opens an address and follows redirects as long as they stay on this server.
    pub async fn open(&mut self, app: &TestApp, address: &str) -> Answer {
        let answer = self.send(app, "GET", address, None).await;
        self.follow(app, answer).await
    }

    /// Sends the page's form of this id with its hidden and prefilled fields, changed and completed by `fields`, and
    /// follows redirects as long as they stay on this server.
    pub async fn submit(&mut self, app: &TestApp, form: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.submit_only(app, form, fields).await;
        self.follow(app, answer).await
    }

    /// As [`Person::submit`], but follows nothing.
    pub async fn submit_only(&mut self, app: &TestApp, form: &str, fields: &[(&str, &str)]) -> Answer {
        let (action, mut sent) = form_of(&self.page, form);
        sent.retain(|(name, _)| !fields.iter().any(|(changed, _)| changed == name));
        sent.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.send(app, "POST", &action, Some(encoded(&sent))).await
    }

    /// Sends these fields there, whatever page is at hand.
    pub async fn send_form(&mut self, app: &TestApp, address: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(app, "POST", address, Some(encoded(fields))).await
    }

    /// As [`Person::send_form`], and follows redirects as long as they stay on this server.
    pub async fn send_and_follow(&mut self, app: &TestApp, address: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.send_form(app, address, fields).await;
        self.follow(app, answer).await
    }

    async fn follow(&mut self, app: &TestApp, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            let location = answer.header("location").to_owned();
            let local = location.strip_prefix(app.app.config.base()).unwrap_or(&location);
            if !answer.status.is_redirection() || !local.starts_with('/') {
                break;
            }
            answer = self.send(app, "GET", local, None).await;
        }
        answer
    }

    async fn send(&mut self, app: &TestApp, method: &str, address: &str, form: Option<String>) -> Answer {
        let address = address.strip_prefix(app.app.config.base()).unwrap_or(address);
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let cookies = self.cookies.iter().filter(|(_, (_, scope))| path.starts_with(scope.as_str()));
        let cookies = cookies.map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let mut request = Request::builder().method(method).uri(address);
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        if form.is_some() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
            let own = format!("http://{}", self.host);
            request = request.header("origin", if self.host.is_empty() { app.app.config.base() } else { &own });
        }
        if !self.host.is_empty() {
            request = request.header("host", &self.host);
        }
        let answer = app.send(request.body(Body::from(form.unwrap_or_default())).unwrap()).await;
        self.remember(&answer);
        if !answer.status.is_redirection() {
            self.at = address.to_owned();
            self.page.clone_from(&answer.body);
        }
        answer
    }

    pub(super) fn remember(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            let path = cookie.split("; ").find_map(|part| part.strip_prefix("Path=")).unwrap_or("/");
            self.cookies.insert(name.to_owned(), (value.to_owned(), path.to_owned()));
        }
    }
}

/// Where a form goes, and what it would send untouched: hidden fields, texts, and boxes that are ticked.
fn form_of(page: &str, id: &str) -> (String, Vec<(String, String)>) {
    let start = page.find(&format!("<form id=\"{id}\"")).unwrap_or_else(|| panic!("no form {id} in\n{page}"));
    let form = &page[start..];
    let form = &form[..form.find("</form>").unwrap()];
    let fields = form.split("<input ").skip(1).map(|input| input.split('>').next().unwrap());
    let sent = fields.filter(|input| {
        let ticked = !input.contains("type=\"checkbox\"") || input.contains(" checked");
        ticked && !input.contains(" disabled") && attribute(input, "name").is_some()
    });
    let sent = sent.map(|input| (attribute(input, "name").unwrap(), attribute(input, "value").unwrap_or_default()));
    (attribute(form, "action").unwrap(), sent.collect())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let value = rest.split('"').next()?;
    Some(value.replace("&#38;", "&").replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<"))
}
