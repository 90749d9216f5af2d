//! The token endpoint (RFC 6749 §3.2): requests, the rules of each grant, and answers.

mod answer;
mod code;
mod refresh;
mod refusal;
mod request;

pub use self::{
    answer::TokenAnswer,
    code::IssuedCode,
    refresh::{IssuedRefreshToken, Rotation},
    refusal::TokenRefusal,
    request::TokenRequest,
};
