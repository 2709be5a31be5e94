//! The vocabulary: words every room speaks. No I/O, and nothing of ours is imported here.

mod code;
mod details;
mod email;
mod error;
mod id;
mod json;
mod origin;
mod params;
mod proof;
mod scope;
mod secret;
mod slug;
mod step_up;
mod time;
pub mod trace;

pub use code::Code;
pub use details::{AuthorizationDetails, Detail, DetailAction, NotNamed};
pub use email::Email;
pub use error::{Fault, Refusal, Result, Stop, Why};
pub use id::{
    ApiKeyId, AuditId, BlobId, ClientId, FileId, GrantId, IdentityId, JobId, Kid, OrganizationId, ProviderId,
    SessionId, TenantId, UploadId, UserId,
};
pub use json::{strict_object, strict_value};
pub use origin::{Actor, Origin};
pub use params::Params;
pub use proof::{Level, Method, Proof, level_of};
pub use scope::{InvalidScope, Scope};
pub use secret::{Digest, Secret};
pub use slug::Slug;
pub use step_up::{Proven, StepUp, StepUps};
pub use time::{Clock, Seconds, Timestamp};
