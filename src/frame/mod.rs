//! What every page wears, whichever surface shows it: the tenant's look, the static files, links that are safe to
//! show, the words in every language, and the two pages that any surface may need, the error and the form post. Pure: data in, HTML out.

pub mod assets;
mod brand;
mod client;
pub mod contract;
mod error;
mod form_post;
mod link;
mod puzzle;
mod size;
#[cfg(test)]
pub(crate) mod testing;
mod when;
mod words;

pub use brand::{Accent, Brand};
pub use client::ShownClient;
pub use contract::{Contract, Dress, Finding};
pub use error::{ErrorPage, sentence};
pub use form_post::FormPostPage;
pub use link::Link;
pub use puzzle::ShownPuzzle;
pub use size::size;
pub use when::When;
pub use words::{Language, Preferences, Told, Words};
