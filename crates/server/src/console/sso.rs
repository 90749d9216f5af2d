//! `.../{connection}/sso`: single sign-on. Our values for the provider, the provider's for us, and
//! whether people sign in by it.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use directory::{
    Error, Time, Writer, connection,
    plan::{self, Feature},
    saml::{
        self, Change, Described, Provider, Settings, State,
        certificate::{self, Certificate, Standing},
        request_key::{self, RequestKey},
        source::{self, Source},
    },
};

use super::{
    Frame, Posted, Visitor,
    icon::{Icon, Tag, Tone},
    integrations::{At, frame},
    message::Message,
    posted::done,
    time::Moment,
    words,
};
use crate::{error::HttpError, page::Page, provider_metadata, sign_in::address::Addresses};

/// A certificate, as a page shows it.
#[derive(Debug)]
struct Line {
    sha256: String,
    short: String,
    is_pending: bool,
    expires: Moment,
    used: Option<Moment>,
    state: Tag,
}

/// Where the metadata is read every day, as a page shows it.
#[derive(Debug)]
struct Followed {
    url: String,
    read: Option<Moment>,
    failure: Option<String>,
}

impl From<Source> for Followed {
    fn from(source: Source) -> Self {
        Self { url: source.url, read: source.read.map(Moment), failure: source.failure }
    }
}

#[expect(clippy::struct_excessive_bools, reason = "a page shows or leaves out each part by itself")]
#[derive(Debug, Template)]
#[template(path = "console/sso.html")]
struct Sso {
    frame: Frame,
    provider_name: &'static str,
    state: Tag,
    is_off: bool,
    is_testing: bool,
    ours: Vec<(&'static str, &'static str, String)>,
    metadata: String,
    login: String,
    provider: Option<Provider>,
    source: Option<Followed>,
    signs_requests: bool,
    certificates: Vec<Line>,
    tested: Option<Moment>,
    may_change: bool,
    refusal: Option<String>,
    address: String,
}

/// `GET .../{connection}/sso`
pub(super) async fn show(visitor: Visitor, at: At) -> Result<Response, HttpError> {
    let now = visitor.store().clock().now();
    let (connection, settings, source, key, certificates, refusal) = visitor
        .read(move |reader| {
            let found = connection::get(reader, at.0)?;
            let refusal = match plan::require(reader, Feature::Saml) {
                Ok(()) => None,
                Err(error @ Error::Denied { .. }) => Some(error.to_string()),
                Err(error) => return Err(error),
            };
            let settings = saml::get(reader, at.0)?;
            let source = source::get(reader, at.0)?;
            let key = request_key::get(reader, at.0)?;
            Ok((found, settings, source, key, certificate::list(reader, at.0)?, refusal))
        })
        .await?;
    let addresses = Addresses::of(visitor.app().public_url(), at.0);
    let logout = format!("{}/oauth/global-token-revocation/{}", visitor.app().public_url(), at.0);
    let Settings { state, provider, tested, .. } = settings;
    let page = Sso {
        frame: frame(&visitor, &connection, "Single sign-on", "/sso"),
        provider_name: words::of(&connection).provider,
        state: match state {
            State::Off => Tag(Tone::Off, "Off"),
            State::Testing => Tag(Tone::Waiting, "Testing"),
            State::Enforced => Tag(Tone::Done, "Enforced"),
        },
        is_off: state == State::Off,
        is_testing: state == State::Testing,
        ours: vec![
            ("acs", "Single sign-on URL", addresses.acs()),
            ("entity", "Audience URI (SP Entity ID)", addresses.entity_id()),
            ("logout", "Universal Logout endpoint", logout),
        ],
        metadata: addresses.entity_id(),
        login: addresses.login(),
        provider,
        source: source.map(Followed::from),
        signs_requests: key.is_some(),
        certificates: certificates.iter().map(|one| line(one, now)).collect(),
        tested: tested.map(Moment),
        may_change: visitor.is_superadmin() || visitor.bearer().is_some(),
        refusal,
        address: at.page("/sso"),
    };
    Ok(Page::ok(page).into_response())
}

/// What someone should do about the keys of a provider, in sentences.
pub(super) fn due(certificates: &[Certificate], provider: &str, now: Time) -> Vec<String> {
    let mut due = Vec::new();
    if certificates.iter().any(|one| !one.trusted) {
        due.push(format!(
            "{provider} has published a new key. It waits under Single sign-on until a superadmin trusts it."
        ));
    }
    // Where there is a successor already, the end of another one is what was meant.
    let last = certificates.iter().filter(|one| one.trusted).max_by_key(|one| one.not_after);
    let day = |one: &Certificate| one.not_after.timestamp().strftime("%-d %b %Y").to_string();
    match last.map(|one| (one, one.standing(now))) {
        Some((one, Standing::ExpiresSoon)) => due.push(format!(
            "The certificate of {provider} expires on {}. Add its successor under Single sign-on.",
            day(one)
        )),
        Some((one, Standing::Expired)) => due.push(format!(
            "The certificate of {provider} expired on {}. Sign-in goes on with it; {provider} should have \
             another one by now.",
            day(one)
        )),
        _ => {}
    }
    due
}

fn line(one: &Certificate, now: Time) -> Line {
    let sha256 = certificate::hexadecimal(&one.sha256);
    Line {
        short: sha256.chars().take(16).collect(),
        sha256,
        expires: Moment(one.not_after),
        used: one.last_used.map(Moment),
        is_pending: !one.trusted,
        state: match one.standing(now) {
            Standing::Pending => Tag(Tone::Attention, "Pending"),
            Standing::Expired => Tag(Tone::Problem, "Expired"),
            Standing::ExpiresSoon => Tag(Tone::Attention, "Expires soon"),
            Standing::Trusted => Tag(Tone::Done, "Trusted"),
        },
    }
}

/// `POST .../{connection}/sso/metadata`: what the provider says of itself.
pub(super) async fn metadata(posted: Posted, at: At) -> Result<Response, HttpError> {
    let described = Described::read(posted.text("metadata").as_bytes())?;
    let save = move |writer: &mut Writer<'_>| {
        plan::require(writer, Feature::Saml)?;
        saml::describe(writer, at.0, &described, &Change::default())
    };
    posted.visitor.write(save).await?;
    Ok(done(&at.page("/sso"), Message::Saved))
}

/// `POST .../{connection}/sso/metadata-url`: where the provider says it, to be read every day.
pub(super) async fn metadata_url(posted: Posted, at: At) -> Result<Response, HttpError> {
    let url = posted.text("url").to_owned();
    let described = provider_metadata::read(posted.visitor.app().outbound(), &url).await?;
    let save = move |writer: &mut Writer<'_>| {
        plan::require(writer, Feature::Saml)?;
        source::set(writer, at.0, &url, &described, &Change::default())
    };
    posted.visitor.write(save).await?;
    Ok(done(&at.page("/sso"), Message::Saved))
}

/// `POST .../{connection}/sso/sign-requests`: whether ours are signed.
pub(super) async fn sign_requests(posted: Posted, at: At) -> Result<Response, HttpError> {
    let (visitor, signs) = (&posted.visitor, posted.text("sign") == "on");
    let key = RequestKey::wanted(visitor.store(), visitor.access(), at.0, signs).await?;
    let set = move |writer: &mut Writer<'_>| {
        plan::require(writer, Feature::Saml)?;
        request_key::set(writer, at.0, key.as_ref())
    };
    visitor.write(set).await?;
    Ok(done(&at.page("/sso"), Message::Saved))
}

/// `POST .../{connection}/sso/state`
pub(super) async fn set_state(posted: Posted, at: At) -> Result<Response, HttpError> {
    let state = State::parse(posted.text("state"));
    let state = state.ok_or_else(|| Error::invalid("state", "There is no such state."))?;
    let set = move |writer: &mut Writer<'_>| {
        plan::require(writer, Feature::Saml)?;
        saml::set(writer, at.0, Change { state: Some(state), ..Change::default() })
    };
    posted.visitor.write(set).await?;
    Ok(done(&at.page("/sso"), Message::Saved))
}

/// `POST .../{connection}/sso/certificate/remove`
pub(super) async fn remove_certificate(posted: Posted, at: At) -> Result<Response, HttpError> {
    let sha256 = posted.text("sha256").to_owned();
    let remove = move |writer: &mut Writer<'_>| certificate::remove(writer, at.0, &sha256);
    posted.visitor.write(remove).await?;
    Ok(done(&at.page("/sso"), Message::Removed))
}

/// `POST .../{connection}/sso/certificate/trust`
pub(super) async fn trust_certificate(posted: Posted, at: At) -> Result<Response, HttpError> {
    let sha256 = posted.text("sha256").to_owned();
    let trust = move |writer: &mut Writer<'_>| certificate::trust(writer, at.0, &sha256);
    posted.visitor.write(trust).await?;
    Ok(done(&at.page("/sso"), Message::Trusted))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use directory::{Time, saml::certificate::Certificate};

    use super::due;

    #[test]
    fn what_is_to_be_done_about_keys_is_told_and_nothing_else() {
        let now = Time::from_micros(1_800_000_000_000_000);
        let day = Duration::from_hours(24);
        let one = |trusted, not_after| Certificate {
            sha256: vec![7; 32],
            der: vec![7],
            not_after,
            added: now,
            trusted,
            last_used: None,
        };
        let (old, soon, far) = (now.minus(day), now.plus(day), now.plus(day * 365));
        let first = |certificates: &[Certificate]| due(certificates, "Okta", now);
        assert_eq!(first(&[]), <[&str; 0]>::default());
        assert_eq!(first(&[one(true, far)]), <[&str; 0]>::default());
        assert!(first(&[one(true, soon)])[0].contains("expires on 16 Jan 2027"));
        assert!(first(&[one(true, old)])[0].contains("expired on 14 Jan 2027"));
        // It has a successor.
        assert_eq!(first(&[one(true, old), one(true, far)]), <[&str; 0]>::default());
        // A successor that no one trusts yet is none.
        let both = first(&[one(true, soon), one(false, far)]);
        assert!(both.len() == 2 && both[0].contains("new key"), "{both:?}");
    }
}
