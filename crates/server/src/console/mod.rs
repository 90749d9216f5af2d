//! The console of an organization: `/console/...`, and `/setup` for whoever has no account yet.
//!
//! `rooms()` lists every address with whoever may come in. The gate stands in front of each
//! and lets no one in before any look-up; a handler gets a `Visitor`, or for a post a `Posted`, and
//! nothing else makes one. What a visitor may do in the end each verb of the domain asks once more.

mod audit;
mod domains;
mod frame;
pub(crate) mod gate;
mod groups;
mod guides;
mod icon;
mod integrations;
mod live;
mod log;
mod me;
mod message;
mod people;
mod plan;
mod posted;
mod refusal;
mod roles;
mod rooms;
mod settings;
mod setup;
mod sso;
mod theme;
mod time;
mod trouble;
mod visitor;
mod words;

use axum::Router;

pub use self::rooms::{Roles, Room};
use self::{
    frame::{Frame, Section},
    posted::Posted,
    rooms::Rooms,
    visitor::Visitor,
};
use crate::App;

/// The address of a page about a connection.
macro_rules! at {
    ($below:literal) => {
        concat!("/console/integrations/{connection}", $below)
    };
}

/// Who may come in where.
fn rooms() -> Rooms {
    Rooms::default()
        .get("/console", Roles::EVERYONE, settings::start)
        .get("/console/me", Roles::PEOPLE, me::show)
        .post("/console/theme", Roles::EVERYONE, theme::choose)
        .get("/console/settings", Roles::ADMINS, settings::show)
        .post("/console/settings", Roles::ADMINS, settings::save)
        .get("/console/integrations", Roles::ADMINS, integrations::list)
        .get("/console/integrations/new", Roles::SUPERADMINS_AND_LINK, integrations::choose)
        .post("/console/integrations/new", Roles::SUPERADMINS_AND_LINK, integrations::add)
        .get(at!(""), Roles::ADMINS_AND_LINK, integrations::health)
        .get(at!("/setup"), Roles::ADMINS_AND_LINK, integrations::guided)
        .post(at!("/setup/enable"), Roles::SUPERADMINS_AND_LINK, integrations::enable_provisioning)
        .post(
            at!("/setup/administrators"),
            Roles::SUPERADMINS_AND_LINK,
            integrations::administrators,
        )
        .post(at!("/setup/live"), Roles::SUPERADMINS_AND_LINK, integrations::go_live)
        .post(at!("/setup/hand-over"), Roles::SUPERADMINS, integrations::hand_over)
        .get(at!("/credentials"), Roles::ADMINS_AND_LINK, integrations::credentials)
        .post(at!("/credentials"), Roles::SUPERADMINS_AND_LINK, integrations::issue)
        .get(at!("/revoke"), Roles::SUPERADMINS_AND_LINK, integrations::revoking)
        .post(at!("/revoke"), Roles::SUPERADMINS_AND_LINK, integrations::revoke)
        .post(at!("/enable"), Roles::SUPERADMINS_AND_LINK, integrations::enable)
        .get(at!("/disable"), Roles::SUPERADMINS_AND_LINK, integrations::disabling)
        .post(at!("/disable"), Roles::SUPERADMINS_AND_LINK, integrations::disable)
        .post(at!("/rename"), Roles::SUPERADMINS_AND_LINK, integrations::rename)
        .post(at!("/ipsie"), Roles::SUPERADMINS, integrations::set_ipsie)
        .get(at!("/log"), Roles::ADMINS_AND_LINK, log::list)
        .get(at!("/log/{request}"), Roles::ADMINS_AND_LINK, log::detail)
        .get(at!("/guard"), Roles::ADMINS, integrations::guard::show)
        .post(at!("/guard/through"), Roles::ADMINS, integrations::guard::let_through)
        .get(at!("/guard/release"), Roles::ADMINS, integrations::guard::releasing)
        .post(at!("/guard/release"), Roles::ADMINS, integrations::guard::release)
        .get(at!("/guard/refuse"), Roles::ADMINS, integrations::guard::refusing)
        .post(at!("/guard/refuse"), Roles::ADMINS, integrations::guard::refuse)
        .post(at!("/guard/limits"), Roles::SUPERADMINS, integrations::guard::limit)
        .get(at!("/people"), Roles::ADMINS_AND_LINK, people::pushed)
        .get(at!("/sso"), Roles::ADMINS_AND_LINK, sso::show)
        .post(at!("/sso/metadata"), Roles::SUPERADMINS_AND_LINK, sso::metadata)
        .post(at!("/sso/state"), Roles::SUPERADMINS_AND_LINK, sso::set_state)
        .post(at!("/sso/metadata-url"), Roles::SUPERADMINS_AND_LINK, sso::metadata_url)
        .post(at!("/sso/sign-requests"), Roles::SUPERADMINS_AND_LINK, sso::sign_requests)
        .post(at!("/sso/certificate/remove"), Roles::SUPERADMINS_AND_LINK, sso::remove_certificate)
        .post(at!("/sso/certificate/trust"), Roles::SUPERADMINS_AND_LINK, sso::trust_certificate)
        .get("/console/users", Roles::ADMINS, people::list)
        .get("/console/users.csv", Roles::ADMINS, people::download)
        .get("/console/users/new", Roles::ADMINS, people::new)
        .post("/console/users/new", Roles::ADMINS, people::add)
        .get("/console/users/{user}", Roles::ADMINS, people::person)
        .post("/console/users/{user}/role", Roles::ADMINS, people::give_role)
        .post("/console/users/{user}/role/take", Roles::ADMINS, people::take_role)
        .post("/console/users/{user}/session/end", Roles::ADMINS, people::end_session)
        .post("/console/users/{user}/session/end-all", Roles::ADMINS, people::end_all)
        .get("/console/users/{user}/archive", Roles::ADMINS, people::archiving)
        .post("/console/users/{user}/archive", Roles::ADMINS, people::archive)
        .post("/console/users/{user}/reactivate", Roles::ADMINS, people::reactivate)
        .get("/console/groups", Roles::ADMINS, groups::groups)
        .get("/console/groups/{group}", Roles::ADMINS, groups::show)
        .get("/console/teams", Roles::ADMINS, groups::teams)
        .post("/console/teams", Roles::ADMINS, groups::make)
        .get("/console/teams/{group}", Roles::ADMINS, groups::show)
        .post("/console/teams/{group}/rename", Roles::ADMINS, groups::rename)
        .post("/console/teams/{group}/members", Roles::ADMINS, groups::add_people)
        .post("/console/teams/{group}/members/remove", Roles::ADMINS, groups::remove)
        .get("/console/teams/{group}/delete", Roles::ADMINS, groups::deleting)
        .post("/console/teams/{group}/delete", Roles::ADMINS, groups::delete)
        .get("/console/teams/{group}/link", Roles::ADMINS, groups::linking)
        .post("/console/teams/{group}/link", Roles::ADMINS, groups::link)
        .post("/console/teams/{group}/unlink", Roles::ADMINS, groups::unlink)
        .get("/console/roles", Roles::ADMINS, roles::list)
        .post("/console/roles", Roles::ADMINS, roles::make)
        .get("/console/roles/preview", Roles::ADMINS, roles::preview)
        .post("/console/roles/preview", Roles::ADMINS, roles::save)
        .get("/console/roles/{role}", Roles::ADMINS, roles::show)
        .post("/console/roles/{role}/delete", Roles::ADMINS, roles::delete)
        .get("/console/domains", Roles::ADMINS, domains::list)
        .post("/console/domains", Roles::SUPERADMINS, domains::add)
        .post("/console/domains/{domain}/verify", Roles::SUPERADMINS, domains::verify)
        .get("/console/domains/{domain}/remove", Roles::SUPERADMINS, domains::removing)
        .post("/console/domains/{domain}/remove", Roles::SUPERADMINS, domains::remove)
        .get("/console/audit", Roles::ADMINS, audit::list)
        .get("/console/plan", Roles::ADMINS, plan::show)
        .get("/console/export", Roles::ADMINS, plan::export)
        .get("/console/guides", Roles::ADMINS_AND_LINK, guides::list)
        .get("/console/guides/{name}", Roles::ADMINS_AND_LINK, guides::show)
        .get("/setup", Roles::LINK, setup::show)
}

/// The addresses of the console with whoever may come in, for the matrix that is reviewed.
#[must_use]
pub fn addresses() -> Vec<Room> {
    rooms().into_list()
}

pub(crate) fn routes(app: &App) -> Router<App> {
    rooms().into_router(app).merge(setup::link_routes())
}
