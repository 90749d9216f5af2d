//! [`enter`]: an administrator signs in with a password and a code.

use tokio::sync::Semaphore;

use super::{Account, MOST_HOMES, Password, PasswordHash, USE, all, email_key, homes, rank};
use crate::{
    access::{Access, Principal, Rank, Verb},
    audit::{self, kinds},
    break_glass::enrolment::recovery_hash,
    credential::secret::Secret,
    error::Error,
    id::{OrgNo, RequestId},
    resource::{Kind, User, by_numbers},
    session::{self, About, Client, NewSession, Policy},
    store::{Reader, Store, Writer},
};

/// One password of strangers is hashed at a time: whoever guesses takes half of a small machine at
/// the most. Those who are known, by their browser or by a link, do not wait for them.
static STRANGERS: Semaphore = Semaphore::const_new(1);
static KNOWN: Semaphore = Semaphore::const_new(1);
/// So many browsers of its owner an account remembers.
const MOST_DEVICES: usize = 5;

/// What someone typed.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The address.
    pub email: String,
    /// The password.
    pub password: Option<Password>,
    /// The code of the authenticator app, or a recovery code.
    pub code: String,
    /// The browser.
    pub client: Client,
    /// Whether it is one of the owner's: see [`knows`].
    pub is_known: bool,
}

/// Someone who came in.
#[derive(Debug)]
pub struct Entered {
    /// The session.
    pub session: NewSession,
    /// What the browser is to show next time, to be known again.
    pub device: Secret,
}

/// Lets an administrator in. `None`: something of what was typed is wrong, and it took as long to
/// find out, whether there is such an account or not.
///
/// # Errors
///
/// Those of the store.
pub async fn enter(
    store: &Store,
    attempt: Attempt,
    policy: Policy,
    request: Option<RequestId>,
) -> Result<Option<Entered>, Error> {
    let accounts = candidates(store, &attempt.email).await?;
    let Some(password) = attempt.password.clone() else { return Ok(None) };
    let mut hashes: Vec<PasswordHash> =
        accounts.iter().filter_map(|(_, account)| account.password.clone()).collect();
    if hashes.is_empty() {
        hashes.push(PasswordHash::of_none());
    }
    // All of them are judged: how long it takes must not tell which was right.
    let judge = move || hashes.iter().map(|hash| hash.is_of(&password)).collect::<Vec<bool>>();
    let right = hashing(attempt.is_known, judge).await?;
    let any_right = right.contains(&true);
    for ((org, account), is_right) in accounts.into_iter().zip(right) {
        let access = Principal::break_glass(org).on(org)?;
        let access = request.map_or(access.clone(), |request| access.for_request(request));
        let (client, code) = (attempt.client.clone(), attempt.code.clone());
        if is_right {
            let let_in = store
                .write(&access, move |writer| admit(writer, &account, &code, &client, &policy));
            // Whoever has the same password in two organizations says by the code which is meant.
            if let Some(entered) = let_in.await? {
                return Ok(Some(entered));
            }
        } else if !any_right {
            let refused = store.write(&access, move |writer| {
                refuse(writer, &account, "break_glass_password", "The password was wrong.")
            });
            refused.await?;
        }
    }
    Ok(None)
}

/// The accounts with this address that can be used, each with its organization.
async fn candidates(store: &Store, email: &str) -> Result<Vec<(OrgNo, Account)>, Error> {
    let key = email_key(email);
    let wanted = key.clone();
    let orgs = store.read_catalog(move |catalog| homes(catalog, &wanted, MOST_HOMES)).await?;
    let mut found = Vec::new();
    for org in orgs {
        let key = key.clone();
        let access = Access::system(org);
        let read = store.read(&access, move |reader| usable(reader, &key));
        found.extend(read.await?.map(|account| (org, account)));
    }
    Ok(found)
}

fn usable(reader: &mut Reader<'_>, key: &str) -> Result<Option<Account>, Error> {
    let found = all(reader)?.into_iter().find(|account| email_key(&account.email) == key);
    Ok(found.filter(|account| account.password.is_some()))
}

/// Whether a browser is one from which this address was let in before: who guesses from elsewhere
/// does not make its owner wait.
///
/// # Errors
///
/// Those of the store.
pub async fn knows(store: &Store, email: &str, device: &Secret) -> Result<bool, Error> {
    let shown = device_hash(device);
    let accounts = candidates(store, email).await?;
    Ok(accounts.iter().any(|(_, account)| account.devices.contains(&shown)))
}

fn device_hash(device: &Secret) -> String {
    data_encoding::HEXLOWER.encode(&device.hash())
}

fn admit(
    writer: &mut Writer<'_>,
    found: &Account,
    code: &str,
    client: &Client,
    policy: &Policy,
) -> Result<Option<Entered>, Error> {
    writer.permit(Verb::SignIn)?;
    let Some(mut account) = all(writer)?.into_iter().find(|one| one.no == found.no) else {
        return Ok(None);
    };
    if account.password != found.password {
        return Ok(None);
    }
    let user = by_numbers(writer, Kind::USER, &[account.no])?.pop().map(User);
    let Some(user) = user.filter(|user| user.is_active()) else {
        return Ok(None);
    };
    if rank(writer, &user)? < Rank::Admin {
        let detail = "The user is no administrator any more.";
        refuse(writer, &account, "break_glass_role", detail)?;
        return Ok(None);
    }
    let now = writer.now();
    let method = if let Some(step) = account.totp_key.step_of(code, now, account.totp_step) {
        account.totp_step = step;
        "otp"
    } else {
        let shown = recovery_hash(code);
        let Some(at) = account.recovery.iter().position(|hash| *hash == shown) else {
            refuse(writer, &account, "break_glass_code", "The code was wrong, or used before.")?;
            return Ok(None);
        };
        account.recovery.remove(at);
        "recovery"
    };
    let device = Secret::random(writer.random());
    account.devices.push(device_hash(&device));
    let forgotten = account.devices.len().saturating_sub(MOST_DEVICES);
    account.devices.drain(..forgotten);
    writer.execute(
        USE,
        &[
            account.no.into(),
            account.totp_step.into(),
            (&account.recovery.join(" ")).into(),
            (&account.devices.join(" ")).into(),
            now.into(),
        ],
    )?;
    let payload = kinds::BreakGlassUsed {
        email: account.email,
        method: method.to_owned(),
        recovery_codes_left: i64::try_from(account.recovery.len()).unwrap_or(i64::MAX),
    };
    audit::record(writer, &user.id.to_string(), payload)?;
    let about = About::of_password(client);
    let session = session::start(writer, &user, None, about, (policy, None))?;
    Ok(Some(Entered { session, device }))
}

fn refuse(
    writer: &mut Writer<'_>,
    account: &Account,
    reason: &str,
    detail: &str,
) -> Result<(), Error> {
    writer.permit(Verb::SignIn)?;
    let payload = kinds::SignInRefused {
        reason: reason.to_owned(),
        detail: detail.to_owned(),
        name_id: Some(account.email.clone()),
    };
    audit::record(writer, &account.email, payload)
}

/// Does something costly with passwords, where nothing else waits for it.
pub(super) async fn hashing<T: Send + 'static>(
    is_known: bool,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let _turn = if is_known { &KNOWN } else { &STRANGERS }.acquire().await;
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::Store(Box::new(error)))
}
