//! [`finish()`]: the browser that asked comes for the answer, and the person is let in, or not.

use super::{Assertion, Refusal, SamlConnection, TAKE_ANSWER, person, record_refusal};
use crate::{
    access::Verb,
    audit::{self, kinds},
    clock::Time,
    connection::Connection,
    credential::secret::Secret,
    error::Error,
    id::{ConnectionId, ConnectionNo, ResourceId},
    resource::User,
    saml::{self, Settings, State},
    session::{self, About, Client, NewSession, Policy},
    store::{Store, Writer},
};

/// How a sign-in ended.
#[derive(Debug)]
pub enum Finished {
    /// The person is in.
    SignedIn {
        /// The session.
        session: Box<NewSession>,
        /// Where to go.
        return_to: String,
    },
    /// It was a test: no one is in.
    Tested(Box<Test>),
    /// No one is in.
    Refused(Refusal),
}

/// What a test sign-in shows.
#[derive(Clone, Debug)]
pub struct Test {
    /// What arrived.
    pub assertion: Assertion,
    /// Who would be in, by id and userName, or why no one would.
    pub outcome: Result<(String, String), Refusal>,
}

/// The browser that comes for an answer.
#[derive(Debug)]
pub struct Browser {
    /// What it was given when it asked the provider.
    pub asked: Option<Secret>,
    /// Who is signed in with it already.
    pub signed_in: Option<ResourceId>,
    /// Where it is.
    pub client: Client,
}

/// Takes the answer back for the browser that asked, and lets the person in. An answer that no one
/// asked for does not take the place of another person who is signed in.
///
/// # Errors
///
/// Those of the store.
pub async fn finish(
    store: &Store,
    at: &SamlConnection,
    handle: Secret,
    browser: Browser,
    policy: Policy,
) -> Result<Finished, Error> {
    let (connection, settings) = (at.connection.clone(), at.settings.clone());
    let closed = at.closed();
    let finished = store.write(&at.access, move |writer| {
        writer.permit(Verb::SignIn)?;
        let id = connection.id;
        let (assertion, asked) = match take(writer, &connection, &handle, &browser)? {
            // A handle that leads to nothing may be anyone's: no one is told of it.
            Taken::Nothing => return Ok(Finished::Refused(Refusal::AnswerLost)),
            Taken::Unfit => return refuse(writer, id, Refusal::AnswerLost, None),
            Taken::Answer(assertion, asked) => (*assertion, asked),
        };
        let name_id = Some(assertion.name_id.clone());
        if let Some(closed) = &closed {
            return refuse(writer, id, closed.clone(), name_id);
        }
        if settings.state == State::Testing {
            return test(writer, &connection, &settings, assertion);
        }
        if let (None, Some(other)) = (&asked, browser.signed_in) {
            let meant = person::meant(writer, &connection, &settings, &assertion)?;
            if meant.map(|user| user.id) != Ok(other) {
                return refuse(writer, id, Refusal::SomeoneElse, name_id);
            }
        }
        let user = match person::admit(writer, &connection, &settings, &assertion)? {
            Ok(user) => user,
            Err(refusal) => return refuse(writer, id, refusal, name_id),
        };
        let mut about = About::of_saml(&assertion, &browser.client);
        if let Some(address) = &asked {
            about = about.begun_for(address);
        }
        let cap = assertion.session_not_on_or_after.map(Time::from_micros);
        let session = session::start(writer, &user, Some(&connection), about, (&policy, cap))?;
        let return_to = asked.unwrap_or_default();
        Ok(Finished::SignedIn { session: Box::new(session), return_to })
    });
    finished.await
}

/// What a handle leads to.
enum Taken {
    /// Nothing: it was made up, or used before.
    Nothing,
    /// An answer that is too old, or another browser's, or another connection's.
    Unfit,
    /// An answer and, where this browser asked for it, where to go.
    Answer(Box<Assertion>, Option<String>),
}

fn take(
    writer: &mut Writer<'_>,
    connection: &Connection,
    handle: &Secret,
    browser: &Browser,
) -> Result<Taken, Error> {
    let Some(mut row) = writer.change(TAKE_ANSWER, &[handle.hash().as_slice().into()])?.pop()
    else {
        return Ok(Taken::Nothing);
    };
    let is_here = row.get::<ConnectionNo>("connection")? == connection.no();
    let in_time = writer.now() < row.get::<Time>("expires")?;
    let asker: Option<Vec<u8>> = row.get("browser")?;
    let is_asker = asker
        .as_ref()
        .is_none_or(|hash| browser.asked.as_ref().is_some_and(|secret| secret.is_of(hash)));
    if !(is_here && in_time && is_asker) {
        return Ok(Taken::Unfit);
    }
    let text: String = row.get("assertion")?;
    let assertion =
        serde_json::from_str(&text).map_err(|error| row.damaged("assertion", error.to_string()))?;
    let return_to: String = row.get("return_to")?;
    Ok(Taken::Answer(Box::new(assertion), asker.map(|_| return_to)))
}

fn test(
    writer: &mut Writer<'_>,
    connection: &Connection,
    settings: &Settings,
    assertion: Assertion,
) -> Result<Finished, Error> {
    let outcome = person::meant(writer, connection, settings, &assertion)?
        .map(|user: User| (user.id.to_string(), user.name().to_owned()));
    // Who would be created on arrival is none who is missing.
    let is_good =
        outcome.is_ok() || (settings.create_users && outcome == Err(Refusal::UnknownUser));
    if is_good {
        saml::tested(writer, connection.no())?;
    }
    let payload = kinds::SignInTested {
        name_id: assertion.name_id.clone(),
        good: is_good,
        reason: outcome.as_ref().err().map(|refusal| refusal.code().to_owned()),
    };
    audit::record(writer, &connection.id.to_string(), payload)?;
    Ok(Finished::Tested(Box::new(Test { assertion, outcome })))
}

fn refuse(
    writer: &mut Writer<'_>,
    connection: ConnectionId,
    refusal: Refusal,
    name_id: Option<String>,
) -> Result<Finished, Error> {
    record_refusal(writer, connection, refusal.code(), refusal.to_string(), name_id)?;
    Ok(Finished::Refused(refusal))
}
