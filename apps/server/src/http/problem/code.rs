//! Every code that a problem may carry. Programs branch on them, so a code is never renamed or reused.

use std::fmt::Write as _;

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($variant:ident = $name:literal, $status:ident, $title:literal, $meaning:literal;)+) => {
        /// What went wrong, in a form that programs branch on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)+
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the code as it stands on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Returns the HTTP status that the code always comes with.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            /// Returns the short summary, the same for every occurrence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// Returns what a caller should know about it.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),+ }
            }
        }
    };
}

codes! {
    InvalidRequest = "invalid_request", BAD_REQUEST, "The request is not valid",
        "A field, a parameter or a cursor holds what it must not; `errors` names it.";
    MalformedJson = "malformed_json", BAD_REQUEST, "The body is not the JSON that is expected",
        "The body is cut off, nested too deep, or of another shape; `detail` says where.";
    Unauthorized = "unauthorized", UNAUTHORIZED, "No valid credential",
        "The credential is missing, unknown, revoked or expired.";
    Forbidden = "forbidden", FORBIDDEN, "Not allowed",
        "The credential is good and does not reach this far.";
    TenantSuspended = "tenant_suspended", FORBIDDEN, "The tenant is suspended",
        "The credential is good; its tenant is not served until the operator says so.";
    BadSignature = "bad_signature", FORBIDDEN, "The webhook is not signed as it must be",
        "The signature is missing or wrong, or the account is not known. Nothing was stored.";
    NotFound = "not_found", NOT_FOUND, "Not found",
        "There is no such thing, or it belongs to somebody else: the two answer alike.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "The method is not served here",
        "The header `Allow` lists the methods that are.";
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "The request took too long to arrive",
        "The body did not arrive in time; nothing was done.";
    Conflict = "conflict", CONFLICT, "Changed meanwhile",
        "Somebody else changed it at the same time; read it again and retry.";
    AlreadyExists = "already_exists", CONFLICT, "Taken",
        "It exists already, perhaps at another tenant.";
    ConversationClosed = "conversation_closed", CONFLICT, "The conversation is closed",
        "Reopen it first.";
    AnotherConversationOpen = "another_conversation_open", CONFLICT, "Another conversation is open",
        "Another conversation with the same contact address is open; close that one first.";
    ChannelInactive = "channel_inactive", CONFLICT, "The channel is not active",
        "The tenant's channel for this is missing or switched off.";
    KeyRotated = "key_rotated", CONFLICT, "Another key has taken this one's place",
        "A key is rotated once, and ends with its overlap; rotate the one that took its place, or revoke this one.";
    LastOwner = "last_owner", CONFLICT, "The last owner stays one",
        "The business would be left without an active owner; make somebody else an owner first.";
    LeadStatusStep = "lead_status_step", CONFLICT, "The lead's status cannot follow the present one",
        "No lead goes from the one status to the other; `errors` names those to which it may go.";
    LeadMerged = "lead_merged", CONFLICT, "The lead is part of another one",
        "It was merged into the lead that `detail` names; work on that one, or take the merge back.";
    LeadNotMerged = "lead_not_merged", CONFLICT, "The lead is not part of that one",
        "There is no merge of the two that could be taken back.";
    LeadFull = "lead_full", CONFLICT, "The lead holds no more of them",
        "A lead has a limit of tags, notes and merged leads; `detail` says which is reached.";
    WrongStatus = "wrong_status", CONFLICT, "Not at this point",
        "The version of the prompt is not where this can be done with it; `detail` says where it is and where it must be.";
    BlockedByExamples = "blocked_by_examples", CONFLICT, "Examples do not let the version out",
        "Blocking examples are not green on this version; `errors` names each with its reason.";
    PlanLimit = "plan_limit", CONFLICT, "The month's turns are used up",
        "The plan's turns of this month and their grace are used up, so no model is asked; the operator can set other limits.";
    TooMany = "too_many", CONFLICT, "No more of these",
        "There are as many as there may be; remove some first.";
    IdempotencyInFlight = "idempotency_in_flight", CONFLICT, "The same request is being served",
        "A request with this `Idempotency-Key` has begun and not ended; repeat it after `Retry-After` to get its answer.";
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "The idempotency key belongs to another request",
        "An `Idempotency-Key` names one request: the same method, path and body. Nothing was done; make up another key.";
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "Too many requests",
        "This address, credential or tenant has asked as often as it may; go on after `Retry-After`. Nothing was done.";
    TooManyFailures = "too_many_failures", TOO_MANY_REQUESTS, "Too many wrong credentials",
        "Wrong credentials came from this address too often, so it has to wait until `Retry-After`, also with a right one.";
    PayloadTooLarge = "payload_too_large", PAYLOAD_TOO_LARGE, "The body is too large",
        "The body is over the limit, counted after decompression.";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The body's format is not supported",
        "`Content-Type` or `Content-Encoding` names what this endpoint does not read.";
    BadRequest = "bad_request", BAD_REQUEST, "The request cannot be served",
        "The request is not well-formed HTTP for this endpoint.";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong here",
        "It is our fault and is logged under `request_id`.";
    AnswerPending = "answer_pending", SERVICE_UNAVAILABLE, "The answer takes longer than a request may wait",
        "What was said is stored and will be answered; it need not be said again.";
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "Too much at once",
        "More requests of this kind are being served than there is room for; retry after `Retry-After`. Nothing was done.";
    TookTooLong = "took_too_long", SERVICE_UNAVAILABLE, "The request took too long here",
        "It was given up and may or may not have been done: look before you repeat what must not be done twice.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Not available at the moment",
        "Something that is needed cannot be reached; retry after `Retry-After`. Nothing was done.";
}

impl Code {
    /// Returns the URI that names the kind of problem. It is a name; nothing is served there.
    pub fn type_uri(self) -> String {
        format!("urn:chatter-cheetah:problem:{}", self.as_str())
    }

    /// Returns the code for a status that no handler explained.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthorized,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::RequestTimeout,
            StatusCode::CONFLICT => Self::Conflict,
            StatusCode::UNPROCESSABLE_ENTITY => Self::IdempotencyKeyReused,
            StatusCode::TOO_MANY_REQUESTS => Self::RateLimited,
            StatusCode::PAYLOAD_TOO_LARGE => Self::PayloadTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            other if other.is_client_error() => Self::BadRequest,
            _ => Self::Internal,
        }
    }
}

/// Returns the catalogue of codes as Markdown, as docs/problems.md keeps it.
pub fn catalogue() -> String {
    let mut page = String::from(
        "# Problems\n\n\
         Every answer with a status of 400 or above is `application/problem+json` (RFC 9457). Branch on `code`: \
         codes are stable, titles and details are for people. Quote `request_id` when you ask for help.\n\n\
         This page is written by `cargo run -p server -- problems > docs/problems.md`.\n\n\
         | code | status | title | meaning |\n| --- | --- | --- | --- |\n",
    );
    for code in Code::ALL {
        let (name, status, title, meaning) =
            (code.as_str(), code.status().as_u16(), code.title(), code.meaning());
        // Writing to a `String` does not fail.
        let _ = writeln!(page, "| `{name}` | {status} | {title} | {meaning} |");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_in_docs_is_current() {
        let kept = include_str!("../../../../../docs/problems.md");
        assert_eq!(
            kept,
            catalogue(),
            "run `cargo run -p server -- problems > docs/problems.md` and look at the change"
        );
    }

    #[test]
    fn a_status_maps_to_a_code_with_that_status_or_its_class() {
        for code in Code::ALL {
            assert_eq!(Code::of_status(code.status()).status(), code.status());
        }
        assert_eq!(Code::of_status(StatusCode::IM_A_TEAPOT), Code::BadRequest);
        assert_eq!(Code::of_status(StatusCode::BAD_GATEWAY), Code::Internal);
    }
}
