//! How our types stand in columns: text, `BIGINT`, or JSON in text.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};

use crate::base::{
    ApiKeyId, AuditId, BlobId, ClientId, Digest, Email, FileId, GrantId, IdentityId, JobId, Kid, OrganizationId,
    ProviderId, Scope, SessionId, Slug, TenantId, Timestamp, UploadId, UserId,
};

/// A column with JSON text in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json<T>(pub T);

impl<T> std::ops::Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A yes or no, stored as 0 or 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flag(pub bool);

/// Implements the column traits of `$type` by way of `$as`.
macro_rules! column {
    ([$($generic:tt)*] $type:ty as $as:ty, $to:expr, $from:expr) => {
        impl<DB: Database, $($generic)*> Type<DB> for $type
        where
            $as: Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <$as as Type<DB>>::type_info()
            }

            fn compatible(ty: &DB::TypeInfo) -> bool {
                <$as as Type<DB>>::compatible(ty)
            }
        }

        impl<'q, DB: Database, $($generic)*> Encode<'q, DB> for $type
        where
            $as: Encode<'q, DB>,
        {
            fn encode_by_ref(&self, buffer: &mut <DB as Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let to: fn(&$type) -> Result<$as, BoxDynError> = $to;
                to(self)?.encode(buffer)
            }
        }

        impl<'r, DB: Database, $($generic)*> Decode<'r, DB> for $type
        where
            $as: Decode<'r, DB>,
        {
            fn decode(value: <DB as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let from: fn($as) -> Result<$type, BoxDynError> = $from;
                from(<$as as Decode<'r, DB>>::decode(value)?)
            }
        }
    };
}

macro_rules! ids {
    ($($type:ty),*) => {$(
        column!([] $type as String, |id| Ok(id.as_str().to_owned()), |text| Ok(<$type>::from(text)));
    )*};
}

ids!(
    TenantId,
    UserId,
    ClientId,
    SessionId,
    GrantId,
    Kid,
    ApiKeyId,
    AuditId,
    JobId,
    ProviderId,
    IdentityId,
    FileId,
    BlobId,
    UploadId,
    OrganizationId
);
column!([] Digest as String, |digest| Ok(digest.as_str().to_owned()), |text| Ok(Digest::stored(text)));
column!([] Slug as String, |slug| Ok(slug.to_string()), |text| Ok(text.parse::<Slug>()?));
column!([] Email as String, |email| Ok(email.as_str().to_owned()), |text| Ok(text.parse::<Email>()?));
column!([] Scope as String, |scope| Ok(scope.to_string()), |text| Ok(text.parse::<Scope>()?));
column!([] Timestamp as i64, |at| Ok(at.0), |seconds| Ok(Timestamp(seconds)));
column!([] Flag as i64, |flag| Ok(i64::from(flag.0)), |number| Ok(Flag(number != 0)));
column!([T: Serialize + DeserializeOwned] Json<T> as String,
    |json| Ok(serde_json::to_string(&json.0)?), |text| Ok(Json(serde_json::from_str(&text)?)));

/// An enum whose variants are words in a column and in JSON alike.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// The word in columns, JSON and command lines.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(format!("`{text}` is none of {}", [$($word),*].join(", "))),
                }
            }
        }

        impl<DB: sqlx::Database> sqlx::Type<DB> for $name
        where
            String: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as sqlx::Type<DB>>::type_info()
            }

            fn compatible(ty: &DB::TypeInfo) -> bool {
                <String as sqlx::Type<DB>>::compatible(ty)
            }
        }

        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $name
        where
            String: sqlx::Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buffer: &mut <DB as sqlx::Database>::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                self.as_str().to_owned().encode(buffer)
            }
        }

        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $name
        where
            String: sqlx::Decode<'r, DB>,
        {
            fn decode(value: <DB as sqlx::Database>::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(<String as sqlx::Decode<'r, DB>>::decode(value)?.parse::<Self>()?)
            }
        }
    };
}
pub(super) use words;
