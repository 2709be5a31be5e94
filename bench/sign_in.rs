//! A person at the pages, as far as it takes to have a session: reads forms, keeps cookies, follows redirects.

use std::collections::BTreeMap;

use crate::Failed;
use crate::http::{Connection, get, post_form};

/// A browser without eyes.
pub struct Browser {
    connection: Connection,
    cookies: BTreeMap<String, String>,
}

struct Page {
    status: u16,
    location: Option<String>,
    body: String,
}

impl Browser {
    /// Opens one without cookies.
    pub async fn open(port: u16) -> Result<Self, Failed> {
        Ok(Self { connection: Connection::open(port).await?, cookies: BTreeMap::new() })
    }

    /// The `Cookie` header as it is now.
    pub fn cookies(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// Walks from an authorization request through sign-in and consent to the redirect that carries the code.
    pub async fn authorize(&mut self, path: &str, email: &str, password: &str) -> Result<String, Failed> {
        let mut page = self.send(&get(path, &[("cookie", &self.cookies())])).await?;
        let mut at = path.to_owned();
        for _ in 0..8 {
            if let Some(location) = page.location.take() {
                if location.contains("code=") {
                    return Ok(location);
                }
                at = path_of(&location, &at);
                page = self.send(&get(&at, &[("cookie", &self.cookies())])).await?;
                continue;
            }
            let (action, fields) = fill(&page, email, password)?;
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let target = action.map_or_else(|| at.clone(), |action| path_of(&action, &at));
            let headers = [("cookie", self.cookies()), ("origin", "http://127.0.0.1".to_owned())];
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            page = self.send(&post_form(&target, &headers[..1], &fields)).await?;
            at = target;
        }
        Err("the sign-in did not come to an end".into())
    }

    /// Goes to where a redirect leads, for its cookies.
    pub async fn follow(&mut self, location: &str) -> Result<(), Failed> {
        let path = path_of(location, "/");
        self.send(&get(&path, &[("cookie", &self.cookies())])).await.map(drop)
    }

    async fn send(&mut self, request: &[u8]) -> Result<Page, Failed> {
        let answer = self.connection.round(request).await?;
        for cookie in answer.headers("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = answer.header("location").map(str::to_owned);
        Ok(Page { status: answer.status, location, body: answer.body.to_owned() })
    }
}

/// Where the form of a page goes, and what is in it when it goes.
type Filled = (Option<String>, Vec<(String, String)>);

fn fill(page: &Page, email: &str, password: &str) -> Result<Filled, Failed> {
    let form = ["login-form", "consent-form"].iter().find_map(|id| form_of(&page.body, id));
    let form = form.ok_or_else(|| format!("no form to fill on a page with status {}:\n{}", page.status, page.body))?;
    let mut fields = Vec::new();
    for input in tags(form, "input") {
        let Some(name) = attribute(input, "name") else { continue };
        let value = match name.as_str() {
            "username" => email.to_owned(),
            "password" => password.to_owned(),
            _ => attribute(input, "value").unwrap_or_default(),
        };
        fields.push((name, value));
    }
    if form.contains("consent-allow") {
        let allow = tags(form, "button").find(|tag| tag.contains("consent-allow"));
        let value = allow.and_then(|tag| attribute(tag, "value")).unwrap_or_else(|| "allow".to_owned());
        fields.push(("decision".to_owned(), value));
    }
    Ok((attribute(form, "action"), fields))
}

fn path_of(location: &str, at: &str) -> String {
    let base = url::Url::parse("http://127.0.0.1").and_then(|base| base.join(at));
    match base.and_then(|base| base.join(location)) {
        Ok(url) => url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
        Err(_) => location.to_owned(),
    }
}

/// The text of a form from its opening tag on.
fn form_of<'a>(page: &'a str, id: &str) -> Option<&'a str> {
    let at = page.find(&format!("id=\"{id}\""))?;
    let begin = page[..at].rfind('<')?;
    page[begin..].split("</form>").next()
}

fn tags<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    text.split('<').filter(move |tag| tag.starts_with(name)).filter_map(|tag| tag.split('>').next())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = tag.split('>').next()?;
    let (_, after) = tag.split_once(&format!(" {name}=\""))?;
    let value = after.split('"').next()?;
    Some(value.replace("&#38;", "&").replace("&amp;", "&").replace("&#x2F;", "/").replace("&#x3D;", "="))
}
