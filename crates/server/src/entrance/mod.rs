//! `/signin`: where people begin. By an address or a slug they are led to their organization's
//! provider; administrators come in by break-glass should that fail.

pub(crate) mod break_glass;
mod discovery;
mod enrolment;
mod qr;
pub(crate) mod tries;

use axum::{
    Router,
    routing::{get, post},
};

pub(crate) use self::{break_glass::LARGEST_FORM, tries::Tries};
use crate::App;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/signin", get(discovery::show).merge(post(discovery::take)))
        .route("/signin/continue", get(discovery::lead_on))
        .route("/signin/break-glass", get(break_glass::show).merge(post(break_glass::enter)))
        .route("/signin/break-glass/{link}", get(enrolment::show).merge(post(enrolment::enroll)))
}
