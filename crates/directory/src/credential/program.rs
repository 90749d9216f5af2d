//! [`Caller`]: the program that calls the management API, and the proof of it: an API key, or an access token
//! that a client of OAuth was given for itself.
//!
//! Each request looks up what is shown, so that what was revoked, and whose client was deleted, by any process, is
//! refused from the next request on.

use std::fmt;

use ::oauth::{ClientId, PresentedSecret, SecretFault};

use super::api_key;
use crate::{
    access::{Access, Principal, Reach},
    audit::INSTALLATION,
    error::{Error, Rule},
    id::{KeyNo, OrgNo, RequestId},
    installation::{Found, Installation},
    oauth::bearer::{self, Machine, Unfit},
    organization,
    store::Store,
};

/// The program at the other end of a request.
#[derive(Clone)]
pub struct Caller {
    store: Store,
    principal: Principal,
    /// Its organization; `None`: it is the installation's.
    home: Option<OrgNo>,
    request: Option<RequestId>,
    proof: Proof,
}

/// What it showed.
#[derive(Clone)]
enum Proof {
    Key(KeyNo),
    Token { presented: PresentedSecret, client: ClientId },
}

/// A program among all there are. Whoever shows several tokens of one client is one program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Which(Known);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Known {
    /// By the number of its key, among those of an organization or of the installation.
    Key(Option<OrgNo>, KeyNo),
    Client(ClientId),
}

/// Why what is shown is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is an API key, or nothing of ours.
    Key(api_key::Refusal),
    /// It is a secret of OAuth.
    Token(Unfit),
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("principal", &self.principal).finish_non_exhaustive()
    }
}

impl Caller {
    /// Who acts.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Which program it is.
    #[must_use]
    pub fn which(&self) -> Which {
        Which(match &self.proof {
            Proof::Key(no) => Known::Key(self.home, *no),
            Proof::Token { client, .. } => Known::Client(client.clone()),
        })
    }

    /// The installation, for a program of the installation.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`] to one of an organization.
    pub fn installation(&self) -> Result<Installation, Error> {
        if self.home.is_some() {
            let detail = match &self.proof {
                Proof::Key(_) => {
                    "This API key is of one organization. What belongs to the installation needs a key of \
                     the installation."
                }
                Proof::Token { .. } => {
                    "This client is of one organization. What belongs to the installation needs a client \
                     of the installation."
                }
            };
            return Err(Error::denied(Rule::NotPermitted, detail));
        }
        Ok(Installation::of_program(&self.store, self.principal.clone(), self.request))
    }

    /// The organization with this id or slug. One that the program does not reach is missing, like one
    /// that does not exist.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn organization(&self, name: &str) -> Result<Found, Error> {
        let found = organization::reach(&self.store, &self.principal, name).await?;
        Ok((self.requested(found.0), found.1))
    }

    /// The organization that the program belongs to; `None`: it is the installation's.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where it was deleted meanwhile.
    pub async fn home(&self) -> Result<Option<Found>, Error> {
        let Some(org) = self.home else { return Ok(None) };
        let access = self.requested(self.principal.clone().on(org)?);
        let organization = self.store.read(&access, organization::get).await?;
        Ok(Some((access, organization)))
    }

    /// Whether what it showed still works: for whoever has waited for something since.
    ///
    /// # Errors
    ///
    /// Those of the store; a refusal is the inner error.
    pub async fn check(&self) -> Result<Result<(), Refusal>, Error> {
        Ok(match &self.proof {
            Proof::Key(no) => {
                let home = self.home.unwrap_or(INSTALLATION);
                api_key::check(&self.store, home, *no).await?.map_err(Refusal::Key)
            }
            Proof::Token { presented, .. } => {
                let machine = bearer::machine(&self.store, presented).await?;
                machine.map(drop).map_err(Refusal::Token)
            }
        })
    }

    fn requested(&self, access: Access) -> Access {
        match self.request {
            Some(request) => access.for_request(request),
            None => access,
        }
    }
}

/// Finds out which program shows an API key or an access token.
///
/// # Errors
///
/// Those of the store; a refusal is the inner error.
pub async fn authenticate(
    store: &Store,
    shown: &str,
    request: Option<RequestId>,
) -> Result<Result<Caller, Refusal>, Error> {
    let presented = match PresentedSecret::parse(shown) {
        Ok(presented) => presented,
        Err(SecretFault::Mistyped) => return Ok(Err(Refusal::Token(Unfit::Mistyped))),
        Err(SecretFault::Malformed) => {
            let found = api_key::find(store, shown).await?;
            return Ok(found.map_err(Refusal::Key).map(|(org, key)| {
                let home = (org != INSTALLATION).then_some(org);
                let reach = Reach { home, scope: key.scope };
                let principal = Principal::api_key(key.no, reach);
                Caller { store: store.clone(), principal, home, request, proof: Proof::Key(key.no) }
            }));
        }
    };
    let machine = bearer::machine(store, &presented).await?;
    Ok(machine.map_err(Refusal::Token).map(|Machine { client, reach }| Caller {
        store: store.clone(),
        principal: Principal::machine(&client, reach),
        home: reach.home,
        request,
        proof: Proof::Token { presented, client },
    }))
}
