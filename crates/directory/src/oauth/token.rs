//! Codes, access tokens and refresh tokens, as they are kept: a hash, and the grant that they belong to.

use std::time::Duration;

use ::oauth::{PresentedSecret, Scopes, Secret, SecretHash, SecretKind};
use serde::{Deserialize, Serialize};

use super::{grant::Grant, named};
use crate::{
    clock::Time,
    db::{Param, Row, Sql, statements},
    error::Error,
    id::{GrantId, OrgNo},
    keyword::keyword,
    random::Random,
    store::{Reader, Writer},
};

statements! {
    INSERT = Sql {
        "insert into oauth_token (org, hash, grant_id, purpose, created, expires, doc) \
         values ($1, $2, $3, $4, $5, $6, $7)"
    };
    GET = Sql {
        "select grant_id, purpose, created, expires, used, doc from oauth_token \
         where org = $1 and hash = $2"
    };
    USE = Sql {
        "update oauth_token set used = $3, expires = $4 \
         where org = $1 and hash = $2 and used is null"
    };
    DELETE = Sql { "delete from oauth_token where org = $1 and hash = $2" };
    PRUNE = Sql {
        "delete from oauth_token where org = $1 and expires < $2 and expires <= \
         (select max(expires) from (select expires from oauth_token where org = $1 \
         order by expires limit 5000) as piece)"
    };
}

/// So long what was used up is kept, so that its use by a thief is noticed.
const KEPT: Duration = Duration::from_hours(30 * 24);

keyword! {
    /// What a token is for.
    Purpose {
        /// To be exchanged for tokens, once.
        Code = "code",
        /// To be shown.
        Access = "access",
        /// To be exchanged for new tokens.
        Refresh = "refresh",
    }
}

impl Purpose {
    fn kind(self) -> SecretKind {
        match self {
            Self::Code => SecretKind::Code,
            Self::Access => SecretKind::AccessToken,
            Self::Refresh => SecretKind::RefreshToken,
        }
    }
}

/// What is kept of a token.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    hash: SecretHash,
    pub(crate) grant: GrantId,
    pub(crate) purpose: Purpose,
    pub(super) created: Time,
    pub(crate) expires: Time,
    pub(super) used: Option<Time>,
    pub(super) terms: Terms,
}

/// What a token is bound to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Terms {
    pub(super) scopes: String,
    /// Of a code: the `redirect_uri` that the request named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) redirect_uri: Option<String>,
    /// Of a code: what its verifier is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) challenge: Option<String>,
    /// Of a code: to come back in the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) nonce: Option<String>,
}

impl Terms {
    pub(super) fn of(scopes: &Scopes) -> Self {
        Self { scopes: scopes.to_string(), ..Self::default() }
    }
}

impl Token {
    /// A new one of a grant, in an organization, and the secret to hand out.
    pub(super) fn new(
        (org, random): (OrgNo, &Random),
        purpose: Purpose,
        grant: &Grant,
        terms: Terms,
        (created, expires): (Time, Time),
    ) -> (Secret, Self) {
        let secret = Secret::new(purpose.kind(), named(org), random.bytes());
        let token = Self {
            hash: secret.hash(),
            grant: grant.id,
            purpose,
            created,
            // Nothing outlives its grant.
            expires: if purpose == Purpose::Code { expires } else { expires.min(grant.expires) },
            used: None,
            terms,
        };
        (secret, token)
    }

    /// Runs the statement that keeps it.
    pub(super) fn keep<T>(
        &self,
        run: impl FnOnce(Sql, &[Param<'_>]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let doc =
            serde_json::to_string(&self.terms).map_err(|error| Error::Store(Box::new(error)))?;
        run(
            INSERT,
            &[
                self.hash.as_bytes().as_slice().into(),
                (&self.grant.to_string()).into(),
                self.purpose.as_str().into(),
                self.created.into(),
                self.expires.into(),
                (&doc).into(),
            ],
        )
    }

    /// What it is good for.
    pub(crate) fn scopes(&self) -> Result<Scopes, Error> {
        Scopes::parse(&self.terms.scopes)
            .map_err(|fault| Error::damaged("oauth_token", self.grant, fault.to_string()))
    }

    /// It was exchanged, or replaced. It is kept for a while, to be known where it is shown again.
    pub(super) fn use_up(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        let now = writer.now();
        let kept = self.expires.min(now.plus(KEPT)).max(now.plus(Duration::from_hours(24)));
        let hash = self.hash.as_bytes().as_slice();
        writer.send(USE, &[hash.into(), now.into(), kept.into()])
    }

    pub(super) fn delete(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.send(DELETE, &[self.hash.as_bytes().as_slice().into()])
    }
}

/// What is kept of a token that someone shows; `None`: there is no such token.
pub(crate) fn find(reader: &mut Reader<'_>, hash: &[u8; 32]) -> Result<Option<Token>, Error> {
    let Some(mut row) = reader.query_one(GET, &[hash.as_slice().into()])? else { return Ok(None) };
    read(&mut row, *hash).map(Some)
}

fn read(row: &mut Row, hash: [u8; 32]) -> Result<Token, Error> {
    let doc: String = row.get("doc")?;
    let terms =
        serde_json::from_str(&doc).map_err(|error| row.damaged("doc", error.to_string()))?;
    Ok(Token {
        hash: SecretHash::from_bytes(hash),
        grant: row.get("grant_id")?,
        purpose: row.get("purpose")?,
        created: row.get("created")?,
        expires: row.get("expires")?,
        used: row.get("used")?,
        terms,
    })
}

/// The same for a secret that was taken apart.
pub(super) fn shown(
    reader: &mut Reader<'_>,
    presented: &PresentedSecret,
) -> Result<Option<Token>, Error> {
    find(reader, presented.hash.as_bytes())
}
