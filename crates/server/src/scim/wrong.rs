//! What is wrong with a call, noted for whoever sets its connection up.
//!
//! It is noted where the address names the connection, or where the credential that was shown proves it.
//! Only who has proven something puts words there.

use std::net::{IpAddr, Ipv4Addr};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri, request::Parts},
    response::Response,
};
use directory::{
    ConnectionId,
    token::{self, Caller, Presented, Refusal, Refused},
    trouble::{Callee, Kind},
};

use super::{auth, base::Base};
use crate::{
    App,
    error::{self, HttpError},
    http::PeerAddress,
    log,
    trouble::Wrong,
};

/// With this every token begins.
const TOKEN: &str = "scim_";

/// Endpoints that stand where an id is expected, where the base URL has one too many.
const ENDPOINTS: [&str; 5] =
    ["Users", "Groups", "ServiceProviderConfig", "Schemas", "ResourceTypes"];

/// A call, as far as it matters here.
pub(super) struct Call<'c> {
    app: &'c App,
    from: IpAddr,
    uri: &'c Uri,
}

impl<'c> Call<'c> {
    pub(super) fn new(
        app: &'c App,
        peer: Option<PeerAddress>,
        headers: &HeaderMap,
        uri: &'c Uri,
    ) -> Self {
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |PeerAddress(peer)| peer);
        Self { app, from: app.proxies().client(peer, headers), uri }
    }

    /// The caller was not let in.
    pub(super) fn refused(&self, kind: Kind, refused: Option<&Refused>) {
        let kind = if token_in(self.uri).is_some() { Kind::TokenInUrl } else { kind };
        let named = Base::of(self.uri.path()).and_then(|(base, _)| base.connection);
        let named = named.and_then(ConnectionId::parse).map(Callee::Named);
        let owner = refused.and_then(|refused| refused.owner).map(Callee::Proven);
        let ending = refused.and_then(|refused| refused.ending.clone());
        if kind == Kind::OtherConnection {
            // The one that the address names learns that a token is another's; its own, where it went.
            self.note(named, kind, None, None);
            self.note(owner, Kind::WrongPath, None, Some(self.path()));
        } else {
            self.note(owner.or(named), kind, ending, None);
        }
    }

    /// The caller was let in, and answered.
    pub(super) fn served(&self, caller: &Caller, odd: Option<Kind>, response: &Response) {
        let kind = if token_in(self.uri).is_some() {
            Some(Kind::TokenInUrl)
        } else if self.leads_nowhere(response) {
            Some(Kind::WrongPath)
        } else {
            odd
        };
        if let Some(kind) = kind {
            let path = (kind == Kind::WrongPath).then(|| self.path());
            self.note(Some(Callee::Proven(caller.owner())), kind, None, path);
        }
    }

    fn leads_nowhere(&self, response: &Response) -> bool {
        let Some(error) = response.extensions().get::<HttpError>() else { return false };
        let below = Base::of(self.uri.path()).map_or("", |(_, below)| below);
        let id = below.split('/').nth(2).unwrap_or_default();
        error.code == "no_such_endpoint" || (error.code == "not_found" && ENDPOINTS.contains(&id))
    }

    fn path(&self) -> String {
        log::shown(self.uri.path()).into_owned()
    }

    fn note(
        &self,
        callee: Option<Callee>,
        kind: Kind,
        ending: Option<String>,
        path: Option<String>,
    ) {
        let Some(callee) = callee else { return };
        let at = self.app.store().clock().now();
        self.app.troubles().note(self.from, at, Wrong { callee, kind, ending, path });
    }
}

/// A token that stands in an address.
fn token_in(uri: &Uri) -> Option<&str> {
    let whole = uri.path_and_query()?.as_str();
    let found = &whole[whole.find(TOKEN)?..];
    let end = found.find(|letter: char| letter != '_' && !letter.is_ascii_alphanumeric());
    Some(&found[..end.unwrap_or(found.len())])
}

/// What is wrong where a credential was looked up and refused.
pub(super) fn kind_of(refusal: &Refusal) -> Kind {
    match refusal {
        Refusal::Malformed => Kind::NotAToken,
        Refusal::Mistyped => Kind::Incomplete,
        Refusal::Unknown => Kind::Unknown,
        Refusal::Revoked => Kind::Revoked,
        Refusal::Expired => Kind::Expired,
        Refusal::WrongAddress => Kind::OtherConnection,
        Refusal::Static => Kind::Static,
        Refusal::Disabled => Kind::Disabled,
        Refusal::NotEntitled(_) => Kind::NotEntitled,
    }
}

/// The answer at an address outside of every surface. A provider may have been sent there by a base URL
/// that was not copied whole.
pub(crate) async fn elsewhere(State(app): State<App>, request: Request) -> HttpError {
    let (parts, _) = request.into_parts();
    note_elsewhere(&app, &parts);
    error::no_such_page().await
}

fn note_elsewhere(app: &App, parts: &Parts) {
    let peer = parts.extensions.get::<PeerAddress>().copied();
    let call = Call::new(app, peer, &parts.headers, &parts.uri);
    let in_url = token_in(&parts.uri);
    let kind = if in_url.is_some() { Kind::TokenInUrl } else { Kind::WrongPath };
    let id = parts.uri.path().strip_prefix("/c/").and_then(|rest| rest.split('/').next());
    let named = id.and_then(ConnectionId::parse).map(Callee::Named);
    let shown = auth::shown(&parts.headers).or(in_url.map(str::to_owned));
    let shown = shown.filter(|text| Presented::parse(text).is_ok());
    let Some(shown) = shown else { return call.note(named, kind, None, None) };
    // To look a token up is not for free, and here is no other limit.
    if app.auth_failures().record(call.from, &shown).is_err() {
        return;
    }
    let (app, uri, from) = (app.clone(), parts.uri.clone(), call.from);
    tokio::spawn(async move {
        let found = token::identify(app.store(), &shown, None, None).await;
        let owner = match found {
            Ok(Ok(caller)) => Some(caller.owner()),
            Ok(Err(refused)) => refused.owner,
            Err(_) => None,
        };
        let call = Call { app: &app, from, uri: &uri };
        let path = owner.filter(|_| kind == Kind::WrongPath).map(|_| call.path());
        call.note(owner.map(Callee::Proven).or(named), kind, None, path);
    });
}

#[cfg(test)]
mod tests {
    use axum::http::Uri;

    use super::token_in;

    #[test]
    fn a_token_in_an_address_is_found() {
        for (uri, token) in [
            ("/scim/v2/Users", None),
            ("/scim/v2/scim_1_2_abc/Users", Some("scim_1_2_abc")),
            ("/scim/v2/Users?token=scim_1_2_abc&count=1", Some("scim_1_2_abc")),
        ] {
            let uri: Uri = uri.parse().expect("a uri");
            assert_eq!(token_in(&uri), token, "{uri}");
        }
    }
}
