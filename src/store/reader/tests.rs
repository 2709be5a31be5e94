//! Look-ups that wait together, on every database.

use super::*;
use crate::base::{GrantId, Scope, Secret, Slug, Timestamp};
use crate::store::grants::{Context, Grant};
use crate::store::values::Json;
use crate::store::writer::{NewRefresh, Write, Writer};
use crate::store::{Run as _, testing};

const NOW: Timestamp = Timestamp(1_000);

async fn stored(writer: &Writer, tenant: &TenantId, client: &str) -> Digest {
    let digest = Secret::generate().digest();
    let grant = Grant {
        tenant_id: tenant.clone(),
        id: GrantId::generate(),
        client_id: ClientId::from(client),
        user_id: None,
        session_id: None,
        scope: Scope::of(["openid"]),
        context: Json(Context::default()),
        created_at: NOW,
        expires_at: NOW,
        revoked_at: None,
        organization_id: None,
    };
    let refresh = NewRefresh {
        tenant_id: tenant.clone(),
        digest: digest.as_str().to_owned(),
        grant_id: grant.id.clone(),
        created_at: NOW,
        expires_at: NOW,
    };
    assert!(writer.write(Write { grant: Some(grant), refresh: Some(refresh), ..Write::default() }).await.unwrap());
    digest
}

#[tokio::test]
async fn each_of_many_look_ups_gets_its_own_answer() {
    for db in testing::databases().await {
        let (reader, writer) = (Reader::start(db.clone()), Writer::start(db.clone()));
        let (here, there) = (testing::tenant(&db, "here").await, testing::tenant(&db, "there").await);
        let mut asked = tokio::task::JoinSet::new();
        for number in 0..40 {
            let client = format!("client-{number}");
            let known = stored(&writer, &here, &client).await;
            let (reader, here, there) = (reader.clone(), here.clone(), there.clone());
            asked.spawn(async move {
                let nobodys = Secret::generate().digest();
                let (found, again, foreign, unknown) = tokio::join!(
                    reader.refresh_token(&here, &known),
                    reader.refresh_token(&here, &known),
                    reader.refresh_token(&there, &known),
                    reader.refresh_token(&here, &nobodys),
                );
                assert!(foreign.unwrap().is_none() && unknown.unwrap().is_none(), "X2");
                for row in [found, again] {
                    assert_eq!(row.unwrap().unwrap().grant.client_id, ClientId::from(client.as_str()));
                }
            });
        }
        asked.join_all().await;
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_spoils_no_other_look_up() {
    const SPOIL: Sql<2> = Sql::tenant(
        "UPDATE grants SET context = 'no JSON' WHERE tenant_id = $1 AND client_id = $2",
        "UPDATE grants SET context = 'no JSON' WHERE tenant_id = $1 AND client_id = $2",
    );
    for db in testing::databases().await {
        let (reader, writer) = (Reader::start(db.clone()), Writer::start(db.clone()));
        let tenant = testing::tenant(&db, Slug::SYSTEM).await;
        let (good, bad) = (stored(&writer, &tenant, "good").await, stored(&writer, &tenant, "bad").await);
        assert_eq!(db.execute(SPOIL, (tenant.clone(), "bad".to_owned())).await.unwrap(), 1);
        for _ in 0..3 {
            let (spoiled, well) =
                tokio::join!(reader.refresh_token(&tenant, &bad), reader.refresh_token(&tenant, &good));
            assert!(spoiled.is_err());
            assert!(well.unwrap().is_some());
        }
    }
}
