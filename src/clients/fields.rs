//! The rules for single members of client metadata: URLs that people or we will follow, algorithms, keys, texts.

use serde_json::{Map, Value};
use url::Url;

use super::redirect_uri::{self, Permitted};
use super::registration::invalid;
use crate::base::{Code, Refusal, Result};
use crate::keys::{Algorithm, JwkSet, SigningAlgorithm};
use crate::store::clients::{AuthMethod, ClientMetadata};

const MAX_TEXT: usize = 512;
const MAX_URL: usize = 2_000;
/// Members that may carry a language tag (RFC 7591 §2.2).
const TRANSLATABLE: [&str; 5] = ["client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri"];

/// Checks them all. `loopback_http`: the key set may be published on loopback by http.
pub(super) fn check(metadata: &ClientMetadata, name: Option<&str>, loopback_http: bool) -> Result<()> {
    check_texts(metadata, name)?;
    let urls = [
        &metadata.client_uri,
        &metadata.logo_uri,
        &metadata.policy_uri,
        &metadata.tos_uri,
        &metadata.initiate_login_uri,
    ];
    let tagged = metadata.other.iter().filter(|(name, _)| !name.starts_with("client_name#"));
    let tagged = tagged.filter_map(|(_, value)| value.as_str());
    for url in urls.into_iter().flatten().map(String::as_str).chain(tagged) {
        if !is_https(url) {
            return Err(invalid("client_uri, logo_uri, policy_uri, tos_uri and initiate_login_uri are https URLs"));
        }
    }
    let on_loopback =
        |uri: &str| loopback_http && redirect_uri::check(uri, Permitted { loopback: true, private_use: false }).is_ok();
    if metadata.jwks_uri.as_deref().is_some_and(|uri| !is_https(uri) && !on_loopback(uri)) {
        return Err(invalid("jwks_uri is an https URL"));
    }
    check_algorithms(metadata)?;
    check_keys(metadata)
}

/// `client_name#de` and the like.
pub(super) fn is_language_tagged(name: &str) -> bool {
    let is_tag = |tag: &str| {
        (2..=35).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.split_once('#').is_some_and(|(member, tag)| TRANSLATABLE.contains(&member) && is_tag(tag))
}

/// A member that is none of client metadata.
pub(super) fn unknown(members: &Map<String, Value>) -> Option<&str> {
    let is_unknown = |name: &str, value: &Value| {
        let alone = Map::from_iter([(name.to_owned(), value.clone())]);
        let read = serde_json::from_value::<ClientMetadata>(Value::Object(alone));
        read.is_ok_and(|read| read.other.contains_key(name)) && !is_language_tagged(name) && name != "client_name"
    };
    members.iter().find(|(name, value)| is_unknown(name, value)).map(|(name, _)| name.as_str())
}

fn check_texts(metadata: &ClientMetadata, name: Option<&str>) -> Result<()> {
    let tagged = metadata.other.values().filter_map(|value| value.as_str());
    let singles = [name, metadata.software_id.as_deref(), metadata.software_version.as_deref()];
    let lists = metadata.contacts.iter().chain(&metadata.default_acr_values).map(String::as_str);
    for text in singles.into_iter().flatten().chain(lists).chain(tagged) {
        if text.trim().is_empty() || text.len() > MAX_TEXT || text.chars().any(char::is_control) {
            return Err(invalid("a text is empty, longer than 512 bytes, or has control characters"));
        }
    }
    if metadata.other.len() > 100 || metadata.contacts.len() > 20 || metadata.default_acr_values.len() > 20 {
        return Err(invalid("there are too many members of one kind"));
    }
    if metadata.default_max_age.is_some_and(|age| age < 0) {
        return Err(invalid("default_max_age is negative"));
    }
    Ok(())
}

fn is_https(text: &str) -> bool {
    let clean = text.len() <= MAX_URL && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    clean
        && text.starts_with("https://")
        && Url::parse(text)
            .is_ok_and(|url| url.username().is_empty() && url.password().is_none() && url.host().is_some())
}

fn check_algorithms(metadata: &ClientMetadata) -> Result<()> {
    let signs = |name: &str| name.parse::<SigningAlgorithm>().is_ok();
    let userinfo = metadata.userinfo_signed_response_alg.as_deref();
    if !signs(&metadata.id_token_signed_response_alg) || userinfo.is_some_and(|name| !signs(name)) {
        return Err(invalid("we sign with RS256, ES256 and EdDSA"));
    }
    let assertion = metadata.token_endpoint_auth_signing_alg.as_deref();
    if assertion.is_some_and(|name| name.parse::<Algorithm>().is_err()) {
        return Err(invalid("client assertions are signed with RS256, PS256, ES256 or EdDSA"));
    }
    Ok(())
}

fn check_keys(metadata: &ClientMetadata) -> Result<()> {
    if metadata.jwks.is_some() && metadata.jwks_uri.is_some() {
        return Err(invalid("jwks and jwks_uri exclude each other"));
    }
    let Some(jwks) = &metadata.jwks else { return Ok(()) };
    let keys = JwkSet::parse(jwks.to_string().as_bytes())
        .map_err(|error| Refusal::new(Code::InvalidClientMetadata, error.to_string()))?;
    if keys.is_empty() && metadata.token_endpoint_auth_method == AuthMethod::PrivateKeyJwt {
        return Err(invalid("no key in jwks can verify what the client will sign"));
    }
    Ok(())
}
