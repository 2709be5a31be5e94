//! What the settings of a provider may be.

use url::Url;

use crate::base::{Code, Refusal};
use crate::frame::Link;
use crate::store::providers::{ClaimNames, IdentityProvider, ProviderKind, ProviderSettings, UpstreamAuth};

/// Words that are other places below `{T}/login/`.
const RESERVED: [&str; 13] = [
    "callback",
    "code",
    "email",
    "link",
    "magic",
    "magic-link",
    "mfa",
    "organisation",
    "signed-out",
    "passkey",
    "passkeys",
    "second-factor",
    "totp",
];
/// Longest text in the settings, in bytes.
const LONGEST: usize = 500;
/// Most domains of a list.
const MOST: usize = 100;

/// A slug that can stand in `{T}/login/{slug}`.
pub(super) fn slug(text: &str) -> Result<(), Refusal> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(2..=40).contains(&text.len()) || !text.bytes().all(plain) || text.starts_with('-') || text.ends_with('-') {
        return refuse("a provider's slug has 2 to 40 characters of a-z, 0-9 and -, with no - at either end");
    }
    if RESERVED.contains(&text) {
        return refuse("this slug is reserved");
    }
    Ok(())
}

/// A provider as a whole.
pub(super) fn provider(provider: &IdentityProvider) -> Result<(), Refusal> {
    slug(&provider.slug)?;
    if provider.name.trim().is_empty() || provider.name.len() > 100 || provider.name.chars().any(char::is_control) {
        return refuse("a provider needs a name of up to 100 bytes");
    }
    let settings = &provider.settings;
    addresses(provider.kind, settings)?;
    if settings.client_id.is_empty() || settings.client_id.len() > LONGEST {
        return refuse("the client id is missing or too long");
    }
    if provider.kind == ProviderKind::Oidc && !settings.scope.contains("openid") {
        return refuse("the scope has to hold openid");
    }
    if (settings.auth_method == UpstreamAuth::None) == provider.sealed_secret.is_some() {
        return refuse("client authentication and client secret do not fit: `none` has no secret, the others need one");
    }
    claims(&settings.claims)?;
    domains(&settings.domains)?;
    domains(&settings.creation_domains)
}

fn addresses(kind: ProviderKind, settings: &ProviderSettings) -> Result<(), Refusal> {
    let is_address = |text: &str| {
        let url = Url::parse(text).ok().filter(|_| text.len() <= LONGEST && Link::parse(text).is_some());
        url.is_some_and(|url| url.query().is_none() && url.fragment().is_none())
    };
    if !is_address(&settings.issuer) {
        return refuse("the issuer is an https URL without query and fragment");
    }
    match (kind, &settings.api) {
        (ProviderKind::Oidc, None) => Ok(()),
        (ProviderKind::Oidc, Some(_)) => refuse("an OpenID provider has no separate API"),
        (ProviderKind::Github, Some(api)) if is_address(api) => Ok(()),
        (ProviderKind::Github, _) => refuse("the API is an https URL without query and fragment"),
    }
}

fn claims(names: &ClaimNames) -> Result<(), Refusal> {
    let ClaimNames { email, email_verified, name, given_name, family_name, preferred_username, picture, locale } =
        names;
    let all = [email, email_verified, name, given_name, family_name, preferred_username, picture, locale];
    if all.iter().any(|name| name.is_empty() || name.len() > 100) {
        return refuse("the name of a claim has 1 to 100 bytes");
    }
    Ok(())
}

fn domains(list: &[String]) -> Result<(), Refusal> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    let is_domain = |text: &String| {
        (3..=253).contains(&text.len())
            && text.bytes().all(plain)
            && text.contains('.')
            && text.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
    };
    if list.len() > MOST || !list.iter().all(is_domain) {
        return refuse("a domain is a host name in lower case; there are 100 at most");
    }
    Ok(())
}

fn refuse(sentence: &'static str) -> Result<(), Refusal> {
    Err(Refusal::new(Code::Unprocessable, sentence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{ProviderId, Scope, TenantId, Timestamp};
    use crate::store::providers::Creation;
    use crate::store::{Flag, Json};

    fn good() -> IdentityProvider {
        IdentityProvider {
            tenant_id: TenantId::from("t"),
            id: ProviderId::from("p"),
            slug: "corp".to_owned(),
            name: "Corp".to_owned(),
            kind: ProviderKind::Oidc,
            enabled: Flag(true),
            settings: Json(ProviderSettings {
                issuer: "https://id.corp.test/x".to_owned(),
                api: None,
                client_id: "we".to_owned(),
                auth_method: UpstreamAuth::Basic,
                scope: Scope::of(["openid"]),
                claims: ClaimNames::default(),
                domains: vec!["corp.test".to_owned()],
                creation: Creation::Verified,
                creation_domains: Vec::new(),
                sign_out: false,
            }),
            sealed_secret: Some("sealed".to_owned()),
            version: 1,
            created_at: Timestamp(1),
            updated_at: Timestamp(1),
        }
    }

    #[test]
    fn settings_that_cannot_be_are_refused() {
        provider(&good()).unwrap();
        let changes: [fn(&mut IdentityProvider); 12] = [
            |p| p.slug = "Corp".to_owned(),
            |p| p.slug = "callback".to_owned(),
            |p| p.slug = "../x".to_owned(),
            |p| p.name = " ".to_owned(),
            |p| p.settings.0.issuer = "javascript:alert(1)".to_owned(),
            |p| p.settings.0.issuer = "https://id.corp.test/?x=1".to_owned(),
            |p| p.settings.0.issuer = "http://id.corp.test".to_owned(),
            |p| p.settings.0.api = Some("https://api.corp.test".to_owned()),
            |p| p.settings.0.scope = Scope::of(["email"]),
            |p| p.settings.0.domains = vec!["Corp.test".to_owned()],
            |p| p.settings.0.creation_domains = vec!["test".to_owned()],
            |p| p.sealed_secret = None,
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut bad = good();
            change(&mut bad);
            assert!(provider(&bad).is_err(), "{number}");
        }
    }
}
