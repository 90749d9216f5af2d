//! Signed tokens that count once: a client's assertion, a provider's revocation.

use ::oauth::jose::Replay;

use crate::{
    clock::Time,
    db::statements,
    error::Error,
    id::OrgNo,
    store::{Store, Writer},
};

statements! {
    TAKE = Sql {
        "insert into taken_jwt (org, sender, id, expires) values ($1, $2, $3, $4) \
         on conflict (org, sender, id) do nothing returning id"
    };
    PRUNE = Sql {
        "delete from taken_jwt where org = $1 and expires < $2 and expires <= \
         (select max(expires) from (select expires from taken_jwt where org = $1 \
         order by expires limit 5000) as piece)"
    };
}

/// Takes a token of a sender. Answers whether it was not taken before.
pub(super) async fn take(
    store: &Store,
    org: OrgNo,
    sender: &str,
    replay: &Replay,
) -> Result<bool, Error> {
    let (sender, id) = (sender.to_owned(), replay.id.clone());
    let until: Time = replay.until.into();
    let taken = store.append(org, move |appender| {
        let params = [(&sender).into(), (&id).into(), until.into()];
        Ok(!appender.change(TAKE, &params)?.is_empty())
    });
    taken.await
}

/// The same within a change.
pub(super) fn take_in(
    writer: &mut Writer<'_>,
    sender: &str,
    replay: &Replay,
) -> Result<bool, Error> {
    let until: Time = replay.until.into();
    let params = [sender.into(), (&replay.id).into(), until.into()];
    Ok(!writer.change(TAKE, &params)?.is_empty())
}
