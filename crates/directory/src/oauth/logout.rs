//! Applications that are to be told that someone is signed out (OpenID Connect Back-Channel Logout).
//!
//! A grant that was ended is due at once where its client has an address for this. Whoever delivers
//! [claims](due) it for a while, tells the client, and says that [it did](told). What fails comes again, at
//! growing intervals, for a day.

use std::time::Duration;

use ::oauth::ClientId;

use crate::{
    clock::Time,
    db::{Row, statements},
    error::Error,
    id::{GrantId, OrgNo},
    store::Store,
};

statements! {
    CLAIM = Sql {
        "update oauth_grant set logout_due = $4 where org = $1 and id = $2 and logout_due = $3 \
         returning id"
    };
    DONE = Sql { "update oauth_grant set logout_due = null where org = $1 and id = $2" };
}

/// A statement over all organizations: it belongs to upkeep, and to no request.
pub(crate) mod everywhere {
    use crate::db::statements;

    statements! {
        DUE = Sql {
            "select org, id, client, logout_uri, logout_due, ended, doc from oauth_grant \
             where logout_due <= $1 order by logout_due limit 100"
        };
    }
}

/// So long a client is tried again.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(24);
/// The least time between two attempts.
const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// Someone is signed out, and an application does not know yet.
#[derive(Clone, Debug)]
pub struct Due {
    org: OrgNo,
    grant: GrantId,
    /// The application.
    pub client: ClientId,
    /// Where it is told.
    pub address: String,
    /// The user's id.
    pub subject: String,
    /// The session as the application knows it.
    pub session_id: Option<String>,
    /// When it is, or was claimed last.
    at: Time,
    ended: Time,
}

impl Due {
    fn from_row(mut row: Row) -> Result<Self, Error> {
        let client: String = row.get("client")?;
        let client = ClientId::parse(&client);
        let client = client.ok_or_else(|| row.damaged("client", "it is no identifier"))?;
        let doc: String = row.get("doc")?;
        let terms: super::grant::Terms =
            serde_json::from_str(&doc).map_err(|error| row.damaged("doc", error.to_string()))?;
        Ok(Self {
            org: row.get("org")?,
            grant: row.get("id")?,
            client,
            address: row.get("logout_uri")?,
            subject: terms.subject.unwrap_or_default(),
            session_id: terms.sid,
            at: row.get("logout_due")?,
            ended: row.get("ended")?,
        })
    }

    /// The same for each attempt: the `jti` of the token.
    #[must_use]
    pub fn id(&self) -> [u8; 16] {
        self.grant.to_bytes()
    }

    /// When it comes again if this attempt fails. Each attempt waits as long as all before it.
    fn next(&self, now: Time) -> Time {
        let micros = now.as_micros().saturating_sub(self.ended.as_micros());
        let age = Duration::from_micros(u64::try_from(micros).unwrap_or_default());
        now.plus(age.max(AGAIN_AFTER))
    }
}

/// What is due now, claimed for whoever asks: no one else gets it for a while.
///
/// # Errors
///
/// Those of the store.
pub async fn due(store: &Store) -> Result<Vec<Due>, Error> {
    let now = store.clock().now();
    let found =
        store.read_catalog(move |catalog| catalog.query(everywhere::DUE, &[now.into()])).await?;
    let mut claimed = Vec::new();
    for row in found {
        let due = Due::from_row(row)?;
        if due.ended.plus(GIVEN_UP_AFTER) <= now {
            tracing::warn!(client = %due.client, "an application was not told of a logout in a day");
            told(store, &due).await?;
            continue;
        }
        let (id, before, next) = (due.grant.to_string(), due.at, due.next(now));
        let claim = store.append(due.org, move |appender| {
            let params = [(&id).into(), before.into(), next.into()];
            Ok(!appender.change(CLAIM, &params)?.is_empty())
        });
        if claim.await? {
            claimed.push(due);
        }
    }
    Ok(claimed)
}

/// The application knows, or is not to be told any more.
///
/// # Errors
///
/// Those of the store.
pub async fn told(store: &Store, due: &Due) -> Result<(), Error> {
    let id = due.grant.to_string();
    let done = move |appender: &mut crate::store::Appender<'_>| {
        appender.execute(DONE, &[(&id).into()]).map(drop)
    };
    store.append(due.org, done).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ::oauth::ClientId;

    use super::Due;
    use crate::{
        clock::Time,
        id::{GrantId, OrgNo},
        random::Random,
    };

    #[test]
    fn attempts_are_ever_further_apart() {
        let began = Time::from_micros(0);
        let due = Due {
            org: OrgNo(1),
            grant: GrantId::random(&Random::from_seed(1)),
            client: ClientId::parse("app").expect("an identifier"),
            address: String::new(),
            subject: String::new(),
            session_id: None,
            at: began,
            ended: began,
        };
        let (mut now, mut attempts) = (began, Vec::new());
        for _ in 0..6 {
            now = due.next(now);
            attempts.push(now.as_micros() / 1_000_000);
        }
        assert_eq!(attempts, [10, 20, 40, 80, 160, 320]);
        assert!(began.plus(Duration::from_secs(10)) == due.next(began));
    }
}
