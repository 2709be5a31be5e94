//! A person's browser without scripts: keeps cookies, follows redirects, fills forms by their ids and names.

use std::collections::BTreeMap;

use reqwest::{Client, Method, Response, header};
use url::Url;

use crate::Failed;

/// One browser.
#[derive(Clone, Debug)]
pub struct Browser {
    http: Client,
    /// Where redirects are no longer followed: the application's own address.
    home: Url,
    /// Cookies: path and name to value.
    pub cookies: BTreeMap<(String, String), String>,
    /// The address at hand.
    pub at: Url,
    /// The page at hand.
    pub page: String,
    /// Anti-forgery tokens and codes that were seen.
    pub tokens: Vec<String>,
}

/// A client that follows nothing by itself and trusts this certificate besides the known ones.
///
/// # Errors
/// The certificate cannot be used.
pub fn http(certificate: Option<&[u8]>) -> Result<Client, Failed> {
    let _set_before = rustls::crypto::ring::default_provider().install_default();
    let mut roots: rustls::RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    if let Some(certificate) = certificate {
        roots.add(certificate.to_vec().into())?;
    }
    let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let client = Client::builder().tls_backend_preconfigured(tls).redirect(reqwest::redirect::Policy::none());
    Ok(client.timeout(std::time::Duration::from_secs(30)).build()?)
}

impl Browser {
    /// A new one, for signing in to an application whose redirect URI is `home`.
    ///
    /// # Errors
    /// `home` is not a URL.
    pub fn new(http: &Client, home: &str) -> Result<Self, Failed> {
        let home: Url = home.parse()?;
        let (at, http) = (home.clone(), http.clone());
        Ok(Self { http, home, cookies: BTreeMap::new(), at, page: String::new(), tokens: Vec::new() })
    }

    /// Opens an address and follows redirects until a page or the application is reached.
    ///
    /// # Errors
    /// The server does not answer, or answers with an error.
    pub async fn open(&mut self, address: &str) -> Result<(), Failed> {
        let answer = self.send(Method::GET, address.parse()?, None).await?;
        self.arrive(answer).await
    }

    /// Sends the page's form with what stands in it, changed and completed by `fields`.
    ///
    /// # Errors
    /// There is no such form, or what came back is an error.
    pub async fn submit(&mut self, form: &str, fields: &[(&str, &str)]) -> Result<(), Failed> {
        let (action, mut sent) = form_of(&self.page, form)?;
        sent.retain(|(name, _)| !fields.iter().any(|(changed, _)| changed == name));
        sent.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.tokens.extend(sent.iter().filter(|(name, _)| name == "csrf").map(|(_, value)| value.clone()));
        let answer = self.send(Method::POST, self.at.join(&action)?, Some(&sent)).await?;
        self.arrive(answer).await
    }

    /// What the page's `data-page` names.
    pub fn shows(&self) -> &str {
        self.page.split_once("data-page=\"").map_or("", |(_, rest)| rest.split('"').next().unwrap_or_default())
    }

    /// Whether the application was reached.
    pub fn is_home(&self) -> bool {
        self.at.origin() == self.home.origin() && self.at.path() == self.home.path()
    }

    /// A parameter of the address at hand.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.at.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The cookies that it sends to an address, in the header's spelling.
    pub fn cookies_for(&self, to: &Url) -> String {
        let sent = self.cookies.iter().filter(|((path, _), _)| to.path().starts_with(path.as_str()));
        sent.map(|((_, name), value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    async fn arrive(&mut self, mut answer: Response) -> Result<(), Failed> {
        for _ in 0..10 {
            if !answer.status().is_redirection() {
                let status = answer.status();
                self.page = answer.text().await?;
                return if status.is_server_error() { Err(format!("{status}: {}", self.page).into()) } else { Ok(()) };
            }
            let location = answer.headers().get(header::LOCATION).ok_or("a redirect to nowhere")?.to_str()?.to_owned();
            let next = self.at.join(&location)?;
            self.tokens
                .extend(next.query_pairs().filter(|(name, _)| name == "code").map(|(_, code)| code.into_owned()));
            if next.as_str().starts_with(self.home.as_str()) {
                self.at = next;
                return Ok(());
            }
            answer = self.send(Method::GET, next, None).await?;
        }
        Err("too many redirects".into())
    }

    async fn send(&mut self, method: Method, to: Url, form: Option<&[(String, String)]>) -> Result<Response, Failed> {
        let mut request = self.http.request(method, to.clone());
        let cookies = self.cookies_for(&to);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies);
        }
        if let Some(form) = form {
            request = request.header(header::ORIGIN, to.origin().ascii_serialization()).form(form);
        }
        let answer = request.send().await?;
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let mut parts = cookie.to_str()?.split("; ");
            let pair = parts.next().unwrap_or_default().split_once('=');
            let (name, value) = pair.ok_or("a cookie without a value")?;
            let path = parts.find_map(|part| part.strip_prefix("Path=")).unwrap_or("/");
            self.cookies.insert((path.to_owned(), name.to_owned()), value.to_owned());
        }
        self.at = to;
        Ok(answer)
    }
}

/// Where a form goes, and what it would send untouched: hidden fields, texts, and boxes that are ticked.
fn form_of(page: &str, id: &str) -> Result<(String, Vec<(String, String)>), Failed> {
    let missing = || format!("there is no form {id} in\n{page}");
    let (_, form) = page.split_once(&format!("<form id=\"{id}\"")).ok_or_else(missing)?;
    let (form, _) = form.split_once("</form>").ok_or_else(missing)?;
    let fields = form.split("<input ").skip(1).filter_map(|input| input.split('>').next());
    let sent = fields.filter(|input| {
        let ticked = !input.contains("type=\"checkbox\"") || input.contains(" checked");
        ticked && !input.contains(" disabled")
    });
    let sent =
        sent.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default())));
    Ok((attribute(form, "action").ok_or_else(missing)?, sent.collect()))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let value = rest.split('"').next()?;
    Some(value.replace("&#60;", "<").replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&"))
}
