//! [`Failure`]: one sentence that says what was expected and what came.

/// Why a step did not pass.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The server's answer is not one that the provider accepts.
    #[error("{0}")]
    Answer(String),
    /// No answer came at all.
    #[error("{0}")]
    Unreachable(String),
    /// The step could not be tried, because an earlier one failed.
    #[error("{0}")]
    NotTried(String),
}

impl Failure {
    /// The run was stopped before the request could be sent.
    pub(crate) fn stopped() -> Self {
        Self::NotTried("the run was stopped".to_owned())
    }

    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self::Answer(sentence.into())
    }
}

/// A step that passed may still have something to say.
pub(crate) type Outcome = Result<Option<String>, Failure>;

/// A step that passed without a remark.
pub(crate) const PASSED: Outcome = Ok(None);

/// Fails with a sentence unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($sentence:tt)+) => {
        if !$condition {
            return Err($crate::failure::Failure::new(format!($($sentence)+)));
        }
    };
}
pub(crate) use ensure;
