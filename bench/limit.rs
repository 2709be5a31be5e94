//! The limits: bare axum handlers that do only what cannot be left out, to hold the server against.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jws::alg::ecdsa::EcdsaJwsSigner;
use josekit::jws::{ES256, JwsSigner as _};
use sha2::{Digest, Sha256};

use crate::Failed;
use crate::rows::Rows;

#[derive(Clone)]
struct Limit {
    signer: Arc<EcdsaJwsSigner>,
    header: Arc<str>,
    rows: Option<Rows>,
}

/// Serves `GET /hello`, `POST /sign` and, with a database, `POST /row` until killed.
pub async fn serve(port: u16, database: Option<&str>) -> Result<(), Failed> {
    let signer = ES256.signer_from_jwk(&ES256.generate_key_pair()?.to_jwk_key_pair())?;
    let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"at+jwt","alg":"ES256","kid":"limit"}"#);
    let rows = match database {
        Some(url) => Some(Rows::open(url).await?),
        None => None,
    };
    let router = Router::new()
        .route("/hello", get(async || "hello"))
        .route("/sign", post(sign))
        .route("/row", post(row))
        .with_state(Limit { signer: Arc::new(signer), header: header.into(), rows });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

type Json = ([(&'static str, &'static str); 1], String);

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

async fn sign(State(limit): State<Limit>) -> Result<Json, StatusCode> {
    let token = limit.token().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok((JSON, format!("{{\"access_token\":\"{token}\",\"token_type\":\"Bearer\",\"expires_in\":600}}")))
}

async fn row(State(limit): State<Limit>) -> Result<Json, StatusCode> {
    let access = limit.token().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let refresh = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(&refresh));
    let rows = limit.rows.as_ref().ok_or(StatusCode::NOT_FOUND)?;
    rows.commit(digest).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let body = format!("{{\"access_token\":\"{access}\",\"refresh_token\":\"{refresh}\",\"expires_in\":600}}");
    Ok((JSON, body))
}

impl Limit {
    /// As little work as a signed token can be: its header is ready, its payload one piece of text.
    fn token(&self) -> Result<String, Failed> {
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let id = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
        let end = now + 600;
        let payload = format!(
            "{{\"iss\":\"http://127.0.0.1/t/limit\",\"sub\":\"service\",\"aud\":\"http://127.0.0.1/t/limit/api/v1\",\
             \"client_id\":\"service\",\"scope\":\"read write\",\"iat\":{now},\"exp\":{end},\"jti\":\"{id}\"}}"
        );
        let mut token = String::with_capacity(512);
        token.push_str(&self.header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = self.signer.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}
