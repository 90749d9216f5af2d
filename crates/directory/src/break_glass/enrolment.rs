//! Enrolment: the owner of an account follows its link, and sets a password and an authenticator
//! app.

use data_encoding::BASE32_NOPAD;

use super::{Account, ENROLL, Password, PasswordHash, TotpKey, all};
use crate::{
    access::{Access, Principal, Verb},
    audit::{self, kinds},
    credential::{base62, secret::Secret},
    error::{Error, Noun},
    id::{OrgNo, RequestId},
    organization,
    resource::{Kind, User, by_numbers},
    store::{Reader, Store, Writer},
};

/// So many recovery codes an account has.
const RECOVERY_CODES: usize = 8;
/// The random bytes of each: 80 bits.
const RECOVERY: usize = 10;

/// What leads to the page where the owner of an account sets a password: which organization, and a
/// secret. It cannot be printed by accident.
#[derive(Clone, Debug)]
pub struct Link {
    org: OrgNo,
    secret: Secret,
}

impl Link {
    pub(super) fn new(org: OrgNo, secret: Secret) -> Self {
        Self { org, secret }
    }

    /// Reads one that is shown. `None`: it does not look like one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (org, secret) = text.split_once('.')?;
        Some(Self { org: OrgNo(base62::decode_number(org)?), secret: Secret::parse(secret)? })
    }

    /// The text, for the end of an address.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}.{}", base62::encode_number(self.org.0), self.secret.reveal())
    }
}

/// What the page of a link shows.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The address of the account.
    pub email: String,
    /// The name of the organization.
    pub organization: String,
    /// What the authenticator app is to know.
    pub totp_key: TotpKey,
}

/// The account that a link leads to. It is not used up by this.
///
/// # Errors
///
/// [`Error::NotFound`] where it leads to none any more; those of the store.
pub async fn find(store: &Store, link: &Link) -> Result<Enrolment, Error> {
    let now = store.clock().now();
    let secret = link.secret.clone();
    let access = Access::system(link.org);
    let found = store.read(&access, move |reader| {
        let account = linked(reader, &secret)?;
        if account.link_expires().is_none_or(|expires| expires <= now) {
            return Err(Error::not_found(Noun::BreakGlass));
        }
        let organization = organization::read(reader)?.name;
        Ok(Enrolment { email: account.email, organization, totp_key: account.totp_key })
    });
    match found.await {
        Err(Error::NotFound { .. }) => Err(Error::not_found(Noun::BreakGlass)),
        found => found,
    }
}

fn linked(reader: &mut Reader<'_>, secret: &Secret) -> Result<Account, Error> {
    let mut accounts = all(reader)?.into_iter();
    let is_linked =
        |account: &Account| account.link.as_ref().is_some_and(|(hash, _)| secret.is_of(hash));
    accounts.find(is_linked).ok_or(Error::not_found(Noun::BreakGlass))
}

/// An account that can be used from now on.
#[derive(Debug)]
pub struct Enrolled {
    /// Codes that stand for one of the app, each once. They are shown now and never again.
    pub recovery_codes: Vec<String>,
}

/// Uses a link up: sets the password, once the code shows that the app knows the key.
///
/// # Errors
///
/// [`Error::NotFound`] where the link leads to no account any more; [`Error::Invalid`] where the
/// password is too short, or the code is not the one that the app shows.
pub async fn enroll(
    store: &Store,
    link: &Link,
    (password, code): (&str, &str),
    request: Option<RequestId>,
) -> Result<Enrolled, Error> {
    let found = find(store, link).await?;
    let password = Password::chosen(password, &found.email)?;
    let now = store.clock().now();
    // Before the costly hash: who guesses codes here knows the link already.
    if found.totp_key.step_of(code, now, 0).is_none() {
        return Err(wrong_code());
    }
    let hash = super::entrance::hashing(true, {
        let random = store.services().random.clone();
        move || password.hash(&random)
    });
    let hash = hash.await?;
    let access = Principal::break_glass(link.org).on(link.org)?;
    let access = request.map_or(access.clone(), |request| access.for_request(request));
    let (secret, code) = (link.secret.clone(), code.to_owned());
    store.write(&access, move |writer| settle(writer, &secret, &code, &hash)).await
}

fn wrong_code() -> Error {
    Error::invalid(
        "code",
        "This is not the code that the authenticator app shows now. Check the clock of the phone.",
    )
}

fn settle(
    writer: &mut Writer<'_>,
    secret: &Secret,
    code: &str,
    hash: &PasswordHash,
) -> Result<Enrolled, Error> {
    writer.permit(Verb::SignIn)?;
    let account = linked(writer, secret)?;
    let user = by_numbers(writer, Kind::USER, &[account.no])?.pop().map(User);
    let user = user.filter(|user| user.is_active()).ok_or(Error::not_found(Noun::BreakGlass))?;
    let now = writer.now();
    if account.link_expires().is_none_or(|expires| expires <= now) {
        return Err(Error::not_found(Noun::BreakGlass));
    }
    let step = account.totp_key.step_of(code, now, account.totp_step).ok_or_else(wrong_code)?;
    let recovery_codes: Vec<String> =
        (0..RECOVERY_CODES).map(|_| recovery_code(writer.random().bytes())).collect();
    let hashes: Vec<String> = recovery_codes.iter().map(|code| recovery_hash(code)).collect();
    writer.execute(
        ENROLL,
        &[
            account.no.into(),
            hash.as_bytes().into(),
            (&hashes.join(" ")).into(),
            step.into(),
            now.into(),
        ],
    )?;
    let payload = kinds::BreakGlassEnrolled { email: account.email };
    audit::record(writer, &user.id.to_string(), payload)?;
    Ok(Enrolled { recovery_codes })
}

/// Four letters and digits at a time, as people copy them.
fn recovery_code(bytes: [u8; RECOVERY]) -> String {
    let text = BASE32_NOPAD.encode(&bytes).to_lowercase();
    let four: Vec<&str> = (0..text.len()).step_by(4).map(|at| &text[at..at + 4]).collect();
    four.join("-")
}

/// What is kept of a recovery code, however it is typed: 80 random bits need no slow hash.
pub(super) fn recovery_hash(code: &str) -> String {
    let plain: String =
        code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, plain.as_bytes());
    data_encoding::HEXLOWER.encode(digest.as_ref())
}

#[cfg(test)]
mod tests {
    use super::{recovery_code, recovery_hash};

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let code = recovery_code([0xa5; 10]);
        assert_eq!(code, "uws2-ljnf-uws2-ljnf");
        assert_eq!(recovery_hash(&code), recovery_hash(" UWS2 LJNF uws2ljnf"));
        assert_ne!(recovery_hash(&code), recovery_hash("uws2-ljnf-uws2-ljnx"));
    }
}
