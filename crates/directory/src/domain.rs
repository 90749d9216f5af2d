//! Domains of e-mail addresses that an organization has shown to be its own.
//!
//! A domain is added with a challenge, and verified when its DNS answers with it, or when an operator
//! vouches for it. A verified domain belongs to one organization: people who type an address of it
//! are led to the sign-in of that organization, and only then is an address said to be verified.

use std::{collections::HashSet, fmt};

use crate::{
    access::{Access, Verb},
    audit::{self, kinds},
    clock::Time,
    credential::secret::Secret,
    db::{Row, statements},
    error::{Error, Noun},
    id::OrgNo,
    keyword::keyword,
    store::{Catalog, Reader, Store, Writer},
};

statements! {
    INSERT = Sql {
        "insert into domain (org, name, challenge, created) values ($1, $2, $3, $4) \
         on conflict (org, name) do nothing returning name"
    };
    GET = Sql {
        "select name, challenge, created, verified, proof from domain where org = $1 and name = $2"
    };
    ALL = Sql {
        "select name, challenge, created, verified, proof from domain where org = $1 order by name"
    };
    VERIFY = Sql {
        "update domain set verified = $3, proof = $4 where org = $1 and name = $2"
    };
    DELETE = Sql { "delete from domain where org = $1 and name = $2 returning name" };
    CLAIM = Sql {
        "insert into domain_home (org, name) values ($1, $2) on conflict (name) do nothing"
    };
    HOME = Sql { "select org from domain_home where name = $1" };
    HOMES = Sql { "select name from domain_home where org = $1 order by name" };
    FREE = Sql { "delete from domain_home where org = $1 and name = $2" };
}

/// The most domains of an organization.
pub(crate) const MOST: usize = 100;
/// The longest name of a domain, in characters (RFC 1035 §2.3.4, without the dot at its end).
pub(crate) const LONGEST_NAME: usize = 253;
/// The longest label of a name (RFC 1035 §2.3.4).
const LONGEST_LABEL: usize = 63;

/// The name of a domain, in lower case and in ASCII, such as `example.com`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

impl DomainName {
    /// Reads one. Capital letters and a dot at the end mean nothing (RFC 1034 §3.1).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with the rule.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let name = text.trim().trim_end_matches('.').to_ascii_lowercase();
        let is_label = |label: &str| {
            (1..=LONGEST_LABEL).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // The last label of an address of IPv4 is a number; that of a domain never is.
        let is_numeric = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
        let has_top = name.rsplit_once('.').is_some_and(|(_, top)| !is_numeric(top));
        if name.len() <= LONGEST_NAME && has_top && name.split('.').all(is_label) {
            return Ok(Self(name));
        }
        Err(Error::invalid(
            "domain",
            format!(
                "\"{}\" is not a domain: write it like example.com, in ASCII (xn--… for other \
                 letters), with at most {LONGEST_NAME} characters.",
                text.chars().take(100).collect::<String>().escape_debug()
            ),
        ))
    }

    /// The domain of an e-mail address. `None`: it has none.
    #[must_use]
    pub fn of_address(address: &str) -> Option<Self> {
        let (local, domain) = address.rsplit_once('@')?;
        if local.is_empty() {
            return None;
        }
        Self::parse(domain).ok()
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

keyword! {
    /// Why a domain counts as the organization's own.
    Proof {
        /// Its DNS answered with the challenge.
        Dns = "dns",
        /// An operator vouched for it.
        Operator = "operator",
    }
}

/// A domain of an organization.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Its name.
    pub name: DomainName,
    challenge: String,
    /// When it was added.
    pub created: Time,
    /// Since when it counts as the organization's own, and why.
    pub verified: Option<(Time, Proof)>,
}

impl Domain {
    fn from_row(mut row: Row) -> Result<Self, Error> {
        let name: String = row.get("name")?;
        let verified: Option<Time> = row.get("verified")?;
        let proof: Option<String> = row.get("proof")?;
        let proof = match proof {
            None => None,
            Some(text) => {
                let parsed = Proof::parse(&text);
                Some(parsed.ok_or_else(|| row.damaged("proof", format!("\"{text}\" is none")))?)
            }
        };
        Ok(Self {
            name: DomainName(name),
            challenge: row.get("challenge")?,
            created: row.get("created")?,
            verified: verified.zip(proof),
        })
    }

    /// The name of the TXT record that proves it.
    #[must_use]
    pub fn record_name(&self) -> String {
        format!("_doorward.{}", self.name)
    }

    /// What that record says.
    #[must_use]
    pub fn record_value(&self) -> String {
        format!("doorward-verification={}", self.challenge)
    }
}

/// Adds a domain. One that is there already stays as it is, with its challenge.
///
/// # Errors
///
/// [`Error::Denied`]; [`Error::Conflict`] where there are too many.
pub fn add(writer: &mut Writer<'_>, name: &DomainName) -> Result<Domain, Error> {
    writer.permit(Verb::ChangeDomains)?;
    if let Some(domain) = by_name(writer, name)? {
        return Ok(domain);
    }
    if all(writer)?.len() >= MOST {
        return Err(Error::conflict(
            "domain",
            format!("An organization has at most {MOST} domains. Remove one that is not used."),
        ));
    }
    let challenge = Secret::random(writer.random()).reveal().to_owned();
    let created = writer.now();
    writer.change(INSERT, &[name.as_str().into(), (&challenge).into(), created.into()])?;
    audit::record(writer, name.as_str(), kinds::DomainAdded {})?;
    Ok(Domain { name: name.clone(), challenge, created, verified: None })
}

/// The domain of this name.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn get(reader: &mut Reader<'_>, name: &DomainName) -> Result<Domain, Error> {
    reader.permit(Verb::ReadDomains)?;
    by_name(reader, name)?.ok_or_else(|| Error::no_such(Noun::Domain, name.as_str()))
}

/// The domains of the organization, by name.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn list(reader: &mut Reader<'_>) -> Result<Vec<Domain>, Error> {
    reader.permit(Verb::ReadDomains)?;
    all(reader)
}

fn all(reader: &mut Reader<'_>) -> Result<Vec<Domain>, Error> {
    reader.query(ALL, &[])?.into_iter().map(Domain::from_row).collect()
}

fn by_name(reader: &mut Reader<'_>, name: &DomainName) -> Result<Option<Domain>, Error> {
    reader.query_one(GET, &[name.as_str().into()])?.map(Domain::from_row).transpose()
}

/// Whether an e-mail address belongs to a verified domain of the organization.
///
/// # Errors
///
/// Those of the store.
pub fn verifies(reader: &mut Reader<'_>, address: &str) -> Result<bool, Error> {
    let Some(name) = DomainName::of_address(address) else { return Ok(false) };
    Ok(by_name(reader, &name)?.is_some_and(|domain| domain.verified.is_some()))
}

/// Verifies a domain by the texts of its TXT records, as its DNS answered them just now.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`]; [`Error::Conflict`] where none of the texts is the
/// challenge, or where the domain belongs to another organization.
pub async fn verify(
    store: &Store,
    access: &Access,
    name: &DomainName,
    texts: &[String],
) -> Result<Domain, Error> {
    access.permit(Verb::ChangeDomains)?;
    let wanted = name.clone();
    let domain = store.read(access, move |reader| get(reader, &wanted)).await?;
    let value = domain.record_value();
    if !texts.iter().any(|text| text.trim() == value) {
        let found = match texts.len() {
            0 => "No TXT record was found there".to_owned(),
            1 => "One TXT record was found there, and it says something else".to_owned(),
            more => format!("{more} TXT records were found there, and none says so"),
        };
        return Err(Error::conflict(
            "domain",
            format!(
                "{found}. Add a TXT record {} with the text {value}. A new record can take an hour \
                 to be seen.",
                domain.record_name()
            ),
        ));
    }
    settle(store, access, name, Proof::Dns).await
}

/// Verifies a domain because an operator vouches for it.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`]; [`Error::Conflict`] where the domain belongs to another
/// organization.
pub async fn vouch(store: &Store, access: &Access, name: &DomainName) -> Result<Domain, Error> {
    access.permit(Verb::VouchForDomain)?;
    let wanted = name.clone();
    store.read(access, move |reader| get(reader, &wanted)).await?;
    settle(store, access, name, Proof::Operator).await
}

/// The home comes first: one that leads to a domain that is not verified yet leads nowhere, and the
/// same organization may claim it again.
async fn settle(
    store: &Store,
    access: &Access,
    name: &DomainName,
    proof: Proof,
) -> Result<Domain, Error> {
    let (org, claimed) = (access.org(), name.clone());
    let home = store.write_catalog(move |catalog| {
        catalog.execute(CLAIM, &[org.into(), claimed.as_str().into()])?;
        home(catalog, &claimed)
    });
    if home.await? != Some(org) {
        return Err(Error::conflict(
            "domain",
            format!(
                "{name} is verified by another organization. If it is yours, have it removed there \
                 first."
            ),
        ));
    }
    let name = name.clone();
    let settled = store.write(access, move |writer| {
        let domain =
            by_name(writer, &name)?.ok_or_else(|| Error::no_such(Noun::Domain, name.as_str()))?;
        if domain.verified.is_some() {
            return Ok(domain);
        }
        let now = writer.now();
        writer.send(VERIFY, &[name.as_str().into(), now.into(), proof.as_str().into()])?;
        let payload = kinds::DomainVerified { proof: proof.to_string() };
        audit::record(writer, name.as_str(), payload)?;
        Ok(Domain { verified: Some((now, proof)), ..domain })
    });
    settled.await
}

/// Removes a domain: its addresses lead nowhere any more, and are not verified. Another organization
/// may verify it then.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub async fn remove(store: &Store, access: &Access, name: &DomainName) -> Result<(), Error> {
    let removed = name.clone();
    store
        .write(access, move |writer| {
            writer.permit(Verb::ChangeDomains)?;
            if writer.change(DELETE, &[removed.as_str().into()])?.is_empty() {
                return Err(Error::no_such(Noun::Domain, removed.as_str()));
            }
            audit::record(writer, removed.as_str(), kinds::DomainRemoved {})
        })
        .await?;
    // A home that leads nowhere is harmless, should this not be reached: `verify` tells of it.
    let (org, name) = (access.org(), name.clone());
    store
        .write_catalog(move |catalog| {
            catalog.execute(FREE, &[org.into(), name.as_str().into()]).map(drop)
        })
        .await
}

/// The organization that claimed a domain. Whether it is verified there, the organization knows.
pub(crate) fn home(catalog: &mut Catalog<'_>, name: &DomainName) -> Result<Option<OrgNo>, Error> {
    let row = catalog.query_one(HOME, &[name.as_str().into()])?;
    row.map(|mut row| row.get("org")).transpose()
}

/// Homes of the organization that lead to no verified domain: verifying or removing one ended
/// half-way.
pub(crate) fn half_made(reader: &mut Reader<'_>) -> Result<Vec<String>, Error> {
    let verified: HashSet<String> = all(reader)?
        .into_iter()
        .filter(|domain| domain.verified.is_some())
        .map(|domain| domain.name.0)
        .collect();
    let mut homes = Vec::new();
    for mut row in reader.query(HOMES, &[])? {
        homes.push(row.get::<String>("name")?);
    }
    homes.retain(|home| !verified.contains(home));
    Ok(homes)
}

#[cfg(test)]
mod tests {
    use super::DomainName;

    #[test]
    fn a_domain_is_a_name_of_dns() {
        for (text, name) in [
            ("example.com", "example.com"),
            (" Example.COM. ", "example.com"),
            ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
            ("a-b.co.uk", "a-b.co.uk"),
        ] {
            assert_eq!(DomainName::parse(text).map(|name| name.0).ok().as_deref(), Some(name));
        }
        let long = format!("{}.com", "a".repeat(64));
        for text in [
            "",
            "com",
            ".com",
            "a..com",
            "-a.com",
            "a-.com",
            "münchen.de",
            "a b.com",
            "10.0.0.1",
            &long,
        ] {
            assert!(DomainName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_belongs_to_what_follows_its_last_at_sign() {
        let of = |address| DomainName::of_address(address).map(|name| name.0);
        assert_eq!(of("Ada@Example.com").as_deref(), Some("example.com"));
        assert_eq!(of("\"a@b\"@example.com").as_deref(), Some("example.com"));
        for address in ["", "ada", "@example.com", "ada@", "ada@localhost"] {
            assert_eq!(of(address), None, "{address}");
        }
    }
}
