//! Sign, verify, publish, rotate, seal: the one place josekit appears.

mod algorithm;
mod chunks;
mod claims;
mod jwks;
mod master;
mod own;
mod pair;
mod pool;
mod reseal;
mod ring;
mod rotation;
mod seal;
mod service;
mod signer;
mod verify;

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod life;

pub use algorithm::{Algorithm, SigningAlgorithm};
pub use chunks::{CHUNK, Chunks, Stretch, TAG};
pub use claims::{Claims, Expected};
pub use jwks::{BadJwks, JwkSet, PublicKey};
pub use master::{BadMasterKey, MasterKey};
pub use pair::NewKey;
pub use reseal::Resealer;
pub use rotation::Rotated;
pub use seal::{Purpose, Sealer};
pub use service::{Keys, LONGEST_TOKEN, Schedule};
pub use signer::Signer;
pub use verify::{Invalid, Policy, Typ, Verified};
