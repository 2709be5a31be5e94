//! What a batch does with one token that several of its writes want.

use super::*;
use crate::base::{ClientId, Digest, GrantId, Scope, Secret, Slug};
use crate::store::values::Json;
use crate::store::writer::{NewRefresh, Spend};
use crate::store::{grants, testing};

const NOW: Timestamp = Timestamp(1_000);

fn rotation(tenant: &TenantId, spent: &Digest, next: &Digest) -> Write {
    Write {
        spend: Some(Spend { kind: SpendKind::Refresh, tenant_id: tenant.clone(), digest: spent.clone(), now: NOW }),
        refresh: Some(NewRefresh {
            tenant_id: tenant.clone(),
            digest: next.as_str().to_owned(),
            grant_id: GrantId::from("grant"),
            created_at: NOW,
            expires_at: Timestamp(2_000),
        }),
        ..Write::default()
    }
}

#[tokio::test]
async fn w049_of_two_writes_of_one_batch_with_the_same_token_the_first_wins() {
    for db in testing::databases().await {
        let tenant = testing::tenant(&db, Slug::SYSTEM).await;
        let mut batches = Batches::new(db.clone());
        let tokens: Vec<Digest> = (0..4).map(|_| Secret::generate().digest()).collect();
        let grant = Grant {
            tenant_id: tenant.clone(),
            id: GrantId::from("grant"),
            client_id: ClientId::from("app"),
            user_id: None,
            session_id: None,
            scope: Scope::empty(),
            context: Json(grants::Context::default()),
            created_at: NOW,
            expires_at: Timestamp(2_000),
            revoked_at: None,
            organization_id: None,
        };
        let first = Write { grant: Some(grant), spend: None, ..rotation(&tenant, &tokens[0], &tokens[0]) };
        assert_eq!(batches.commit(&[first]).await.unwrap(), [true]);
        // The last one spends what another of its own batch brings: nobody can have it yet, so it is not there.
        let batch = [
            rotation(&tenant, &tokens[0], &tokens[1]),
            rotation(&tenant, &tokens[0], &tokens[2]),
            rotation(&tenant, &tokens[1], &tokens[3]),
        ];
        let outcomes = batches.commit(&batch).await.unwrap();
        assert_eq!(outcomes, [true, false, false], "{}", db.kind());
        for (token, stored) in tokens.iter().zip([true, true, false, false]) {
            let row = grants::refresh_token(&db, &tenant, token).await.unwrap();
            assert_eq!(row.is_some(), stored);
        }
    }
}
