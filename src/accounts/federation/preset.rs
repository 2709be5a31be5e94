//! Providers that many people have an account at, so that an operator need only bring client id and secret.

use super::manage::NewProvider;
use crate::base::{Code, Refusal, Result, Scope};
use crate::store::providers::{ClaimNames, Creation, ProviderKind, ProviderSettings, UpstreamAuth};

/// What is known about a provider beforehand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Any OpenID provider.
    #[default]
    Oidc,
    /// Google.
    Google,
    /// Microsoft Entra ID; the issuer names one directory.
    Microsoft,
    /// GitHub, or a GitHub Enterprise Server.
    Github,
}

impl std::str::FromStr for Preset {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "oidc" => Ok(Self::Oidc),
            "google" => Ok(Self::Google),
            "microsoft" => Ok(Self::Microsoft),
            "github" => Ok(Self::Github),
            _ => Err(format!("`{text}` is none of oidc, google, microsoft, github")),
        }
    }
}

impl Preset {
    /// How it speaks.
    pub(super) const fn kind(self) -> ProviderKind {
        match self {
            Self::Github => ProviderKind::Github,
            Self::Oidc | Self::Google | Self::Microsoft => ProviderKind::Oidc,
        }
    }

    /// The slug and the name that it has when no other is given.
    pub(super) const fn named(self) -> (Option<&'static str>, &'static str) {
        match self {
            Self::Oidc => (None, "Single sign-on"),
            Self::Google => (Some("google"), "Google"),
            Self::Microsoft => (Some("microsoft"), "Microsoft"),
            Self::Github => (Some("github"), "GitHub"),
        }
    }

    /// The settings, with what was given in place of what is known.
    ///
    /// # Errors
    /// What is not known was not given.
    pub fn settings(self, given: &NewProvider) -> Result<ProviderSettings, Refusal> {
        let missing = |what: &'static str| Refusal::new(Code::Unprocessable, what);
        let issuer = match (self, given.issuer.clone()) {
            (_, Some(issuer)) => issuer,
            (Self::Google, None) => "https://accounts.google.com".to_owned(),
            (Self::Github, None) => "https://github.com".to_owned(),
            (Self::Oidc, None) => return Err(missing("the issuer is missing")),
            (Self::Microsoft, None) => {
                return Err(missing("the issuer is missing: https://login.microsoftonline.com/{directory}/v2.0"));
            }
        };
        Ok(ProviderSettings {
            api: self.api(given, &issuer),
            issuer,
            client_id: given.client_id.clone(),
            auth_method: given.auth_method.unwrap_or_else(|| self.auth_method(given)),
            scope: given.scope.clone().unwrap_or_else(|| self.scope()),
            claims: given.claims.clone().unwrap_or_else(|| self.claims()),
            domains: given.domains.clone(),
            creation: given.creation.unwrap_or(Creation::Verified),
            creation_domains: given.creation_domains.clone(),
            sign_out: given.sign_out,
        })
    }

    /// Where GitHub's API is: on a server of one's own it is below the pages.
    fn api(self, given: &NewProvider, issuer: &str) -> Option<String> {
        let own = || match issuer {
            "https://github.com" => "https://api.github.com".to_owned(),
            server => format!("{}/api/v3", server.trim_end_matches('/')),
        };
        (self == Self::Github).then(|| given.api.clone().unwrap_or_else(own))
    }

    fn auth_method(self, given: &NewProvider) -> UpstreamAuth {
        match self {
            _ if given.client_secret.is_none() => UpstreamAuth::None,
            Self::Github => UpstreamAuth::Post,
            Self::Oidc | Self::Google | Self::Microsoft => UpstreamAuth::Basic,
        }
    }

    fn scope(self) -> Scope {
        match self {
            Self::Github => Scope::of(["read:user", "user:email"]),
            Self::Oidc | Self::Google | Self::Microsoft => Scope::of(["openid", "email", "profile"]),
        }
    }

    /// Microsoft has no `email_verified`: `xms_edov` tells whether the directory owns the address's domain.
    fn claims(self) -> ClaimNames {
        match self {
            Self::Microsoft => ClaimNames { email_verified: "xms_edov".to_owned(), ..ClaimNames::default() },
            Self::Oidc | Self::Google | Self::Github => ClaimNames::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Secret;

    fn given() -> NewProvider {
        NewProvider { client_id: "we".to_owned(), client_secret: Some(Secret::new("secret")), ..NewProvider::default() }
    }

    #[test]
    fn a_preset_knows_what_is_the_same_for_everybody() {
        let google = Preset::Google.settings(&given()).unwrap();
        assert_eq!((google.issuer.as_str(), google.api), ("https://accounts.google.com", None));
        assert_eq!(google.scope.to_string(), "email openid profile");
        let github = Preset::Github.settings(&given()).unwrap();
        assert_eq!(github.api.as_deref(), Some("https://api.github.com"));
        assert_eq!(github.auth_method, UpstreamAuth::Post);
        let own = NewProvider { issuer: Some("https://git.corp.test/".to_owned()), ..given() };
        let own = Preset::Github.settings(&own).unwrap();
        assert_eq!(own.api.as_deref(), Some("https://git.corp.test/api/v3"));
    }

    #[test]
    fn what_differs_has_to_be_given() {
        assert!(Preset::Oidc.settings(&given()).is_err());
        assert!(Preset::Microsoft.settings(&given()).is_err());
    }

    #[test]
    fn w037_no_preset_takes_an_address_for_verified_that_nobody_vouches_for() {
        let issuer = Some("https://login.microsoftonline.com/x/v2.0".to_owned());
        let microsoft = Preset::Microsoft.settings(&NewProvider { issuer, ..given() }).unwrap();
        assert_eq!(microsoft.claims.email_verified, "xms_edov");
        assert_eq!(Preset::Google.settings(&given()).unwrap().claims.email_verified, "email_verified");
    }

    #[test]
    fn without_a_secret_we_are_a_public_client() {
        let public = NewProvider { client_secret: None, ..given() };
        assert_eq!(Preset::Google.settings(&public).unwrap().auth_method, UpstreamAuth::None);
    }
}
