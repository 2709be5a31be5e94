//! The signature algorithms we know (RFC 7518 §3.1, RFC 8037 §3.1). There is no `none` and no HS* to choose: what
//! this file does not name cannot be asked for.

use serde::{Deserialize, Serialize};

macro_rules! algorithms {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// All of them, the most widely understood first.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name as it stands in `alg`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $(stringify!($variant) => Ok(Self::$variant),)*
                    _ => Err(format!("the algorithm is one of {}", [$(stringify!($variant)),*].join(", "))),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

algorithms! {
    /// What we sign our own tokens with.
    SigningAlgorithm {
        /// RSASSA-PKCS1-v1_5 with SHA-256: the one every client can verify (OIDC Core §15.1).
        RS256,
        /// ECDSA with P-256 and SHA-256.
        ES256,
        /// Ed25519.
        EdDSA,
    }
}

algorithms! {
    /// What we verify: our own tokens, and what clients sign with their keys.
    Algorithm {
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        RS256,
        /// RSASSA-PSS with SHA-256 (FAPI 2.0 Security Profile §5.4).
        PS256,
        /// ECDSA with P-256 and SHA-256.
        ES256,
        /// Ed25519.
        EdDSA,
    }
}

impl From<SigningAlgorithm> for Algorithm {
    fn from(algorithm: SigningAlgorithm) -> Self {
        match algorithm {
            SigningAlgorithm::RS256 => Self::RS256,
            SigningAlgorithm::ES256 => Self::ES256,
            SigningAlgorithm::EdDSA => Self::EdDSA,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_registered_ones_in_json_and_text() {
        for algorithm in Algorithm::ALL {
            assert_eq!(serde_json::to_string(algorithm).unwrap(), format!("\"{algorithm}\""));
            assert_eq!(algorithm.as_str().parse(), Ok(*algorithm));
        }
    }

    #[test]
    fn t3_neither_none_nor_a_shared_secret_nor_another_case_is_an_algorithm() {
        for bad in ["none", "None", "nOnE", "HS256", "HS384", "HS512", "rs256", "ES256K", "RS1", "", "RS256 "] {
            assert!(bad.parse::<Algorithm>().is_err(), "{bad}");
            assert!(bad.parse::<SigningAlgorithm>().is_err(), "{bad}");
        }
    }
}
