//! What a message says: the event, and the object that it is about as it was when the message was written. Never a
//! secret: what is told of somebody is listed here, member by member (W-004).

use serde_json::{Map, Value, json};

use crate::base::{ClientId, Email, Result, UserId};
use crate::store::audit::Event;
use crate::store::tenants::Tenant;
use crate::store::users::{self, Role, User};
use crate::store::{Tx, clients, invitations, people};

/// A person that an event is about.
#[derive(Clone, Debug)]
pub(super) struct About {
    pub(super) id: UserId,
    pub(super) email: Option<Email>,
    pub(super) role: Role,
    /// The account, unless it is deleted.
    account: Option<User>,
}

/// What an event is about, as it is now.
#[derive(Clone, Debug, Default)]
pub(super) struct Objects {
    pub(super) person: Option<About>,
    others: Map<String, Value>,
}

/// Nouns whose events are about a person, who is their target, or did it.
const OF_PEOPLE: [&str; 5] = ["user", "session", "identity", "consent", "token"];

impl Objects {
    /// Looks them up.
    pub(super) async fn of(tx: &mut Tx, event: &Event, kind: &str) -> Result<Self> {
        let mut found = Self::default();
        let noun = kind.split('.').next().unwrap_or_default();
        let (actor, target) = (event.actor.as_deref(), event.target.as_deref());
        if OF_PEOPLE.contains(&noun) || kind == "invitation.accepted" {
            for id in target.into_iter().chain(actor) {
                if found.person.is_none() {
                    found.person = About::find(tx, event, &UserId::from(id)).await?;
                }
            }
        }
        let Some(target) = target else { return Ok(found) };
        let object = match noun {
            "client" => clients::by_id(&mut *tx, &event.tenant_id, &ClientId::from(target)).await?.map(
                |client| json!({ "client_id": client.id, "client_name": client.name, "scope": client.metadata.scope }),
            ),
            "invitation" => invitations::by_id(&mut *tx, &event.tenant_id, target).await?.map(|invitation| {
                let (sent_at, expires_at) = (invitation.sent_at.rfc3339(), invitation.expires_at.rfc3339());
                json!({
                    "id": invitation.id, "email": invitation.email, "role": invitation.role, "sent_at": sent_at,
                    "expires_at": expires_at,
                })
            }),
            _ => None,
        };
        if let Some(object) = object {
            found.others.insert(noun.to_owned(), object);
        }
        Ok(found)
    }
}

impl About {
    async fn find(tx: &mut Tx, event: &Event, id: &UserId) -> Result<Option<Self>> {
        if let Some(user) = users::by_id(&mut *tx, &event.tenant_id, id).await? {
            return Ok(Some(Self {
                id: user.id.clone(),
                email: user.email.clone(),
                role: user.role,
                account: Some(user),
            }));
        }
        let buried = people::buried(&mut *tx, &event.tenant_id, id).await?;
        Ok(buried.map(|buried| Self { id: id.clone(), email: buried.email, role: buried.role, account: None }))
    }

    fn told(&self) -> Value {
        let Some(user) = &self.account else {
            return json!({ "id": self.id, "email": self.email, "role": self.role, "status": "deleted" });
        };
        let mut told = serde_json::to_value(&user.profile.0).unwrap_or_default();
        let known = json!({
            "id": user.id, "email": user.email, "email_verified": user.email_verified.0, "username": user.username,
            "status": user.status, "role": user.role, "created_at": user.created_at.rfc3339(),
            "updated_at": user.updated_at.rfc3339(),
        });
        // A profile has no member of these names; if it ever gets one, the account's own is what is told.
        if let (Some(told), Value::Object(known)) = (told.as_object_mut(), known) {
            told.extend(known);
        }
        told
    }
}

/// The body of a message: `{ "id", "type", "timestamp", "tenant", "data" }`.
pub(super) fn body(tenant: &Tenant, event: &Event, kind: &str, objects: &Objects) -> String {
    let mut data = Map::new();
    for (name, value) in [("actor", &event.actor), ("target", &event.target)] {
        data.insert(name.to_owned(), json!(value));
    }
    data.insert("result".to_owned(), json!(event.result));
    data.insert("detail".to_owned(), event.detail.0.clone());
    for (name, value) in [("ip", &event.ip), ("user_agent", &event.user_agent), ("request_id", &event.request_id)] {
        if let Some(value) = value {
            data.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(person) = &objects.person {
        data.insert("user".to_owned(), person.told());
    }
    data.extend(objects.others.clone());
    whole(tenant, (event.id.as_str(), kind, &event.at.rfc3339()), &Value::Object(data))
}

/// The body around `data`.
pub(super) fn whole(tenant: &Tenant, (id, kind, at): (&str, &str, &str), data: &Value) -> String {
    let about = json!({ "id": tenant.id, "slug": tenant.slug.as_str(), "name": tenant.name });
    json!({ "id": id, "type": kind, "timestamp": at, "tenant": about, "data": data }).to_string()
}
