//! Who shows a token, and what is told of it. Everything is looked up anew each time.

use ::oauth::{ClientId, PresentedSecret, Scopes};

use super::{
    Client, Grant,
    grant::{self, Holder},
    of_secret,
    token::{self, Purpose, Token},
};
use crate::{
    access::{Access, Principal, Reach, Scope},
    audit::INSTALLATION,
    clock::Time,
    error::Error,
    session::{self, Policy, SignedIn},
    store::{Appender, Reader, Store, Writer},
};

/// A person, and what an application may know.
#[derive(Debug)]
pub struct Person {
    /// The person, at this moment.
    pub signed_in: Box<SignedIn>,
    /// Whether its address of e-mail is in a domain that the organization has proven.
    pub email_verified: bool,
    /// What the application may know.
    pub scopes: Scopes,
}

/// The person for whom an access token acts. `None`: it is none that works, or it acts for no person.
///
/// # Errors
///
/// Those of the store.
pub async fn person(
    store: &Store,
    presented: &PresentedSecret,
    policy: Policy,
) -> Result<Option<Person>, Error> {
    let Some(found) = look(store, presented, policy).await? else { return Ok(None) };
    match found.holder {
        Holder::Person { signed_in, email_verified } if found.token.purpose == Purpose::Access => {
            session::touch(store, &signed_in.session, signed_in.access.org());
            let scopes = found.token.scopes()?;
            Ok(Some(Person { signed_in, email_verified, scopes }))
        }
        _ => Ok(None),
    }
}

/// A client that acts for itself at the management API, proven by an access token.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) client: ClientId,
    pub(crate) reach: Reach,
}

/// Why a secret of OAuth is not accepted at the management API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It looks like one with a typing error, or with a part missing.
    Mistyped,
    /// There is no such token, or not any more.
    Unknown,
    /// It expired: the client asks for the next one.
    Expired,
    /// It was revoked, or its client deleted.
    Revoked,
    /// It works, and for something else: a person's token, one for SCIM, a refresh token.
    OtherUse,
}

/// The client that acts for itself by this token.
///
/// # Errors
///
/// Those of the store; a refusal is the inner error.
pub(crate) async fn machine(
    store: &Store,
    presented: &PresentedSecret,
) -> Result<Result<Machine, Unfit>, Error> {
    let Some(org) = of_secret(presented) else { return Ok(Err(Unfit::Unknown)) };
    let (now, presented) = (store.clock().now(), presented.clone());
    let look = move |reader: &mut Reader<'_>| {
        let Some(token) = token::shown(reader, &presented)? else { return Ok(Err(Unfit::Unknown)) };
        let Some(grant) = grant::by_id(reader, token.grant)? else {
            return Ok(Err(Unfit::Unknown));
        };
        let scope = Scope::most_of(&token.scopes()?);
        let is_for_api = token.purpose == Purpose::Access && grant.is_of_machine();
        let Some(scope) = scope.filter(|_| is_for_api) else { return Ok(Err(Unfit::OtherUse)) };
        if now >= token.expires {
            return Ok(Err(Unfit::Expired));
        }
        // What it was granted knows no session.
        match grant.holder(reader, &Policy::default(), now)? {
            Some(Holder::Client) => {
                let home = (org != INSTALLATION).then_some(org);
                Ok(Ok(Machine { client: grant.client, reach: Reach { home, scope } }))
            }
            _ => Ok(Err(Unfit::Revoked)),
        }
    };
    // To look it up is Doorward's own business.
    store.read_unproven(&Access::system(org), look).await
}

/// What is told of a token to the client that it was given to (RFC 7662).
#[derive(Debug)]
pub struct Inspected {
    /// To whom it was given.
    pub client: ClientId,
    /// What it is good for.
    pub scopes: Scopes,
    /// The person's id and userName, where it acts for one.
    pub person: Option<(String, String)>,
    /// When it was made.
    pub created: Time,
    /// When it ends by itself, if it does.
    pub expires: Option<Time>,
    /// Whether it is an access token.
    pub is_access_token: bool,
}

/// What is told of a token; `None`: it is none that works.
///
/// # Errors
///
/// Those of the store.
pub async fn inspect(
    store: &Store,
    presented: &PresentedSecret,
    policy: Policy,
) -> Result<Option<Inspected>, Error> {
    let Some(Found { token, grant, holder }) = look(store, presented, policy).await? else {
        return Ok(None);
    };
    if token.purpose == Purpose::Code || token.used.is_some() {
        return Ok(None);
    }
    let person = match holder {
        Holder::Person { signed_in, .. } => {
            Some((signed_in.user.id.to_string(), signed_in.user.name().to_owned()))
        }
        Holder::Connection | Holder::Client => None,
    };
    Ok(Some(Inspected {
        client: grant.client,
        scopes: token.scopes()?,
        person,
        created: token.created,
        expires: Some(token.expires).filter(|expires| *expires < grant::NEVER),
        is_access_token: token.purpose == Purpose::Access,
    }))
}

/// A token that works.
struct Found {
    token: Token,
    grant: Grant,
    holder: Holder,
}

async fn look(
    store: &Store,
    presented: &PresentedSecret,
    policy: Policy,
) -> Result<Option<Found>, Error> {
    let Some(org) = of_secret(presented) else { return Ok(None) };
    let (now, presented) = (store.clock().now(), presented.clone());
    // To look it up is Doorward's own business.
    let access = Access::system(org);
    let look = move |reader: &mut Reader<'_>| {
        let Some(token) = token::shown(reader, &presented)? else { return Ok(None) };
        if now >= token.expires {
            return Ok(None);
        }
        let Some(grant) = grant::by_id(reader, token.grant)? else { return Ok(None) };
        let holder = grant.holder(reader, &policy, now)?;
        Ok(holder.map(|holder| Found { token, grant, holder }))
    };
    store.read_unproven(&access, look).await
}

/// A client gives a token back (RFC 7009): a refresh token ends the grant, and with it all that came
/// from it; an access token ends alone. What is not there is revoked already. Answers whose it was,
/// where it was another client's: nothing is done then.
///
/// # Errors
///
/// Those of the store.
pub async fn revoke(
    store: &Store,
    client: &Client,
    presented: &PresentedSecret,
) -> Result<Option<ClientId>, Error> {
    let Some(org) = of_secret(presented) else { return Ok(None) };
    let (id, presented) = (client.id().clone(), presented.clone());
    let find = {
        let presented = presented.clone();
        move |reader: &mut Reader<'_>| {
            let Some(token) = token::shown(reader, &presented)? else { return Ok(None) };
            grant::by_id(reader, token.grant)
        }
    };
    let access = Principal::client(org, &id).on(org)?;
    match store.read_unproven(&access, find).await? {
        None => return Ok(None),
        Some(grant) if grant.client != id => return Ok(Some(grant.client)),
        Some(_) => {}
    }
    if org == INSTALLATION {
        let hash = *presented.hash.as_bytes();
        let delete = move |appender: &mut Appender<'_>| {
            appender.execute(token::DELETE, &[hash.as_slice().into()])
        };
        return store.append(org, delete).await.map(|_| None);
    }
    let revoke = move |writer: &mut Writer<'_>| {
        let Some(token) = token::shown(writer, &presented)? else { return Ok(()) };
        let Some(grant) = grant::by_id(writer, token.grant)? else { return Ok(()) };
        // The proof that SCIM keeps of a token ends with an entry of the audit.
        if token.purpose == Purpose::Refresh || grant.is_of_provisioning() {
            return grant::end(writer, &grant, "revoked");
        }
        token.delete(writer)
    };
    match store.write(&access, revoke).await {
        Err(Error::NotFound { .. }) => Ok(None),
        revoked => revoked.map(|()| None),
    }
}
