//! What the surfaces share.

pub mod browser;
