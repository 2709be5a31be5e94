//! Every table that has something of tenants, and what becomes of it when a tenant moves or is copied. A table that is
//! not here fails a test, and so does a column that sounds sealed and is not said to be.

use Fate::{Documents, Moves, People, SetUp, Stays};
use Form::{List, Members, One};

use crate::keys::Purpose;

/// What becomes of a table's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// They move, and are copied: how the tenant is set up.
    SetUp,
    /// They move, and are copied with the people: they are people, or theirs.
    People,
    /// They move, and are not in a copy; this is why.
    Moves(&'static str),
    /// They stay; this is why.
    Stays(&'static str),
    /// They move as collections and documents, not as rows.
    Documents,
}

/// How a column holds sealed values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// It is one.
    One,
    /// It is a JSON array of them.
    List,
    /// It is a JSON array of objects that have one in `sealed`.
    Members,
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    /// Its name.
    pub(super) name: &'static str,
    /// What becomes of its rows.
    pub(super) fate: Fate,
    /// Which rows alone (SQL); empty: all.
    pub(super) only: &'static str,
    /// Its sealed columns.
    pub(super) sealed: &'static [(&'static str, Purpose, Form)],
    /// Whether it stands beside documents.
    pub(super) beside: bool,
}

const fn table(name: &'static str, fate: Fate) -> Kept {
    Kept { name, fate, only: "", sealed: &[], beside: false }
}

impl Kept {
    const fn sealed(self, sealed: &'static [(&'static str, Purpose, Form)]) -> Self {
        Self { sealed, ..self }
    }

    const fn only(self, only: &'static str) -> Self {
        Self { only, ..self }
    }

    const fn beside(self) -> Self {
        Self { beside: true, ..self }
    }
}

/// Why tokens and keys are not in a copy.
const TOKENS: Fate = Moves("what opens the original does not open a copy");
const MONEY: Fate = Moves("a copy takes no money: it has no account at Stripe");
const TRAIL: Fate = Moves("the trail of the original tells of the original");
const TOLD: Fate = Stays("a log of messages; what happens after the move is told anew");
const BUSY: Fate = Stays("under way in a browser for minutes; it is begun anew");

/// All of them, in the order in which they move: what others refer to is there before them.
pub(super) const TABLES: &[Kept] = &[
    table("tenants", SetUp),
    table("tenant_brands", SetUp),
    table("tenant_brand_drafts", SetUp),
    table("tenant_domains", Moves("a domain leads to one tenant")),
    table("signing_keys", TOKENS).sealed(&[("sealed_jwk", Purpose::SigningKey, One)]),
    // The end of the chain before its rows: whoever seals meanwhile goes on from there.
    table("audit_chains", TRAIL),
    table("audit_events", TRAIL),
    table("organization_events", TRAIL),
    table("clients", SetUp),
    table("client_secrets", SetUp),
    table("api_keys", TOKENS),
    table("identity_providers", SetUp).sealed(&[("sealed_secret", Purpose::UpstreamSecret, One)]),
    table("mail_secrets", SetUp).sealed(&[("sealed", Purpose::UpstreamSecret, One)]),
    table("users", People),
    table("passwords", People),
    table("totp_factors", People).sealed(&[("sealed", Purpose::TotpSecret, One)]),
    table("recovery_codes", People),
    table("passkeys", People),
    table("factor_grace", People),
    table("known_devices", Moves("a browser that is trusted at the original is not at a copy")),
    table("identities", People),
    table("consents", People),
    table("organizations", People),
    table("organization_roles", People),
    table("organization_domains", People),
    table("organization_members", People),
    table("invitations", Moves("the mails lead to the original")),
    table("one_time_secrets", Moves("the mails lead to the original")).only(
        " AND browser IS NULL AND used_at IS NULL
            AND kind IN ('verify_email', 'reset_password', 'confirm_email', 'undo_email', 'invitation')",
    ),
    table("sessions", TOKENS),
    table("upstream_sessions", TOKENS).sealed(&[("hint", Purpose::Record, One)]),
    table("grants", TOKENS),
    table("refresh_tokens", TOKENS),
    table("access_tokens", TOKENS),
    table("revocations", TOKENS),
    table("assertions", TOKENS),
    table("archive_rules", SetUp),
    table("blobs", People),
    table("files", People),
    table("thumbnails", People),
    table("plans", SetUp),
    table("entitlements", People),
    table("payment_customers", MONEY),
    table("checkouts", MONEY),
    table("subscriptions", MONEY),
    table("payments", MONEY),
    table("owner_erasures", Moves("who is erased at the original is not at a copy")),
    table("document_audits", TRAIL).beside(),
    // What other programs are told of and asked about comes last, when the rest is there.
    table("payment_events", MONEY),
    table("payment_accounts", MONEY)
        .sealed(&[("sealed_key", Purpose::UpstreamSecret, One), ("sealed_secrets", Purpose::WebhookSecret, List)]),
    table("webhook_endpoints", SetUp).sealed(&[("sealed_secrets", Purpose::WebhookSecret, Members)]),
    table("webhook_cursors", TRAIL),
    table("collections", Documents).beside(),
    table("browser_sessions", Stays("cookies of browsers: people sign in again")),
    table("authorization_requests", BUSY),
    table("authorization_codes", BUSY),
    table("uploads", Stays("files that have not arrived; their senders begin anew")),
    table("upload_pieces", Stays("files that have not arrived; their senders begin anew")),
    table("loose_blobs", Stays("bytes that no file is made of")),
    table("archive_usage", Stays("counted anew")),
    table("tenant_usage", Stays("counted anew, by triggers")),
    table("document_counters", Stays("counted anew")).beside(),
    table("document_changes", Stays("for who is watching now; their numbers go on")).beside(),
    table("mails", Stays("what waits leaves from where it was asked for")),
    table("webhook_deliveries", TOLD),
    table("webhook_attempts", TOLD),
    table("refusals", Stays("kept for days, to look into; they are of the server that refused")),
    table("counters", Stays("how often somebody failed within minutes")),
    table("created_replays", Stays("answers to requests that may come again within a day")),
    table("replays", Stays("answers to requests that may come again within a day")).beside(),
];

/// Which part of a tenant goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All that moves.
    Whole,
    /// A copy.
    Copy {
        /// With people and what they have.
        people: bool,
    },
}

impl Part {
    /// Whether rows of this fate go.
    pub(super) const fn takes(self, fate: Fate) -> bool {
        match (self, fate) {
            (Self::Whole, SetUp | People | Moves(_)) | (Self::Copy { .. }, SetUp) => true,
            (Self::Copy { people }, People) => people,
            _ => false,
        }
    }

    /// Whether documents and bytes go.
    pub(super) const fn has_people(self) -> bool {
        !matches!(self, Self::Copy { people: false })
    }
}

/// The table of this name, if its rows move.
pub(super) fn moving(name: &str) -> Option<&'static Kept> {
    TABLES.iter().find(|kept| kept.name == name && Part::Whole.takes(kept.fate))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::store::tenant_tables::{tables, tables_beside};
    use crate::store::testing::{databases, document_databases};

    /// Table and columns, of both databases.
    async fn schemas() -> Vec<BTreeMap<String, Vec<String>>> {
        let mut all = Vec::new();
        for (db, documents) in databases().await.into_iter().zip(document_databases().await) {
            let found = [tables(&db).await.unwrap(), tables_beside(&documents).await.unwrap()].concat();
            let columns = |table: &crate::store::tenant_tables::Table| table.columns().map(str::to_owned).collect();
            all.push(found.iter().map(|table| (table.name.clone(), columns(table))).collect());
        }
        all
    }

    #[tokio::test]
    async fn every_table_of_tenants_moves_or_it_is_said_why_not() {
        for schema in schemas().await {
            let there: BTreeSet<&str> = schema.keys().map(String::as_str).collect();
            let known: BTreeSet<&str> = TABLES.iter().map(|kept| kept.name).collect();
            assert_eq!(known.len(), TABLES.len(), "a table is named twice");
            let unknown: Vec<_> = there.difference(&known).collect();
            assert!(unknown.is_empty(), "what becomes of {unknown:?} when a tenant moves? Say it in moving/tables.rs");
            let gone: Vec<_> = known.difference(&there).collect();
            assert!(gone.is_empty(), "{gone:?} are no tables any more");
            for kept in TABLES {
                if let Moves(why) | Stays(why) = kept.fate {
                    assert!(why.len() > 10, "{}", kept.name);
                }
            }
        }
    }

    #[tokio::test]
    async fn w036_every_sealed_column_is_opened_and_sealed_again() {
        for schema in schemas().await {
            for kept in TABLES.iter().filter(|kept| !matches!(kept.fate, Stays(_))) {
                let columns = &schema[kept.name];
                for (column, ..) in kept.sealed {
                    assert!(columns.iter().any(|name| name == column), "{}.{column}", kept.name);
                }
                for column in columns.iter().filter(|column| column.starts_with("sealed")) {
                    assert!(kept.sealed.iter().any(|(name, ..)| name == column), "{}.{column}", kept.name);
                }
            }
        }
    }

    #[test]
    fn a_copy_has_no_tokens_no_money_and_no_trail() {
        let copy = |people| {
            let taken = TABLES.iter().filter(move |kept| Part::Copy { people }.takes(kept.fate));
            taken.map(|kept| kept.name).collect::<BTreeSet<_>>()
        };
        let all = copy(true);
        for left in
            ["signing_keys", "api_keys", "grants", "refresh_tokens", "sessions", "payment_accounts", "audit_events"]
        {
            assert!(!all.contains(left), "{left}");
        }
        assert!(all.contains("passwords") && !copy(false).contains("passwords") && copy(false).contains("clients"));
        assert!(moving("counters").is_none() && moving("collections").is_none() && moving("users").is_some());
        assert_eq!(TABLES[0].name, "tenants", "everything refers to it");
    }
}
