//! Browsers that people are known by.

use super::*;
use crate::accounts::devices::KNOWN_FOR;
use crate::config::{Config, Overrides};
use crate::tenants::Tenants;

async fn know(place: &Place, user: &User, device: (&Secret, Option<Seconds>)) -> Result<bool> {
    let config = Config::load(&Overrides::default()).unwrap();
    let tenant = Tenants::new(&config, Clock::default(), place.db.clone()).context(place.tenant.clone());
    let origin = Origin { user_agent: Some("a browser".to_owned()), ..Origin::default() };
    place.accounts.know_device(&tenant, user, device, &origin).await
}

#[tokio::test]
async fn w118_a_browser_in_which_somebody_signed_in_lets_them_in_whatever_strangers_do() {
    for place in places().await {
        let ada = place.create(ada()).await.unwrap();
        let (device, invented) = (Secret::generate(), Secret::generate());
        let from = |device: &Secret| Origin { device: Some(device.clone()), ..Origin::default() };
        assert!(!know(&place, &ada, (&device, None)).await.unwrap());
        for _ in 0..10 {
            assert_eq!(place.refusal("ada", "guess").await.0, Code::InvalidGrant);
        }
        assert_eq!(place.refusal("ada", RIGHT).await.0, Code::TooManyRequests);
        let sign_in = async |origin: Origin| {
            place.accounts.authenticate(&place.tenant, "Ada@Example.test", &Secret::new(RIGHT), &origin).await
        };
        let by_name = async |origin: Origin, password: &str| {
            place.accounts.authenticate(&place.tenant, "ADA", &Secret::new(password), &origin).await
        };
        assert!(by_name(from(&invented), RIGHT).await.is_err(), "any cookie would do");
        assert!(by_name(from(&device), RIGHT).await.is_ok());
        assert!(sign_in(from(&device)).await.is_ok());
        assert!(place.sign_in("ada", RIGHT).await.is_ok(), "the owner's success ends the counting");
    }
}

#[tokio::test]
async fn a_browser_is_known_and_trusted_until_its_time_is_over_or_the_password_is_another() {
    for place in places().await {
        let (ada, operator) = (place.create(ada()).await.unwrap(), Actor::operator());
        let (one, two) = (Secret::generate(), Secret::generate());
        let (accounts, id) = (&place.accounts, &place.tenant.id);
        let know = async |device: &Secret, trust| know(&place, &ada, (device, trust)).await.unwrap();
        assert!(!know(&one, Some(Seconds(60))).await, "the first is nothing to warn of");
        assert!(know(&two, None).await, "another one is");
        assert!(!know(&one, None).await, "and it is known again");
        assert!(accounts.trusts_device(id, &ada.id, &one).await.unwrap());
        assert!(!accounts.trusts_device(id, &ada.id, &two).await.unwrap());
        assert!(!accounts.knows_device(id, &UserId::generate(), &one).await.unwrap());
        place.clock.advance(Seconds(60));
        assert!(!accounts.trusts_device(id, &ada.id, &one).await.unwrap());
        assert!(accounts.knows_device(id, &ada.id, &one).await.unwrap());
        place.clock.advance(KNOWN_FOR);
        assert!(!accounts.knows_device(id, &ada.id, &one).await.unwrap());
        know(&one, Some(Seconds(60))).await;
        accounts.set_password(&place.tenant, &ada.id, &Secret::new("another password"), &operator).await.unwrap();
        assert!(!accounts.knows_device(id, &ada.id, &one).await.unwrap(), "W-014");
    }
}
