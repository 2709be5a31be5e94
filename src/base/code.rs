//! The error codes that we answer with, and the HTTP status of each.

/// The error codes we answer with: the IANA "OAuth Extensions Error" registry as far as we use it, plus the page and
/// API conditions that have no registered code. [`Code::status`] is the only place a status is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidRequest,
    /// RFC 6749 §5.2.
    InvalidClient,
    /// RFC 6749 §5.2.
    InvalidGrant,
    /// RFC 6749 §4.1.2.1, §5.2.
    UnauthorizedClient,
    /// RFC 6749 §5.2.
    UnsupportedGrantType,
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType,
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidScope,
    /// RFC 6749 §4.1.2.1.
    AccessDenied,
    /// RFC 6749 §4.1.2.1.
    ServerError,
    /// RFC 6749 §4.1.2.1.
    TemporarilyUnavailable,
    /// OIDC Core §3.1.2.6.
    InteractionRequired,
    /// OIDC Core §3.1.2.6.
    LoginRequired,
    /// OIDC Core §3.1.2.6.
    ConsentRequired,
    /// OIDC Core §3.1.2.6.
    AccountSelectionRequired,
    /// OpenID Connect Core Error Code `unmet_authentication_requirements` §2.
    UnmetAuthenticationRequirements,
    /// OIDC Core §3.1.2.6.
    RequestNotSupported,
    /// OIDC Core §3.1.2.6.
    RequestUriNotSupported,
    /// OIDC Core §3.1.2.6.
    RegistrationNotSupported,
    /// RFC 8707 §2.
    InvalidTarget,
    /// RFC 9396 §5.
    InvalidAuthorizationDetails,
    /// RFC 9470 §3.
    InsufficientUserAuthentication,
    /// A second factor is wanted; no specification has a code for it, others use this one too.
    MfaRequired,
    /// RFC 6750 §3.1.
    InvalidToken,
    /// RFC 6750 §3.1.
    InsufficientScope,
    /// RFC 7009 §2.2.1.
    UnsupportedTokenType,
    /// RFC 7591 §3.2.2.
    InvalidRedirectUri,
    /// RFC 7591 §3.2.2.
    InvalidClientMetadata,
    /// No credential where one is needed; RFC 6750 §3 gives no code for it.
    Unauthorized,
    /// A page form without its anti-forgery token, or from another origin.
    Forgery,
    /// Not allowed for this caller.
    Forbidden,
    /// Tenant suspended by its operator.
    TenantSuspended,
    /// Nothing here, or nothing this caller may see.
    NotFound,
    /// HTTP 405.
    MethodNotAllowed,
    /// Already there, or changed meanwhile.
    Conflict,
    /// A tenant without an owner is nobody's: its last one stays.
    UserIsSoleOwner,
    /// Somebody protected it: it cannot be deleted until that is taken back.
    DeletionProtected,
    /// HTTP 412.
    PreconditionFailed,
    /// HTTP 413.
    BodyTooLarge,
    /// HTTP 414.
    UriTooLong,
    /// HTTP 415.
    UnsupportedMediaType,
    /// HTTP 422: parsed, but not meaningful.
    Unprocessable,
    /// HTTP 403: this has to be paid for first.
    EntitlementRequired,
    /// HTTP 402: whoever takes the money says that there is none.
    PaymentDeclined,
    /// HTTP 422: whoever takes the money does not understand us.
    PaymentRejected,
    /// HTTP 502: whoever takes the money does not answer.
    PaymentProviderUnavailable,
    /// HTTP 404: no money is taken here.
    PaymentsDisabled,
    /// HTTP 422: another request has had this key.
    IdempotencyConflict,
    /// HTTP 429.
    TooManyRequests,
    /// HTTP 408.
    RequestTimeout,
    /// A body that is no JSON, or names a member twice.
    InvalidJson,
    /// A parameter that is unknown here or cannot be that.
    InvalidParameter,
    /// A cursor that we did not give.
    InvalidCursor,
    /// A cursor of another query.
    CursorMismatch,
    /// A place in the past that is forgotten.
    CursorExpired,
    /// A change of many documents that does not say of which.
    FilterRequired,
    /// A filter that says nothing in the language.
    InvalidFilter,
    /// A sort that says nothing in the language.
    InvalidSort,
    /// A projection that says nothing in the language.
    InvalidProjection,
    /// An update that says nothing in the language.
    InvalidUpdate,
    /// A pipeline that says nothing in the language.
    InvalidPipeline,
    /// A pattern that does not run in linear time.
    InvalidRegex,
    /// What cannot be a document.
    InvalidDocument,
    /// What cannot be said of a collection.
    InvalidDefinition,
    /// A document that its collection does not take.
    SchemaViolation,
    /// An update that does not fit the document.
    UpdateNotApplicable,
    /// Something that cannot be computed of a document.
    PipelineFailed,
    /// A query over its time, work or memory.
    QueryTooExpensive,
    /// The id is taken.
    AlreadyExists,
    /// Another document has this value.
    UniqueViolation,
    /// HTTP 428: to be changed only over the revision that was read.
    PreconditionRequired,
    /// What the collection's rules do not let this caller do.
    RuleDenied,
    /// HTTP 416: the file has no such part.
    RangeNotSatisfiable,
    /// Other bytes than their sender says.
    DigestMismatch,
    /// The same, in the words of tus 1.0 (HTTP 460).
    ChecksumMismatch,
    /// A type that the tenant does not take.
    TypeNotAllowed,
    /// A file that has to be looked at first.
    ScanPending,
    /// A file in which something bad was found.
    Quarantined,
    /// More than the tenant or the plan allows.
    QuotaExceeded,
    /// HTTP 403: the tenant has as many as its operator allows.
    PlanLimitReached,
    /// HTTP 507: there is no room left where it would be kept.
    InsufficientStorage,
}

impl Code {
    /// The HTTP status of an answer with this code, where it is not carried back by a redirect.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken | Self::Unauthorized | Self::InsufficientUserAuthentication => 401,
            Self::InsufficientScope
            | Self::Forgery
            | Self::Forbidden
            | Self::TenantSuspended
            | Self::EntitlementRequired
            | Self::RuleDenied
            | Self::QuotaExceeded
            | Self::PlanLimitReached
            | Self::Quarantined => 403,
            Self::NotFound | Self::PaymentsDisabled => 404,
            Self::MethodNotAllowed => 405,
            Self::RequestTimeout => 408,
            Self::Conflict
            | Self::UserIsSoleOwner
            | Self::DeletionProtected
            | Self::AlreadyExists
            | Self::UniqueViolation
            | Self::ScanPending => 409,
            Self::CursorExpired => 410,
            Self::PreconditionFailed => 412,
            Self::BodyTooLarge => 413,
            Self::UriTooLong => 414,
            Self::UnsupportedMediaType | Self::TypeNotAllowed => 415,
            Self::RangeNotSatisfiable => 416,
            Self::ChecksumMismatch => 460,
            Self::Unprocessable
            | Self::InvalidFilter
            | Self::InvalidSort
            | Self::InvalidProjection
            | Self::InvalidUpdate
            | Self::InvalidPipeline
            | Self::InvalidRegex
            | Self::InvalidDocument
            | Self::InvalidDefinition
            | Self::SchemaViolation
            | Self::UpdateNotApplicable
            | Self::PipelineFailed
            | Self::QueryTooExpensive
            | Self::PaymentRejected
            | Self::IdempotencyConflict => 422,
            Self::PreconditionRequired => 428,
            Self::PaymentDeclined => 402,
            Self::PaymentProviderUnavailable => 502,
            Self::TooManyRequests => 429,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
            Self::InsufficientStorage => 507,
            _ => 400,
        }
    }

    /// The code as it is written in answers (`error`).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::InteractionRequired => "interaction_required",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidAuthorizationDetails => "invalid_authorization_details",
            Self::InsufficientUserAuthentication => "insufficient_user_authentication",
            Self::MfaRequired => "mfa_required",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::Unauthorized => "unauthorized",
            Self::Forgery => "forgery",
            Self::Forbidden => "forbidden",
            Self::TenantSuspended => "tenant_suspended",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Conflict => "conflict",
            Self::UserIsSoleOwner => "user_is_sole_owner",
            Self::DeletionProtected => "deletion_protected",
            Self::PreconditionFailed => "precondition_failed",
            Self::BodyTooLarge => "body_too_large",
            Self::UriTooLong => "uri_too_long",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Unprocessable => "unprocessable",
            Self::EntitlementRequired => "entitlement_required",
            Self::PaymentDeclined | Self::PaymentRejected => "payment_provider_error",
            Self::PaymentProviderUnavailable => "payment_provider_unavailable",
            Self::PaymentsDisabled => "payments_disabled",
            Self::IdempotencyConflict => "idempotency_conflict",
            Self::TooManyRequests => "too_many_requests",
            Self::RequestTimeout => "request_timeout",
            Self::InvalidJson => "invalid_json",
            Self::InvalidParameter => "invalid_parameter",
            Self::InvalidCursor => "invalid_cursor",
            Self::CursorMismatch => "cursor_mismatch",
            Self::CursorExpired => "cursor_expired",
            Self::FilterRequired => "filter_required",
            Self::InvalidFilter => "invalid_filter",
            Self::InvalidSort => "invalid_sort",
            Self::InvalidProjection => "invalid_projection",
            Self::InvalidUpdate => "invalid_update",
            Self::InvalidPipeline => "invalid_pipeline",
            Self::InvalidRegex => "invalid_regex",
            Self::InvalidDocument => "invalid_document",
            Self::InvalidDefinition => "invalid_definition",
            Self::SchemaViolation => "schema_violation",
            Self::UpdateNotApplicable => "update_not_applicable",
            Self::PipelineFailed => "pipeline_failed",
            Self::QueryTooExpensive => "query_too_expensive",
            Self::AlreadyExists => "already_exists",
            Self::UniqueViolation => "unique_violation",
            Self::PreconditionRequired => "precondition_required",
            Self::RuleDenied => "rule_denied",
            Self::RangeNotSatisfiable => "range_not_satisfiable",
            Self::DigestMismatch | Self::ChecksumMismatch => "digest_mismatch",
            Self::TypeNotAllowed => "type_not_allowed",
            Self::ScanPending => "scan_pending",
            Self::Quarantined => "quarantined",
            Self::QuotaExceeded => "quota_exceeded",
            Self::PlanLimitReached => "plan_limit_reached",
            Self::InsufficientStorage => "insufficient_storage",
        }
    }
}
