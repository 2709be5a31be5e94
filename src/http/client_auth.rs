//! The client of a request to an OAuth endpoint, proven (RFC 6749 §2.3, RFC 7523 §2.2). Exactly one method is used:
//! the header, a secret in the body, an assertion in the body, or for public clients none. The query has no say.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::errors::OAuthError;
use super::refused::note_stop;
use super::routes::{TOKEN, below_tenant};
use super::{Form, Tenant};
use crate::app::App;
use crate::base::{ClientId, Code, Params, Refusal, Result, Secret, Stop, strict_object};
use crate::clients::{Credential, KnownClient, Presented};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Extractor: the tenant, the proven client, and the form's parameters.
#[derive(Clone, Debug)]
pub struct ClientAuth {
    /// The tenant of the path.
    pub tenant: Tenant,
    /// Who asks.
    pub client: Arc<KnownClient>,
    /// What is asked.
    pub params: Params,
}

impl FromRequest<App> for ClientAuth {
    type Rejection = OAuthError;

    async fn from_request(request: Request, app: &App) -> Result<Self, OAuthError> {
        let (mut parts, body) = request.into_parts();
        let tenant = Tenant::from_request_parts(&mut parts, app).await?;
        let (path, mut named) = (below_tenant(parts.uri.path()).to_owned(), None);
        let proven = prove(app, &tenant, Request::from_parts(parts, body), &mut named).await;
        if let Err(refused) = &proven {
            note_stop(app, &tenant, (&path, named.as_deref()), &refused.stop);
        }
        let (client, params) = proven?;
        Ok(Self { tenant, client, params })
    }
}

/// The client, proven, and the form's parameters; `named` is whom the request says it is of.
async fn prove(
    app: &App,
    tenant: &Tenant,
    request: Request,
    named: &mut Option<String>,
) -> Result<(Arc<KnownClient>, Params), OAuthError> {
    if request.uri().query().is_some_and(|query| !query.is_empty()) {
        return Err(Refusal::new(Code::InvalidRequest, "parameters belong into the body, not into the URL").into());
    }
    let header = Basic::read(request.headers());
    let tried_header = request.headers().contains_key(AUTHORIZATION);
    let Form(params) = Form::from_request(request, app).await?;
    let proven = async {
        let presented = presented(header?, &params)?;
        *named = Some(presented.client_id.as_str().to_owned());
        let token_endpoint = format!("{}{TOKEN}", tenant.issuer);
        let audiences = [tenant.issuer.as_str(), &token_endpoint];
        app.clients.authenticate(&tenant.tenant, &audiences, presented).await
    };
    match proven.await {
        Ok(client) => Ok((client, params)),
        Err(Stop::Refused(refusal)) if refusal.code == Code::InvalidClient && tried_header => {
            Err(OAuthError::challenged(refusal, format!("Basic realm=\"{}\"", tenant.issuer)))
        }
        Err(stop) => Err(stop.into()),
    }
}

/// Client id and secret of the header (RFC 6749 §2.3.1, RFC 7617).
struct Basic {
    id: String,
    secret: Secret,
}

impl Basic {
    /// `None` when there is no `Authorization` header. Anything in it but one well-formed `Basic` is refused.
    fn read(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => Self::parse(value).map(Some).ok_or_else(malformed),
            (Some(_), Some(_)) => Err(malformed()),
        }
    }

    fn parse(value: &HeaderValue) -> Option<Self> {
        let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let bytes = STANDARD.decode(credentials.trim_start_matches(' ')).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (id, secret) = text.split_once(':')?;
        if id.is_empty() || text.chars().any(char::is_control) {
            return None;
        }
        Some(Self { id: form_decoded(id)?, secret: Secret::new(form_decoded(secret)?) })
    }
}

/// Id and secret are form-encoded before they are joined. What cannot be encoded text is refused, not guessed at.
fn form_decoded(text: &str) -> Option<String> {
    if text.contains('&') {
        return None;
    }
    if !text.contains(['%', '+']) {
        return Some(text.to_owned());
    }
    Params::parse(format!("v={text}").as_bytes()).ok()?.raw("v").map(str::to_owned)
}

fn malformed() -> Refusal {
    Refusal::new(Code::InvalidClient, "the Authorization header is not one of the Basic scheme")
}

/// What the request says about its client, if it says it in one way.
fn presented(header: Option<Basic>, params: &Params) -> Result<Presented, Refusal> {
    let (secret, assertion) = (params.get("client_secret"), params.get("client_assertion"));
    let methods = usize::from(header.is_some()) + usize::from(secret.is_some()) + usize::from(assertion.is_some());
    if methods > 1 {
        return Err(Refusal::new(Code::InvalidRequest, "the client authenticates in more than one way"));
    }
    let named = params.get("client_id");
    let (id, credential) = match (header, secret, assertion) {
        (Some(Basic { id, secret }), _, _) => (id, Credential::Secret(secret)),
        (None, Some(secret), _) => (named.ok_or_else(missing)?.to_owned(), Credential::Secret(Secret::new(secret))),
        (None, None, Some(assertion)) => {
            if params.get("client_assertion_type") != Some(ASSERTION_TYPE) {
                return Err(Refusal::new(Code::InvalidClient, "this client_assertion_type is not supported"));
            }
            (claimed_client(assertion).ok_or_else(missing)?, Credential::Assertion(Secret::new(assertion)))
        }
        (None, None, None) => (named.ok_or_else(missing)?.to_owned(), Credential::None),
    };
    if named.is_some_and(|named| named != id) {
        return Err(Refusal::new(Code::InvalidRequest, "the request names two clients"));
    }
    Ok(Presented { client_id: ClientId::from(id), credential })
}

fn missing() -> Refusal {
    Refusal::new(Code::InvalidClient, "client authentication is missing")
}

/// Whom an assertion claims to be, before anything of it is proven: it only chooses whose keys will judge it.
fn claimed_client(assertion: &str) -> Option<String> {
    let payload = assertion.split('.').nth(1)?;
    let claims = strict_object(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    claims.get("sub")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn basic(text: &[u8]) -> Option<(String, String)> {
        let value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(text))).unwrap();
        Basic::parse(&value).map(|basic| (basic.id, basic.secret.expose().to_owned()))
    }

    fn pair(id: &str, secret: &str) -> (String, String) {
        (id.to_owned(), secret.to_owned())
    }

    #[test]
    fn basic_is_form_decoded() {
        assert_eq!(basic(b"id:secret"), Some(pair("id", "secret")));
        assert_eq!(basic(b"a%3Ab:c%20d+e%25"), Some(pair("a:b", "c d e%")));
        assert_eq!(basic(b"id:"), Some(pair("id", "")));
        assert_eq!(basic(b"id:a:b"), Some(pair("id", "a:b")));
    }

    #[test]
    fn c1_malformed_basic_is_refused() {
        for bad in
            [&b"id"[..], b":secret", b"", b"id:%zz", b"id:%f", b"id:%00", b"id:\0", b"id:a\n", b"\xff:x", b"id:%ff"]
        {
            assert_eq!(basic(bad), None, "{bad:?}");
        }
        for bad in ["Basic", "Basic ", "Basic !!!", "Basic aWQ6eA", "Basic aWQ6eA==x", "Bearer aWQ6eA==", "aWQ6eA=="] {
            assert!(Basic::parse(&HeaderValue::from_str(bad).unwrap()).is_none(), "{bad}");
        }
        assert!(Basic::parse(&HeaderValue::from_static("bAsIc aWQ6eA==")).is_some());
        let mut twice = HeaderMap::new();
        twice.append(AUTHORIZATION, HeaderValue::from_static("Basic aWQ6eA=="));
        twice.append(AUTHORIZATION, HeaderValue::from_static("Basic aWQ6eA=="));
        assert!(Basic::read(&twice).is_err());
    }

    fn code(header: Option<&str>, form: &str) -> Result<String, Code> {
        let params = Params::parse(form.as_bytes()).unwrap();
        let header = header.map(|id| Basic { id: id.to_owned(), secret: Secret::new("s") });
        presented(header, &params).map(|presented| presented.client_id.to_string()).map_err(|refusal| refusal.code)
    }

    #[test]
    fn c1_one_client_by_one_method() {
        assert_eq!(code(Some("a"), ""), Ok("a".to_owned()));
        assert_eq!(code(Some("a"), "client_id=a"), Ok("a".to_owned()));
        assert_eq!(code(Some("a"), "client_id=b"), Err(Code::InvalidRequest));
        assert_eq!(code(Some("a"), "client_id=a&client_secret=s"), Err(Code::InvalidRequest));
        assert_eq!(code(Some("a"), "client_assertion=x"), Err(Code::InvalidRequest));
        assert_eq!(code(None, "client_id=a&client_secret=s&client_assertion=x"), Err(Code::InvalidRequest));
        assert_eq!(code(None, "client_secret=s"), Err(Code::InvalidClient));
        assert_eq!(code(None, ""), Err(Code::InvalidClient));
        assert_eq!(code(None, "client_id="), Err(Code::InvalidClient));
        assert_eq!(code(None, "client_id=a"), Ok("a".to_owned()));
    }

    #[test]
    fn c2_an_assertion_has_its_type_and_names_its_client() {
        let kind = format!("client_assertion_type={ASSERTION_TYPE}");
        let assertion = format!("x.{}.y", URL_SAFE_NO_PAD.encode(r#"{"sub":"a"}"#));
        assert_eq!(code(None, &format!("client_assertion={assertion}&{kind}")), Ok("a".to_owned()));
        assert_eq!(code(None, &format!("client_assertion={assertion}&{kind}&client_id=b")), Err(Code::InvalidRequest));
        assert_eq!(code(None, &format!("client_assertion={assertion}")), Err(Code::InvalidClient));
        for bad in ["", "x", "x.y.z", "..", "x.e30.y"] {
            assert!(code(None, &format!("client_assertion={bad}&{kind}")).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn c1_basic_decodes_what_a_client_encodes(id in "[^\\x00-\\x1f\\x7f-\\x9f]{1,20}", secret in "[^\\x00-\\x1f\\x7f-\\x9f]{0,20}") {
            let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let joined = format!("{}:{}", encode(&id), encode(&secret));
            prop_assert_eq!(basic(joined.as_bytes()), Some((id, secret)));
        }

        #[test]
        fn c1_no_header_makes_the_decoder_panic(text in ".{0,60}") {
            if let Ok(value) = HeaderValue::from_str(&text) {
                let _read = Basic::parse(&value);
            }
            let _read = basic(text.as_bytes());
        }
    }
}
