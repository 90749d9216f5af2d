//! Break-glass: named administrators who come in without the identity provider, should it fail or
//! should its settings be wrong.
//!
//! An account belongs to a user with an administrator's role. It begins with a link that is good
//! once, by which its owner sets a password and an authenticator app; from then on the owner signs
//! in with both. It ends when the user is archived or deleted, and gives nothing while the user is
//! no administrator.

mod enrolment;
mod entrance;
pub(crate) mod password;
mod totp;

pub use self::{
    enrolment::{Enrolled, Enrolment, Link, enroll, find},
    entrance::{Attempt, Entered, enter, knows},
    password::{Password, PasswordHash},
    totp::TotpKey,
};

use scim::Object;

use crate::{
    access::{Access, Rank, Verb},
    audit::{self, kinds},
    clock::Time,
    credential::secret::Secret,
    db::{Row, statements},
    error::{Error, Noun},
    id::{OrgNo, ResourceNo},
    resource::{
        Kind, User, by_name, by_numbers, index,
        user::{self, Rehire},
    },
    role::{self, RoleName, assignment},
    store::{Catalog, Reader, Store, Writer},
};

statements! {
    PUT = Sql {
        "insert into break_glass (org, no, email, link, link_expires, totp_key, totp_step, password, \
         recovery, devices, created, enrolled, last_used) \
         values ($1, $2, $3, $4, $5, $6, 0, null, '', '', $7, null, null) \
         on conflict (org, no) do update set email = excluded.email, link = excluded.link, \
         link_expires = excluded.link_expires, totp_key = excluded.totp_key, totp_step = 0, \
         password = null, recovery = '', devices = '', created = excluded.created, \
         enrolled = null, last_used = null"
    };
    ALL = Sql {
        "select no, email, link, link_expires, totp_key, totp_step, password, recovery, devices, \
         created, enrolled, last_used from break_glass where org = $1 order by no"
    };
    ENROLL = Sql {
        "update break_glass set link = null, link_expires = null, password = $3, recovery = $4, \
         totp_step = $5, enrolled = $6 where org = $1 and no = $2"
    };
    USE = Sql {
        "update break_glass set totp_step = $3, recovery = $4, devices = $5, last_used = $6 \
         where org = $1 and no = $2"
    };
    DELETE = Sql { "delete from break_glass where org = $1 and no = $2 returning no" };
    FORGET = Sql { "delete from break_glass where org = $1 and no = $2" };
    CLAIM = Sql {
        "insert into break_glass_home (org, email) values ($1, $2) on conflict (org, email) do nothing"
    };
    HOMES = Sql { "select org from break_glass_home where email = $1 order by org limit $2" };
    FREE = Sql { "delete from break_glass_home where org = $1 and email = $2" };
}

/// So many organizations may have an account for the same address: one may administer several.
pub(crate) const MOST_HOMES: usize = 5;
/// The most accounts of an organization.
pub(crate) const MOST: usize = 20;
/// The longest address, in characters (RFC 5321 §4.5.3.1.3, without the brackets).
pub(crate) const LONGEST_EMAIL: usize = 254;
/// So long a link is good.
const LINK_LIVES: std::time::Duration = std::time::Duration::from_hours(24);

/// An administrator who can come in without the provider.
#[derive(Clone, Debug)]
pub struct Account {
    pub(crate) no: ResourceNo,
    /// The address that the owner types.
    pub email: String,
    link: Option<(Vec<u8>, Time)>,
    totp_key: TotpKey,
    totp_step: i64,
    password: Option<PasswordHash>,
    recovery: Vec<String>,
    devices: Vec<String>,
    /// When its link was made.
    pub created: Time,
    /// Since when it can be used. `None`: its owner has not set a password yet.
    pub enrolled: Option<Time>,
    /// When it was used last.
    pub last_used: Option<Time>,
}

impl Account {
    fn from_row(mut row: Row) -> Result<Self, Error> {
        let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
        let link: Option<Vec<u8>> = row.get("link")?;
        let expires: Option<Time> = row.get("link_expires")?;
        let password: Option<Vec<u8>> = row.get("password")?;
        let password = match password {
            None => None,
            Some(bytes) => Some(
                PasswordHash::from_bytes(bytes)
                    .ok_or_else(|| row.damaged("password", "it is no hash"))?,
            ),
        };
        Ok(Self {
            no: row.get("no")?,
            email: row.get("email")?,
            link: link.zip(expires),
            totp_key: TotpKey::from_bytes(row.get("totp_key")?),
            totp_step: row.get("totp_step")?,
            password,
            recovery: words(row.get("recovery")?),
            devices: words(row.get("devices")?),
            created: row.get("created")?,
            enrolled: row.get("enrolled")?,
            last_used: row.get("last_used")?,
        })
    }

    /// Until when its link is good, if it has one.
    #[must_use]
    pub fn link_expires(&self) -> Option<Time> {
        self.link.as_ref().map(|(_, expires)| *expires)
    }
}

/// An address as accounts are found by it.
fn email_key(email: &str) -> String {
    index::folded_key(email.trim())
}

fn checked_email(email: &str) -> Result<String, Error> {
    let email = email.trim();
    let is_one = email.chars().count() <= LONGEST_EMAIL
        && email
            .rsplit_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && !email.chars().any(|c| c.is_control() || c.is_whitespace());
    if is_one {
        return Ok(email.to_owned());
    }
    Err(Error::invalid(
        "email",
        format!("An e-mail address has an @ and at most {LONGEST_EMAIL} characters."),
    ))
}

/// A new account, and the link for its owner.
#[derive(Debug)]
pub struct NewAccount {
    /// The account.
    pub account: Account,
    /// Whose it is.
    pub user: User,
    /// Whether the user was made for it.
    pub is_new_user: bool,
    /// What leads to the page where the owner sets a password.
    pub link: Link,
}

/// Makes an account for the administrator with this address, or takes the password of the one that
/// there is away and begins anew. Where no user has the address, one is made, with the role
/// `superadmin`.
///
/// # Errors
///
/// [`Error::Invalid`] where the address is none; [`Error::Conflict`] where the user is archived or no
/// administrator, or where there are too many accounts; [`Error::Denied`].
pub async fn create(store: &Store, access: &Access, email: &str) -> Result<NewAccount, Error> {
    access.permit(Verb::ManageBreakGlass)?;
    let email = checked_email(email)?;
    let (org, key) = (access.org(), email_key(&email));
    // The home comes first: one that leads to no account is harmless.
    let claimed = store.write_catalog(move |catalog| {
        catalog.execute(CLAIM, &[org.into(), (&key).into()])?;
        homes(catalog, &key, MOST_HOMES + 1)
    });
    if claimed.await?.len() > MOST_HOMES {
        let key = email_key(&email);
        store.write_catalog(move |catalog| free(catalog, org, &key)).await?;
        return Err(Error::conflict(
            "email",
            format!("At most {MOST_HOMES} organizations have an account for one address."),
        ));
    }
    store.write(access, move |writer| insert(writer, &email)).await
}

fn insert(writer: &mut Writer<'_>, email: &str) -> Result<NewAccount, Error> {
    let (user, is_new_user) = owner(writer, email)?;
    let accounts = all(writer)?;
    if accounts.len() >= MOST && !accounts.iter().any(|account| account.no == user.no) {
        return Err(Error::conflict(
            "email",
            format!("An organization has at most {MOST} such accounts. Remove one first."),
        ));
    }
    let secret = Secret::random(writer.random());
    let now = writer.now();
    let account = Account {
        no: user.no,
        email: email.to_owned(),
        link: Some((secret.hash(), now.plus(LINK_LIVES))),
        totp_key: TotpKey::random(writer.random()),
        totp_step: 0,
        password: None,
        recovery: Vec::new(),
        devices: Vec::new(),
        created: now,
        enrolled: None,
        last_used: None,
    };
    writer.execute(
        PUT,
        &[
            account.no.into(),
            email.into(),
            secret.hash().as_slice().into(),
            account.link_expires().into(),
            account.totp_key.as_bytes().into(),
            now.into(),
        ],
    )?;
    audit::record(writer, &user.id.to_string(), kinds::BreakGlassCreated { email: email.into() })?;
    let link = Link::new(writer.org(), secret);
    Ok(NewAccount { account, user, is_new_user, link })
}

/// The administrator with this address: by userName, or by an address of which it is the only bearer.
fn owner(writer: &mut Writer<'_>, email: &str) -> Result<(User, bool), Error> {
    let key = email_key(email);
    let found = match by_name(writer, Kind::USER, &key)? {
        Some(user) => Some(User(user)),
        None => user::only_by_email(writer, &key)?,
    };
    let Some(user) = found else {
        let address = Object::new().with("value", email).with("type", "work").with("primary", true);
        let user =
            Object::new().with("userName", email).with("emails", vec![scim::Value::from(address)]);
        let user = user::create(writer, &user, Rehire::Refuse)?;
        let superadmin = RoleName::parse("superadmin")?;
        assignment::assign(writer, &user, &superadmin)?;
        return Ok((user, true));
    };
    if !user.is_active() {
        return Err(Error::conflict(
            "email",
            format!("{} is archived. Reactivate the user first.", user.name()),
        ));
    }
    if rank(writer, &user)? < Rank::Admin {
        return Err(Error::conflict(
            "email",
            format!(
                "{} is no administrator. Give the user the role admin or superadmin first.",
                user.name()
            ),
        ));
    }
    Ok((user, false))
}

fn rank(reader: &mut Reader<'_>, user: &User) -> Result<Rank, Error> {
    let roles = role::effective::held_by(reader, &[user.no])?.pop().unwrap_or_default();
    Ok(Rank::of(&roles))
}

/// The accounts of the organization, each with its user.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn list(reader: &mut Reader<'_>) -> Result<Vec<(Account, User)>, Error> {
    reader.permit(Verb::ReadBreakGlass)?;
    let accounts = all(reader)?;
    let numbers: Vec<ResourceNo> = accounts.iter().map(|account| account.no).collect();
    let users = by_numbers(reader, Kind::USER, &numbers)?;
    let of = |account: Account| {
        let user = users.iter().find(|user| user.no == account.no)?.clone();
        Some((account, User(user)))
    };
    Ok(accounts.into_iter().filter_map(of).collect())
}

pub(crate) fn all(reader: &mut Reader<'_>) -> Result<Vec<Account>, Error> {
    reader.query(ALL, &[])?.into_iter().map(Account::from_row).collect()
}

/// Whether someone can come in without the provider: an account with a password, of an active
/// administrator.
pub(crate) fn is_ready(reader: &mut Reader<'_>) -> Result<bool, Error> {
    let enrolled = all(reader)?.into_iter().filter(|account| account.enrolled.is_some());
    let numbers: Vec<ResourceNo> = enrolled.map(|account| account.no).collect();
    for user in by_numbers(reader, Kind::USER, &numbers)? {
        if user.is_active() && rank(reader, &User(user))? >= Rank::Admin {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes the account with this address.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub async fn remove(store: &Store, access: &Access, email: &str) -> Result<(), Error> {
    let (org, key) = (access.org(), email_key(email));
    let wanted = key.clone();
    store
        .write(access, move |writer| {
            writer.permit(Verb::ManageBreakGlass)?;
            let account = all(writer)?.into_iter().find(|one| email_key(&one.email) == wanted);
            let account = account.ok_or(Error::not_found(Noun::BreakGlass))?;
            writer.change(DELETE, &[account.no.into()])?;
            let user = by_numbers(writer, Kind::USER, &[account.no])?.pop();
            let on = user.map_or_else(|| account.email.clone(), |user| user.id.to_string());
            audit::record(writer, &on, kinds::BreakGlassRemoved { email: account.email })
        })
        .await?;
    // A home that leads to no account is harmless, should this not be reached.
    store.write_catalog(move |catalog| free(catalog, org, &key)).await
}

/// A user is archived or deleted: the account is gone, and coming back does not bring it back.
pub(crate) fn forget(writer: &mut Writer<'_>, no: ResourceNo) -> Result<(), Error> {
    writer.send(FORGET, &[no.into()])
}

fn homes(catalog: &mut Catalog<'_>, key: &str, most: usize) -> Result<Vec<OrgNo>, Error> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = catalog.query(HOMES, &[key.into(), most.into()])?;
    rows.into_iter().map(|mut row| row.get("org")).collect()
}

fn free(catalog: &mut Catalog<'_>, org: OrgNo, key: &str) -> Result<(), Error> {
    catalog.execute(FREE, &[org.into(), key.into()]).map(drop)
}
