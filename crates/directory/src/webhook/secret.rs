//! [`Secret`]: what the messages of a webhook are signed with.
//!
//! It has to be read back for each message, so it is kept sealed, and not as a hash. Two sign at a time
//! while a receiver changes over from one to the other.

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use secrecy::{ExposeSecret as _, SecretString};

use super::home::Home;
use crate::{
    clock::Time,
    db::{Row, statements},
    error::{Error, Noun},
    id::{OrgNo, WebhookId},
    random::Random,
    seal::Seal,
    store::Reader,
};

statements! {
    INSERT = Sql {
        "insert into webhook_secret (org, webhook, no, sealed, created) values ($1, $2, $3, $4, $5)"
    };
    OF_WEBHOOK = Sql {
        "select webhook, no, sealed, created from webhook_secret \
         where org = $1 and webhook = $2 order by no"
    };
    ALL_OF_OWNER = Sql {
        "select webhook, no, sealed, created from webhook_secret where org = $1 order by webhook, no"
    };
    RETIRE = Sql {
        "delete from webhook_secret where org = $1 and webhook = $2 and no = $3 returning no"
    };
    FORGET = Sql { "delete from webhook_secret where org = $1 and webhook = $2" };
}

/// What stands before the bytes of a secret (Standard Webhooks, "Symmetric").
const PREFIX: &str = "whsec_";
/// Random bytes in a secret.
const BYTES: usize = 32;
/// So many secrets of a webhook sign at a time.
pub const MOST_LIVE: usize = 2;

/// A secret of a webhook. It cannot be printed by accident.
#[derive(Clone, Debug)]
pub struct Secret(SecretString);

impl Secret {
    fn random(random: &Random) -> Self {
        let bytes: [u8; BYTES] = random.bytes();
        Self(format!("{PREFIX}{}", BASE64.encode(bytes)).into())
    }

    /// The text to hand to the receiver: `whsec_` and the key in base64.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// The HMAC-SHA256 of a text under this secret.
    ///
    /// # Panics
    ///
    /// Never: a secret is made here, and read as it was made.
    #[must_use]
    pub fn sign(&self, content: &[&[u8]]) -> Vec<u8> {
        let text = self.reveal().strip_prefix(PREFIX).unwrap_or_default();
        let key = BASE64.decode(text).expect("it was made here");
        let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key));
        for part in content {
            mac.update(part);
        }
        mac.sign().as_ref().to_vec()
    }
}

/// What is shown of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptSecret {
    /// Its number at the webhook: 1, 2, 3 …
    pub number: i64,
    /// When it was made.
    pub created: Time,
}

/// A row: whose secret it is, what is shown of it, and the secret as it is kept.
pub(super) struct Sealed {
    pub(super) webhook: WebhookId,
    pub(super) kept: KeptSecret,
    text: String,
}

impl Sealed {
    fn from_row(mut row: Row) -> Result<Self, Error> {
        let kept = KeptSecret { number: row.get("no")?, created: row.get("created")? };
        Ok(Self { webhook: row.get("webhook")?, kept, text: row.get("sealed")? })
    }

    /// The secret itself.
    ///
    /// # Errors
    ///
    /// [`Error::Damaged`] where it was not sealed by this installation for this webhook.
    pub(super) fn open(&self, seal: &Seal, org: OrgNo) -> Result<Secret, Error> {
        let bound = bound(org, self.webhook, self.kept.number);
        let text = seal.open(bound.as_bytes(), &self.text);
        let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
        let damaged = || Error::damaged("webhook_secret", &bound, "it cannot be opened");
        text.map(|text| Secret(text.into())).ok_or_else(damaged)
    }
}

/// What a sealed secret is good for, and for nothing else.
fn bound(org: OrgNo, webhook: WebhookId, number: i64) -> String {
    format!("{org}/{webhook}/{number}")
}

fn read(rows: Vec<Row>) -> Result<Vec<Sealed>, Error> {
    rows.into_iter().map(Sealed::from_row).collect()
}

/// Those of one webhook, oldest first.
pub(super) fn of_webhook(reader: &mut Reader<'_>, id: WebhookId) -> Result<Vec<Sealed>, Error> {
    read(reader.query(OF_WEBHOOK, &[(&id.to_string()).into()])?)
}

/// The same where something is changed.
pub(super) fn kept(home: &mut dyn Home, id: WebhookId) -> Result<Vec<KeptSecret>, Error> {
    let sealed = read(home.query(OF_WEBHOOK, &[(&id.to_string()).into()])?)?;
    Ok(sealed.iter().map(|sealed| sealed.kept).collect())
}

/// Those of all webhooks of an owner.
pub(super) fn of_owner(reader: &mut Reader<'_>) -> Result<Vec<Sealed>, Error> {
    read(reader.query(ALL_OF_OWNER, &[])?)
}

/// Makes the secret with this number.
pub(super) fn make(
    home: &mut dyn Home,
    seal: &Seal,
    (id, number): (WebhookId, i64),
) -> Result<(Secret, KeptSecret), Error> {
    let secret = Secret::random(home.random());
    let bound = bound(home.org(), id, number);
    let sealed = seal.seal(home.random(), bound.as_bytes(), secret.reveal().as_bytes());
    let created = home.now();
    let (id, sealed) = (&id.to_string(), &sealed);
    home.send(INSERT, &[id.into(), number.into(), sealed.into(), created.into()])?;
    Ok((secret, KeptSecret { number, created }))
}

/// Takes a secret away.
pub(super) fn retire(home: &mut dyn Home, id: WebhookId, number: i64) -> Result<(), Error> {
    let id = id.to_string();
    if home.change(RETIRE, &[(&id).into(), number.into()])?.is_empty() {
        return Err(Error::no_such(Noun::Secret, number.to_string()));
    }
    Ok(())
}

/// Takes all of a webhook away.
pub(super) fn forget(home: &mut dyn Home, id: WebhookId) -> Result<(), Error> {
    home.send(FORGET, &[(&id.to_string()).into()])
}

#[cfg(test)]
mod tests {
    use super::Secret;
    use crate::random::Random;

    #[test]
    fn a_secret_is_a_prefix_and_a_key_in_base64_and_is_not_printed() {
        let secret = Secret::random(&Random::from_seed(1));
        assert!(secret.reveal().starts_with("whsec_"));
        assert_eq!(secret.reveal().len(), "whsec_".len() + 44);
        assert_eq!(secret.sign(&[b"ab", b"c"]), secret.sign(&[b"abc"]));
        assert!(!format!("{secret:?}").contains(secret.reveal()));
    }
}
