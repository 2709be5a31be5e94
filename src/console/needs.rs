//! What the pages need of their visitors: the scopes that the API asks for at the same things.

use crate::http::bearer::RequiredScope;

macro_rules! needs {
    ($($(#[$doc:meta])* $name:ident = $scope:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl RequiredScope for $name {
            const SCOPE: Option<&'static str> = Some($scope);
        }
    )*};
}

needs! {
    /// To look at people.
    SeePeople = "users:read";
    /// To change people.
    ChangePeople = "users:write";
    /// To invite people.
    Invite = "users:invite";
    /// To look at applications.
    SeeClients = "clients:read";
    /// To change applications.
    ChangeClients = "clients:write";
    /// To look at a tenant.
    SeeTenant = "tenant:read";
    /// To change a tenant.
    ChangeTenant = "tenant:write";
    /// To see to keys.
    Keys = "keys:write";
    /// To look through the audit trail.
    Audit = "audit:read";
    /// To look at webhooks.
    SeeWebhooks = "webhooks:read";
    /// To change webhooks.
    ChangeWebhooks = "webhooks:write";
    /// To decide about tenants.
    Platform = "platform:*";
}
