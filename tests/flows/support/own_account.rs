//! Calls of the JSON APIs below `{T}/api/v1`, and the credentials for them.

use axum::body::Body;
use axum::http::Request;
use chancery::base::{Actor, Origin, SessionId, UserId};
use chancery::sessions::Proof;
use chancery::store::users::Role;
use serde_json::{Value, json};

use super::{Answer, World};

impl World {
    /// Calls tenant `demo`'s API with this token, and with a body where there is one.
    pub async fn call(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder().method(method).uri(format!("/t/demo/api/v1{path}"));
        let request = request.header("authorization", format!("Bearer {token}"));
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.app.send(request.unwrap()).await
    }

    /// As [`World::call`]: the status, and `data` or the whole refusal.
    pub async fn ask(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let answer = self.call(token, method, path, body).await;
        let told: Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("no JSON: {answer:?}"));
        assert_eq!(told["request_id"], answer.header("x-request-id"), "{told}");
        let data = if answer.status.is_success() { told["data"].clone() } else { told };
        (answer.status.as_u16(), data)
    }

    /// A session of a person, begun now from this kind of browser.
    pub async fn session(&self, email: &str, user_agent: &str) -> SessionId {
        let tenant = self.app.context(self.tenant.slug.as_str()).await;
        let origin =
            Origin { ip: Some("192.0.2.7".to_owned()), user_agent: Some(user_agent.to_owned()), ..Origin::default() };
        let proof = Proof::password(&UserId::from(self.sub(email).await));
        self.app.app.sessions.begin(&tenant, proof, None, &origin).await.unwrap().id
    }

    /// A token of a person for their own account, of a session begun now.
    pub async fn own(&self, email: &str) -> String {
        let session = self.session(email, "curl/8").await;
        self.own_in(email, &session).await
    }

    /// As [`World::own`], of this session.
    pub async fn own_in(&self, email: &str, session: &SessionId) -> String {
        let changes = [
            ("sub", json!(self.sub(email).await)),
            ("scope", json!("account openid")),
            ("sid", json!(session)),
            ("auth_time", json!(self.app.clock.now())),
        ];
        self.token_with(&changes).await
    }

    /// A person's token with this scope.
    pub async fn scoped(&self, email: &str, scope: &str) -> String {
        self.token_with(&[("sub", json!(self.sub(email).await)), ("scope", json!(scope))]).await
    }

    /// Gives a person another role.
    pub async fn promote(&self, email: &str, role: Role) {
        let user = UserId::from(self.sub(email).await);
        self.app.app.accounts.set_role(&self.tenant, &user, role, &Actor::operator()).await.unwrap();
    }
}
