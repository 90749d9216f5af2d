//! Certificates of a provider: the keys that its answers are verified by.

use std::time::Duration;

use ::saml::Fingerprint;

use super::changed;
use crate::{
    access::Verb,
    audit::{self, kinds},
    clock::Time,
    connection,
    db::{Row, statements},
    error::{Error, Noun},
    id::{ConnectionId, ConnectionNo, OrgNo},
    keyword::keyword,
    store::{Reader, Store, Writer},
};

statements! {
    ALL = Sql {
        "select sha256, der, not_after, added, trusted, last_used from saml_certificate \
         where org = $1 and connection = $2 order by sha256"
    };
    INSERT = Sql {
        "insert into saml_certificate (org, connection, sha256, der, not_after, added, trusted) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (org, connection, sha256) do nothing"
    };
    TRUST = Sql {
        "update saml_certificate set trusted = 1 \
         where org = $1 and connection = $2 and sha256 = $3 and trusted = 0"
    };
    REMOVE = Sql {
        "delete from saml_certificate where org = $1 and connection = $2 and sha256 = $3"
    };
    FORGET = Sql { "delete from saml_certificate where org = $1 and connection = $2" };
    TOUCH = Sql {
        "update saml_certificate set last_used = $4 where org = $1 and connection = $2 \
         and sha256 = $3 and (last_used is null or last_used <= $5)"
    };
}

/// So many certificates a connection has: two while one is replaced, and some to spare.
pub(crate) const MOST: usize = 10;
/// The largest certificate, in bytes.
pub(crate) const LARGEST: usize = 16 * 1024;
/// `last_used` is written at most this often for one certificate.
const TOUCH_EVERY: Duration = Duration::from_mins(1);

/// A certificate that is to be added, as the crate `saml` has read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCertificate {
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// The certificate.
    pub der: Vec<u8>,
    /// When it expires.
    pub not_after: Time,
}

/// A certificate of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its SHA-256.
    pub sha256: Vec<u8>,
    /// The certificate.
    pub der: Vec<u8>,
    /// When it expires. It still verifies then: it only carries a key.
    pub not_after: Time,
    /// When it was added.
    pub added: Time,
    /// Whether answers are verified by it. Otherwise the provider published it, and no
    /// administrator has said yet that it is right.
    pub trusted: bool,
    /// When an answer was last verified by it, to the minute.
    pub last_used: Option<Time>,
}

keyword! {
    /// What is to be thought of a certificate.
    Standing {
        /// The provider published it, and no administrator has said that it is right.
        Pending = "pending",
        /// Answers are verified by it.
        Trusted = "trusted",
        /// The same, and it expires within a month: its successor is due.
        ExpiresSoon = "expires-soon",
        /// Answers are still verified by it, and a provider should have another by now.
        Expired = "expired",
    }
}

/// A month before its end a certificate is worth a reminder.
const SOON: Duration = Duration::from_hours(30 * 24);

impl Certificate {
    /// What is to be thought of it at a moment.
    #[must_use]
    pub fn standing(&self, now: Time) -> Standing {
        match self.trusted {
            false => Standing::Pending,
            true if self.not_after <= now => Standing::Expired,
            true if self.not_after < now.plus(SOON) => Standing::ExpiresSoon,
            true => Standing::Trusted,
        }
    }

    fn from_row(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            sha256: row.get("sha256")?,
            der: row.get("der")?,
            not_after: row.get("not_after")?,
            added: row.get("added")?,
            trusted: row.get("trusted")?,
            last_used: row.get("last_used")?,
        })
    }
}

/// The certificates of a connection.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn list(reader: &mut Reader<'_>, id: ConnectionId) -> Result<Vec<Certificate>, Error> {
    reader.permit(Verb::ReadConnections)?;
    let found = connection::by_id(reader, id)?;
    let connection = found.ok_or_else(|| Error::no_such(Noun::Connection, id.to_string()))?;
    all(reader, connection.no())
}

pub(crate) fn all(
    reader: &mut Reader<'_>,
    connection: ConnectionNo,
) -> Result<Vec<Certificate>, Error> {
    let rows = reader.query(ALL, &[connection.into()])?;
    rows.into_iter().map(Certificate::from_row).collect()
}

/// Adds a certificate, or trusts one that is there. Answers whether something changed.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`]; [`Error::Invalid`] where it is too large;
/// [`Error::Conflict`] where there are ten.
pub fn add(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    new: &NewCertificate,
    trusted: bool,
) -> Result<bool, Error> {
    let connection = changed(writer, id)?;
    put(writer, (id, connection.no()), new, trusted)
}

/// The same for whoever may do it for another reason.
pub(super) fn put(
    writer: &mut Writer<'_>,
    (id, no): (ConnectionId, ConnectionNo),
    new: &NewCertificate,
    trusted: bool,
) -> Result<bool, Error> {
    if new.der.len() > LARGEST {
        let detail = format!("A certificate has at most {LARGEST} bytes.");
        return Err(Error::invalid("certificate", detail));
    }
    let there = all(writer, no)?;
    let known = there.iter().find(|one| one.sha256 == new.sha256);
    match known {
        Some(one) if one.trusted || !trusted => return Ok(false),
        Some(_) => {
            writer.execute(TRUST, &[no.into(), new.sha256.as_slice().into()])?;
        }
        None if there.len() >= MOST => {
            let detail =
                format!("The connection has {MOST} certificates. Remove an old one first.");
            return Err(Error::conflict("certificate", detail));
        }
        None => {
            let now = writer.now();
            writer.execute(
                INSERT,
                &[
                    no.into(),
                    new.sha256.as_slice().into(),
                    new.der.as_slice().into(),
                    new.not_after.into(),
                    now.into(),
                    trusted.into(),
                ],
            )?;
        }
    }
    let sha256 = hexadecimal(&new.sha256);
    audit::record(writer, &id.to_string(), kinds::SamlCertificateAdded { sha256, trusted })?;
    Ok(true)
}

/// Trusts a certificate that the provider's metadata has brought: answers are verified by it from now on.
/// One that is trusted already stays so.
///
/// # Errors
///
/// [`Error::NotFound`], also where `sha256` is no SHA-256 in hexadecimal; [`Error::Denied`].
pub fn trust(writer: &mut Writer<'_>, id: ConnectionId, sha256: &str) -> Result<(), Error> {
    let no = changed(writer, id)?.no();
    let fingerprint = named(sha256)?;
    let sha256 = fingerprint.as_bytes().as_slice();
    if writer.execute(TRUST, &[no.into(), sha256.into()])? > 0 {
        let sha256 = hexadecimal(sha256);
        let payload = kinds::SamlCertificateAdded { sha256, trusted: true };
        return audit::record(writer, &id.to_string(), payload);
    }
    let is_known = all(writer, no)?.iter().any(|one| one.sha256 == sha256);
    if is_known { Ok(()) } else { Err(Error::no_such(Noun::Certificate, hexadecimal(sha256))) }
}

/// Removes a certificate: what it signs is refused from now on.
///
/// # Errors
///
/// [`Error::NotFound`], also where `sha256` is no SHA-256 in hexadecimal; [`Error::Denied`].
pub fn remove(writer: &mut Writer<'_>, id: ConnectionId, sha256: &str) -> Result<(), Error> {
    let no = changed(writer, id)?.no();
    drop_one(writer, (id, no), named(sha256)?.as_bytes())
}

/// The certificate that someone means who may change it: what names none is told only then.
fn named(sha256: &str) -> Result<Fingerprint, Error> {
    Fingerprint::parse(sha256).ok_or_else(|| Error::no_such(Noun::Certificate, sha256))
}

/// The same for whoever may do it for another reason.
pub(super) fn drop_one(
    writer: &mut Writer<'_>,
    (id, no): (ConnectionId, ConnectionNo),
    sha256: &[u8],
) -> Result<(), Error> {
    if writer.execute(REMOVE, &[no.into(), sha256.into()])? == 0 {
        return Err(Error::no_such(Noun::Certificate, hexadecimal(sha256)));
    }
    let sha256 = hexadecimal(sha256);
    audit::record(writer, &id.to_string(), kinds::SamlCertificateRemoved { sha256 })
}

pub(super) fn forget(writer: &mut Writer<'_>, no: ConnectionNo) -> Result<(), Error> {
    writer.execute(FORGET, &[no.into()]).map(drop)
}

/// Notes that an answer was verified by a certificate. No one waits for it.
pub(crate) fn touch(store: &Store, org: OrgNo, no: ConnectionNo, sha256: Vec<u8>, now: Time) {
    let since = now.minus(TOUCH_EVERY);
    drop(store.append_later(org, move |appender| {
        let params = [no.into(), sha256.as_slice().into(), now.into(), since.into()];
        appender.execute(TOUCH, &params).map(drop)
    }));
}

/// Bytes as people compare them.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Certificate, Standing};
    use crate::clock::Time;

    #[test]
    fn an_end_is_told_a_month_before_and_after_it() {
        let end = Time::from_micros(1_800_000_000_000_000);
        let one = |trusted| Certificate {
            sha256: vec![7; 32],
            der: vec![7],
            not_after: end,
            added: end,
            trusted,
            last_used: None,
        };
        let days = |days: u64| Duration::from_hours(24 * days);
        for (now, standing) in [
            (end.minus(days(31)), Standing::Trusted),
            (end.minus(days(30)), Standing::Trusted),
            (end.minus(days(29)), Standing::ExpiresSoon),
            (end, Standing::Expired),
            (end.plus(days(1)), Standing::Expired),
        ] {
            assert_eq!(one(true).standing(now), standing);
            assert_eq!(one(false).standing(now), Standing::Pending);
        }
    }
}
