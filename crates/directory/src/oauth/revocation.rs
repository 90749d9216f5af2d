//! An identity provider wants someone out, now: Global Token Revocation, which Okta calls Universal
//! Logout.

use ::oauth::{RevocationCaller, RevokedSubject};

use super::replay;
use crate::{
    access::Verb,
    audit::{self, kinds},
    error::Error,
    session,
    sign_in::{SamlConnection, person},
    store::{Store, Writer},
};

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The request was made before.
    Replayed,
    /// No user of the connection is meant.
    NoUser,
    /// Sessions, tokens and codes are over, as many as there were.
    Done {
        /// How many users were meant: an address of e-mail may be several users'.
        users: usize,
        /// How many sessions they had.
        sessions: u64,
    },
}

/// Ends the sessions of whom a provider names, and all that was granted in them: in one transaction.
/// Only users of this connection are meant. Doing it again changes nothing.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub async fn revoke(
    store: &Store,
    at: &SamlConnection,
    caller: &RevocationCaller,
    subject: &RevokedSubject,
) -> Result<Revoked, Error> {
    let access = at.by_provider()?;
    let (connection, caller, subject) = (at.connection.clone(), caller.clone(), subject.clone());
    let revoke = move |writer: &mut Writer<'_>| {
        writer.permit(Verb::EndSessions)?;
        let sender = connection.id.to_string();
        if !replay::take_in(writer, &sender, &caller.replay)? {
            return Ok(Revoked::Replayed);
        }
        let (format, name) = match &subject {
            RevokedSubject::Email(address) => ("email", address),
            RevokedSubject::IssuerAndSubject { subject, .. } => ("iss_sub", subject),
        };
        let users = person::named(writer, &connection, name)?;
        let mut sessions = 0;
        for user in &users {
            sessions += session::end_all(writer, user)?;
        }
        let payload = kinds::RevokedByProvider {
            format: format.to_owned(),
            subject: name.clone(),
            users: users.len() as u64,
            sessions,
        };
        audit::record(writer, &sender, payload)?;
        Ok(match users.len() {
            0 => Revoked::NoUser,
            users => Revoked::Done { users, sessions },
        })
    };
    store.write(&access, revoke).await
}

/// Notes that a request was not the provider's, and why.
///
/// # Errors
///
/// Those of the store.
pub async fn refused(
    store: &Store,
    at: &SamlConnection,
    reason: &'static str,
    detail: String,
) -> Result<(), Error> {
    let access = at.by_provider()?;
    let id = at.connection.id.to_string();
    store
        .write(&access, move |writer: &mut Writer<'_>| {
            let payload =
                kinds::RevocationRefused { reason: reason.to_owned(), detail: detail.clone() };
            audit::record(writer, &id, payload)
        })
        .await
}
