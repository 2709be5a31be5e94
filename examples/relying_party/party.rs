//! The client side by the `openidconnect` crate, over our HTTP client.

use std::io;
use std::pin::Pin;

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AsyncHttpClient, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IssuerUrl, ProviderMetadata, RedirectUrl,
};
use reqwest::Client;
use serde::{Deserialize, Serialize};

use crate::Failed;
use crate::settings::Settings;

/// What the discovery document tells besides what the crate reads.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Further {
    /// RFC 8414 §2.
    pub revocation_endpoint: String,
    /// RFC 9207 §3.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}
impl AdditionalProviderMetadata for Further {}

type Discovery = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A client whose endpoints are those that discovery names.
pub type Discovered =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The relying party at one issuer.
pub struct Party {
    /// The crate's client.
    pub client: Discovered,
    /// What else discovery told.
    pub further: Further,
    /// How it calls.
    pub http: Http,
}

impl Party {
    /// Reads the discovery document and the keys.
    ///
    /// # Errors
    /// They cannot be read, or belong to another issuer.
    pub async fn discover(http: &Client, settings: &Settings) -> Result<Self, Failed> {
        let http = Http(http.clone());
        let issuer = IssuerUrl::new(settings.issuer.clone())?;
        let found = Discovery::discover_async(issuer, &http).await?;
        let further = found.additional_metadata().clone();
        let secret = settings.client_secret.clone().map(ClientSecret::new);
        let client = CoreClient::from_provider_metadata(found, ClientId::new(settings.client_id.clone()), secret);
        let client = client.set_redirect_uri(RedirectUrl::new(settings.redirect_uri.clone())?);
        Ok(Self { client, further, http })
    }
}

/// Our HTTP client, as the crate calls it.
#[derive(Clone, Debug)]
pub struct Http(pub Client);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, io::Error>> + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(io::Error::other)?;
            let answer = self.0.execute(request).await.map_err(io::Error::other)?;
            let mut back = http::Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                back = back.header(name, value);
            }
            let body = answer.bytes().await.map_err(io::Error::other)?;
            back.body(body.to_vec()).map_err(io::Error::other)
        })
    }
}
