//! The limits: bare axum handlers that do only what cannot be left out, to hold the server against.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jws::alg::ecdsa::EcdsaJwsSigner;
use josekit::jws::{ES256, JwsHeader};
use josekit::jwt::{self, JwtPayload};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::Failed;
use crate::rows::Rows;

#[derive(Clone)]
struct Limit {
    signer: Arc<EcdsaJwsSigner>,
    rows: Option<Rows>,
}

/// Serves `GET /hello`, `POST /sign` and, with a database, `POST /row` until killed.
pub async fn serve(port: u16, database: Option<&str>) -> Result<(), Failed> {
    let signer = ES256.signer_from_jwk(&ES256.generate_key_pair()?.to_jwk_key_pair())?;
    let rows = match database {
        Some(url) => Some(Rows::open(url).await?),
        None => None,
    };
    let router = Router::new()
        .route("/hello", get(async || "hello"))
        .route("/sign", post(sign))
        .route("/row", post(row))
        .with_state(Limit { signer: Arc::new(signer), rows });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

type Json = ([(&'static str, &'static str); 1], String);

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

async fn sign(State(limit): State<Limit>) -> Result<Json, StatusCode> {
    let token = limit.token().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok((JSON, json!({"access_token": token, "token_type": "Bearer", "expires_in": 600}).to_string()))
}

async fn row(State(limit): State<Limit>) -> Result<Json, StatusCode> {
    let access = limit.token().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let refresh = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(&refresh));
    let rows = limit.rows.as_ref().ok_or(StatusCode::NOT_FOUND)?;
    rows.commit(digest).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok((JSON, json!({"access_token": access, "refresh_token": refresh, "expires_in": 600}).to_string()))
}

impl Limit {
    fn token(&self) -> Result<String, Failed> {
        let mut header = JwsHeader::new();
        header.set_token_type("at+jwt");
        header.set_key_id("limit");
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let mut payload = JwtPayload::new();
        for (name, value) in [
            ("iss", json!("http://127.0.0.1/t/limit")),
            ("sub", json!("service")),
            ("aud", json!("http://127.0.0.1/t/limit/api/v1")),
            ("client_id", json!("service")),
            ("scope", json!("read write")),
            ("iat", json!(now)),
            ("exp", json!(now + 600)),
            ("jti", json!(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()))),
        ] {
            payload.set_claim(name, Some(value))?;
        }
        Ok(jwt::encode_with_signer(&payload, &header, &*self.signer)?)
    }
}
