//! [`IssuedRefreshToken`]: what is kept of a refresh token, and the rules of its rotation.

use jiff::Timestamp;

use super::TokenRefusal;
use crate::{
    client::{Client, ClientId},
    limit::REFRESH_GRACE,
    scope::Scopes,
};

/// What is kept of a refresh token (RFC 6749 §6). All that come from one code are a family.
#[derive(Clone, Debug)]
pub struct IssuedRefreshToken {
    /// To whom it was given.
    pub client_id: ClientId,
    /// What it is good for.
    pub scopes: Scopes,
    /// When it stops working, if it does by itself.
    pub expires: Option<Timestamp>,
    /// When it was first exchanged for a new one.
    pub replaced: Option<Timestamp>,
    /// Whether the family was revoked.
    pub is_revoked: bool,
}

/// How a refresh token is exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// For the first time: it is marked as replaced now, and a new one of its family is made.
    First,
    /// Once more within the grace time: another new one of its family is made, and the mark stays
    /// where it was. Several workers of a client may ask at a time, and an answer may be lost.
    Repeated,
}

impl IssuedRefreshToken {
    /// Whether the client may have new tokens for it, and with which scopes.
    ///
    /// # Errors
    ///
    /// [`TokenRefusal::RefreshReplayed`] asks for more than a refusal: the family is revoked, since
    /// either the client or a thief has an old token (RFC 9700 §4.14.2).
    pub fn exchange(
        &self,
        client: &Client,
        requested: Option<&Scopes>,
        now: Timestamp,
    ) -> Result<(Rotation, Scopes), TokenRefusal> {
        if self.client_id != client.id {
            return Err(TokenRefusal::OtherClient);
        }
        if self.is_revoked {
            return Err(TokenRefusal::Revoked);
        }
        if self.expires.is_some_and(|expires| now >= expires) {
            return Err(TokenRefusal::Expired);
        }
        let rotation = match self.replaced {
            None => Rotation::First,
            Some(replaced) if now.duration_since(replaced) < REFRESH_GRACE => Rotation::Repeated,
            Some(_) => return Err(TokenRefusal::RefreshReplayed),
        };
        let scopes = match requested.filter(|scopes| !scopes.is_empty()) {
            None => self.scopes.clone(),
            Some(scopes) if scopes.is_within(&self.scopes) => scopes.clone(),
            Some(_) => return Err(TokenRefusal::Scope),
        };
        Ok((rotation, scopes))
    }
}
