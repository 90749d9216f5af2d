//! OAuth 2.0 and OpenID Connect: clients, what they were granted, and the tokens for it.
//!
//! The rules are in the crate `oauth`; this module keeps what they are applied to, and applies them in
//! the transaction that changes it. The main items are:
//!
//! * [`Client`]: a program that asks for tokens;
//! * [`Grant`]: what it was granted. Codes and tokens belong to one, so that ending it ends them all;
//! * [`authorize`] and [`consent`] make a code, [`redeem`] gives tokens for it;
//! * [`bearer`]: who shows a token. It is judged by what holds at this moment: a person who is archived
//!   or signed out, and a connection that is switched off, have none that works;
//! * [`key`]: what tokens are signed with;
//! * [`logout`]: applications that are to be told that someone is signed out;
//! * [`revocation`]: an identity provider wants someone out (Okta's Universal Logout).

pub mod bearer;
pub mod client;
pub(crate) mod grant;
pub mod key;
pub mod logout;
pub mod redeem;
pub(crate) mod replay;
pub mod revocation;
pub(crate) mod token;

mod authorization;

pub use self::{
    authorization::{authorize, consent, provisioned},
    client::{Client, NewClient},
    grant::Grant,
    token::Purpose,
};
use crate::{error::Error, id::OrgNo, store::Store};

/// Removes grants, tokens and what was taken once, where they are too old to be used: a piece of them.
/// Answers whether there may be more.
pub(crate) async fn prune(store: &Store, org: OrgNo) -> Result<bool, Error> {
    let now = store.clock().now();
    let pruned = store.append(org, move |appender| {
        let mut rows = 0;
        for statement in [grant::PRUNE, token::PRUNE, replay::PRUNE] {
            rows += appender.execute(statement, &[now.into()])?;
        }
        Ok(rows > 0)
    });
    pruned.await
}

/// The organization as secrets name it; the installation has no number.
fn named(org: OrgNo) -> Option<std::num::NonZeroU64> {
    std::num::NonZeroU64::new(org.0.unsigned_abs())
}

/// The organization that a secret names; without a number, the installation.
fn of_secret(presented: &::oauth::PresentedSecret) -> Option<OrgNo> {
    let number = presented.organization.map_or(0, std::num::NonZeroU64::get);
    i64::try_from(number).ok().map(OrgNo)
}
