//! [`Rooms`]: the addresses of the console, each with whoever may come in.

use std::collections::BTreeMap;

use axum::{
    Router,
    handler::Handler,
    middleware::from_fn_with_state,
    routing::{MethodRouter, get, post},
};
use http::Method;

use super::gate::{self, Gate};
use crate::{App, error};

/// What a visitor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Whoever started set-up by a link.
    Link,
    /// A person without an administrator's role.
    Member,
    /// An administrator.
    Admin,
    /// One who may do everything in the organization.
    Superadmin,
}

/// A set of roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles(u8);

impl Roles {
    /// The empty set.
    pub(super) const NO_ONE: Self = Self(0);
    /// People and set-up links.
    pub const EVERYONE: Self = Self(0b1111);
    /// Whoever is signed in.
    pub const PEOPLE: Self = Self(0b1110);
    /// Administrators.
    pub const ADMINS: Self = Self(0b1100);
    /// Administrators, and set-up links.
    pub const ADMINS_AND_LINK: Self = Self(0b1101);
    /// Superadmins.
    pub const SUPERADMINS: Self = Self(0b1000);
    /// Superadmins, and set-up links.
    pub const SUPERADMINS_AND_LINK: Self = Self(0b1001);
    /// Set-up links.
    pub const LINK: Self = Self(0b0001);

    /// Those of both sets.
    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a role is one of them.
    #[must_use]
    pub fn contain(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }
}

/// One address with one method, and whoever may come in.
#[derive(Clone, Debug)]
pub struct Room {
    /// The address; `{x}` stands for an id.
    pub path: &'static str,
    /// GET or POST.
    pub method: Method,
    /// Who may come in.
    pub roles: Roles,
}

/// The addresses, with what serves each.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    served: BTreeMap<&'static str, MethodRouter<App>>,
    list: Vec<Room>,
}

impl Rooms {
    /// A page.
    pub(super) fn get<H, T>(self, path: &'static str, roles: Roles, page: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Room { path, method: Method::GET, roles }, get(page))
    }

    /// What a form is sent to.
    pub(super) fn post<H, T>(self, path: &'static str, roles: Roles, act: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Room { path, method: Method::POST, roles }, post(act))
    }

    fn add(mut self, room: Room, serve: MethodRouter<App>) -> Self {
        let served = self.served.remove(room.path).unwrap_or_default();
        self.served.insert(room.path, served.merge(serve));
        self.list.push(room);
        self
    }

    pub(super) fn into_list(self) -> Vec<Room> {
        self.list
    }

    /// The routes, each behind its gate. At an address with another method the gate stands, too.
    pub(super) fn into_router(self, app: &App) -> Router<App> {
        let Self { served, list } = self;
        let mut router = Router::new();
        for (path, serve) in served {
            let of_path = list.iter().filter(|room| room.path == path);
            let gate = Gate::new(app, of_path.map(|room| (room.method.clone(), room.roles)));
            let serve = serve.fallback(error::method_not_possible);
            router = router.route(path, serve.layer(from_fn_with_state(gate, gate::admit)));
        }
        let elsewhere = Gate::new(app, [(Method::GET, Roles::EVERYONE)]);
        let nothing = get(error::no_such_page).fallback(error::method_not_possible);
        router.route("/console/{*rest}", nothing.layer(from_fn_with_state(elsewhere, gate::admit)))
    }
}
