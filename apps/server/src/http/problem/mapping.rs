//! From the domain's errors to problems. Every match is exhaustive: a new kind of error does not compile until
//! somebody has decided what callers see of it.

use conversation::ConversationError;
use kernel::StoreError;
use lead::{LeadError, LeadStatus};
use prompt::{BlockingExample, ContentFault, PromptError, RehearsalError};
use tenancy::{AccessError, TenancyError};
use usage::UsageError;

use super::{Code, FieldError, Problem};
use crate::try_prompts::TryError;

impl From<FieldError> for Problem {
    fn from(error: FieldError) -> Self {
        Self::invalid(vec![error])
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::of(Code::Conflict),
            StoreError::Duplicate => Self::of(Code::AlreadyExists),
            StoreError::Corrupt(_) => Self::internal(error),
            StoreError::Unavailable(_) => Self::unavailable(error),
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Unauthorized => Self::of(Code::Unauthorized),
            AccessError::ForeignOrigin => {
                Self::new(Code::Forbidden, "the page's origin is not on the widget token's list")
            }
            AccessError::OperatorOnly | AccessError::OwnerOnly | AccessError::Lacks(_) => {
                Self::new(Code::Forbidden, error.to_string())
            }
            AccessError::UnknownTenant => Self::not_found("tenant"),
            AccessError::Suspended => Self::of(Code::TenantSuspended),
            AccessError::Store(error) => error.into(),
        }
    }
}

impl From<TenancyError> for Problem {
    fn from(error: TenancyError) -> Self {
        match error {
            TenancyError::NotFound { what } => Self::not_found(what),
            TenancyError::Invalid { field, message } => Self::invalid_field(field, message),
            TenancyError::WrongPassword => Self::invalid_field("current_password", error.to_string()),
            TenancyError::Taken { what } => Self::new(Code::AlreadyExists, format!("the {what} is taken")),
            TenancyError::KeyRotated => Self::of(Code::KeyRotated),
            TenancyError::LastOwner => Self::of(Code::LastOwner),
            TenancyError::Access(error) => error.into(),
            TenancyError::Busy => Self::of(Code::Overloaded).retry_after(2),
            TenancyError::Store(error) => error.into(),
            TenancyError::Credential(_) | TenancyError::Vault(_) | TenancyError::Entropy(_) => {
                Self::internal(error)
            }
        }
    }
}

impl From<ConversationError> for Problem {
    fn from(error: ConversationError) -> Self {
        match error {
            ConversationError::NotFound { what } => Self::not_found(what),
            ConversationError::Invalid { field, message } => Self::invalid_field(field, message),
            ConversationError::Closed => Self::of(Code::ConversationClosed),
            ConversationError::AnotherIsOpen => Self::of(Code::AnotherConversationOpen),
            ConversationError::ChannelInactive => Self::of(Code::ChannelInactive),
            ConversationError::AnswerPending => Self::of(Code::AnswerPending).retry_after(2),
            ConversationError::Store(error) => error.into(),
        }
    }
}

impl From<LeadError> for Problem {
    fn from(error: LeadError) -> Self {
        let detail = error.to_string();
        match error {
            LeadError::NotFound { what } => Self::not_found(what),
            LeadError::Invalid { field, message } => Self::invalid_field(field, message),
            LeadError::SameLead => Self::invalid_field("lead_id", detail),
            LeadError::Transition { from, .. } => {
                let next: Vec<_> = from.next().iter().copied().map(LeadStatus::as_str).collect();
                let message = format!("write one of {}", next.join(", "));
                Self::new(Code::LeadStatusStep, detail).with_field("status", message)
            }
            LeadError::Merged { into } => {
                Self::new(Code::LeadMerged, format!("the lead was merged into {into}"))
            }
            LeadError::NotMerged => Self::of(Code::LeadNotMerged),
            LeadError::Full { .. } => Self::new(Code::LeadFull, detail),
            LeadError::Taken { .. } => Self::new(Code::AlreadyExists, detail),
            LeadError::Store(error) => error.into(),
        }
    }
}

impl From<PromptError> for Problem {
    fn from(error: PromptError) -> Self {
        match error {
            PromptError::NotFound { what } => Self::not_found(what),
            PromptError::Invalid { field, message } => Self::invalid_field(field, message),
            PromptError::InvalidContent(faults) => Self::invalid(faults.into_iter().map(fault).collect()),
            PromptError::Render { section, message } => Self::invalid_field(section, message),
            PromptError::WrongStatus { .. } => Self::new(Code::WrongStatus, error.to_string()),
            PromptError::TooMany { .. } => Self::new(Code::TooMany, error.to_string()),
            PromptError::BlockedByExamples(ref examples) => {
                let problem = Self::new(Code::BlockedByExamples, error.to_string());
                examples.iter().fold(problem, |problem, example| {
                    problem.with_field(example.id.to_string(), blocked_because(example))
                })
            }
            PromptError::OverPlan => Self::of(Code::PlanLimit),
            PromptError::Conflict => Self::of(Code::Conflict),
            PromptError::Store(error) => error.into(),
        }
    }
}

impl From<UsageError> for Problem {
    fn from(error: UsageError) -> Self {
        match error {
            UsageError::NotFound { what } => Self::not_found(what),
            UsageError::Invalid { field, message } => Self::invalid_field(field, message),
            UsageError::Prices(_) => Self::internal(error),
            UsageError::Store(error) => error.into(),
        }
    }
}

impl From<RehearsalError> for Problem {
    fn from(error: RehearsalError) -> Self {
        match error {
            RehearsalError::Model(_) => Self::unavailable(error),
            RehearsalError::OverPlan => Self::of(Code::PlanLimit),
            RehearsalError::Store(error) => error.into(),
        }
    }
}

impl From<TryError> for Problem {
    fn from(error: TryError) -> Self {
        match error {
            TryError::Prompt(error) => error.into(),
            TryError::Model(error) => error.into(),
        }
    }
}

fn fault(fault: ContentFault) -> FieldError {
    FieldError { message: format!("line {}: {}", fault.line, fault.message), field: fault.section }
}

fn blocked_because(example: &BlockingExample) -> String {
    format!("{}: {}", example.reason.as_str(), example.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_is_down_is_unavailable_and_not_the_callers_fault() {
        let down = || StoreError::Unavailable("no route to db.internal".into());
        for problem in [
            Problem::from(down()),
            AccessError::Store(down()).into(),
            TenancyError::Store(down()).into(),
            ConversationError::Store(down()).into(),
            LeadError::Store(down()).into(),
            PromptError::Store(down()).into(),
            UsageError::Store(down()).into(),
        ] {
            assert_eq!(problem.code(), Code::Unavailable);
            assert!(!problem.to_string().contains("db.internal"), "{problem}");
        }
    }

    #[test]
    fn corrupt_data_is_a_fault_of_ours() {
        assert_eq!(Problem::from(StoreError::Corrupt("bad row".into())).code(), Code::Internal);
    }
}
