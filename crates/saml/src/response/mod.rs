//! [`verify`]: from a form field to a person, by rules that all must hold, in their order.

mod refusal;
mod shape;
mod verified;
mod vocabulary;

use jiff::{SignedDuration, Timestamp};
use roxmltree::Node;

use self::shape::{Assertion, Response};
pub use self::{
    refusal::{NameIdFault, Part, Refusal},
    verified::{Attribute, Attributes, NameId, Remark, VerifiedAssertion},
};
use crate::{
    certificate::Certificate,
    excerpt::Excerpt,
    limit::{
        CLOCK_SKEW, LARGEST_FORM_FIELD, LARGEST_MESSAGE, LONGEST_NAME_ID, OLDEST_MESSAGE,
        OLDEST_UNSOLICITED,
    },
    signature, time,
    xml::{self, Children, attribute, qualified, saml, text},
};

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// What a response must be to sign somebody in. All of it is configuration: nothing comes from the
/// message or from the request that carried it.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The entity ID of the identity provider.
    pub provider_entity_id: &'a str,
    /// The certificates of the connection: two while a new one is rolled out.
    pub certificates: &'a [Certificate],
    /// What must be signed.
    pub signed: Signed,
    /// Our entity ID.
    pub entity_id: &'a str,
    /// The address that responses are posted to, with scheme and host.
    pub acs_url: &'a str,
    /// Which request is answered.
    pub in_response_to: InResponseTo<'a>,
}

/// What a connection wants to be signed. The assertion always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// Response and assertion: Okta's default.
    Both,
    /// The assertion, and the response if it has a signature: Entra ID and Google.
    Assertion,
}

/// Which request a response answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InResponseTo<'a> {
    /// The `ID` of the pending request of this browser.
    Request(&'a str),
    /// None: sign-in began at the provider. Only where the connection allows it.
    Unsolicited,
}

/// Reads the form field `SAMLResponse` (SAML bindings §3.5) and judges it at the moment `now`.
///
/// # Errors
///
/// The first rule that does not hold.
pub fn verify(
    form_field: &str,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<VerifiedAssertion, Refusal> {
    let message = decode(form_field)?;
    let document = xml::parse(xml::utf8(&message, LARGEST_MESSAGE)?)?;
    vocabulary::check(&document)?;
    let response = Response::read(document.root_element())?;
    let certificate = verify_signatures(&response, expected)?;
    let assertion = &response.assertion;
    check_head(Part::Response, response.node, response.issuer, expected, now)?;
    check_address(response.node, "Destination", expected)?;
    let issued = check_head(Part::Assertion, assertion.node, assertion.issuer, expected, now)?;
    let conditions_end = check_conditions(assertion.conditions, expected, now)?;
    let confirmation_end = check_confirmation(assertion, expected, now)?;
    let session_end = session_not_on_or_after(assertion.authn_statement, now)?;
    check_in_response_to(&response, expected)?;
    if expected.in_response_to == InResponseTo::Unsolicited {
        check_age(Part::Assertion, issued, OLDEST_UNSOLICITED, now)?;
    }
    let name_id = name_id(assertion.name_id)?;

    let mut attributes = Attributes::default();
    for (node, values) in &assertion.attributes {
        attributes.push(attribute(*node, "Name")?, values);
    }
    let statement = assertion.authn_statement;
    let last = time::later(issued, OLDEST_MESSAGE).min(conditions_end).min(confirmation_end);
    Ok(VerifiedAssertion {
        id: attribute(assertion.node, "ID")?.to_owned(),
        issuer: assertion.issuer.to_owned(),
        name_id,
        attributes,
        authn_instant: moment(statement, "AuthnInstant")?,
        authn_context_class: assertion.authn_context_class.map(str::to_owned),
        session_index: statement.attribute("SessionIndex").map(str::to_owned),
        session_not_on_or_after: session_end,
        replay_until: time::later(last, CLOCK_SKEW),
        certificate: certificate.fingerprint(),
        remarks: remarks(&response, certificate, now),
    })
}

/// Base64 removed.
pub(crate) fn decode(form_field: &str) -> Result<Vec<u8>, Refusal> {
    if form_field.len() > LARGEST_FORM_FIELD {
        return Err(Refusal::FormFieldTooLarge);
    }
    xml::decode_base64(form_field).ok_or(Refusal::NotBase64)
}

/// The certificate that verifies the assertion.
fn verify_signatures<'c>(
    response: &Response<'_>,
    expected: &Expected<'c>,
) -> Result<&'c Certificate, Refusal> {
    if let Some(found) = response.signature {
        signature::verify(found, response.node, Part::Response, expected.certificates)?;
    } else if expected.signed == Signed::Both {
        return Err(Refusal::Unsigned(Part::Response));
    }
    let assertion = &response.assertion;
    signature::verify(assertion.signature, assertion.node, Part::Assertion, expected.certificates)
}

/// What Response and Assertion have in common; gives the `IssueInstant`.
fn check_head<'a>(
    part: Part,
    node: Node<'a, 'a>,
    found_issuer: &str,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    let version = attribute(node, "Version")?;
    if version != "2.0" {
        return Err(Refusal::Version { part, found: Excerpt::of(version) });
    }
    if found_issuer != expected.provider_entity_id {
        return Err(Refusal::Issuer {
            part,
            expected: Excerpt::of(expected.provider_entity_id),
            found: Excerpt::of(found_issuer),
        });
    }
    let issued = moment(node, "IssueInstant")?;
    let ahead = issued.duration_since(now);
    if ahead > CLOCK_SKEW {
        return Err(Refusal::IssuedInFuture { part, seconds: ahead.as_secs() });
    }
    check_age(part, issued, OLDEST_MESSAGE + CLOCK_SKEW, now)?;
    Ok(issued)
}

fn check_age(
    part: Part,
    issued: Timestamp,
    oldest: SignedDuration,
    now: Timestamp,
) -> Result<(), Refusal> {
    let age = now.duration_since(issued);
    if age >= oldest {
        return Err(Refusal::IssuedLongAgo { part, seconds: age.as_secs() });
    }
    Ok(())
}

/// Byte for byte: no case is folded, no port or slash is added.
fn check_address<'a>(
    node: Node<'a, 'a>,
    name: &'static str,
    expected: &Expected<'_>,
) -> Result<(), Refusal> {
    let found = attribute(node, name)?;
    if found != expected.acs_url {
        return Err(Refusal::Address {
            attribute: name,
            expected: Excerpt::of(expected.acs_url),
            found: Excerpt::of(found),
        });
    }
    Ok(())
}

/// SAML core §2.5.1; gives `NotOnOrAfter`.
fn check_conditions<'a>(
    conditions: Node<'a, 'a>,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    let early = moment(conditions, "NotBefore")?.duration_since(now);
    if early > CLOCK_SKEW {
        return Err(Refusal::NotYetValid { seconds: early.as_secs() });
    }
    let end = end(conditions, "NotOnOrAfter", "Conditions", now)?;
    let mut children = Children::of(conditions)?;
    let mut audiences = 0;
    while let Some(condition) = children.peek() {
        if let Some(restriction) = children.optional(saml("AudienceRestriction")) {
            check_audience(restriction, expected)?;
            audiences += 1;
        } else if let Some(one_time_use) = children.optional(saml("OneTimeUse")) {
            // Every assertion is used once.
            Children::of(one_time_use)?.end()?;
        } else {
            return Err(Refusal::UnknownCondition { found: qualified(condition) });
        }
    }
    if audiences == 0 {
        return Err(Refusal::NoAudience);
    }
    Ok(end)
}

/// SAML core §2.5.1.4: one of the audiences is us; each restriction must hold.
fn check_audience<'a>(restriction: Node<'a, 'a>, expected: &Expected<'_>) -> Result<(), Refusal> {
    let mut children = Children::of(restriction)?;
    let audiences = children.many(saml("Audience")).into_iter().map(text);
    let audiences = audiences.collect::<Result<Vec<&str>, _>>()?;
    children.end()?;
    if audiences.contains(&expected.entity_id) {
        return Ok(());
    }
    Err(Refusal::Audience {
        expected: Excerpt::of(expected.entity_id),
        found: Excerpt::of(audiences.last().copied().unwrap_or_default()),
    })
}

/// SAML profiles §4.1.4.2; gives `NotOnOrAfter`.
fn check_confirmation(
    assertion: &Assertion<'_>,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    let method = attribute(assertion.confirmation, "Method")?;
    if method != BEARER {
        return Err(Refusal::ConfirmationMethod { found: Excerpt::of(method) });
    }
    let data = assertion.confirmation_data;
    if data.has_attribute("NotBefore") {
        return Err(Refusal::ConfirmationNotBefore);
    }
    let end = end(data, "NotOnOrAfter", "SubjectConfirmationData", now)?;
    check_address(data, "Recipient", expected)?;
    Ok(end)
}

fn session_not_on_or_after<'a>(
    statement: Node<'a, 'a>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Refusal> {
    const NAME: &str = "SessionNotOnOrAfter";
    let is_there = statement.has_attribute(NAME);
    is_there.then(|| end(statement, NAME, "AuthnStatement", now)).transpose()
}

/// A moment that has not come yet.
fn end<'a>(
    node: Node<'a, 'a>,
    name: &'static str,
    element: &'static str,
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    let end = moment(node, name)?;
    let past = now.duration_since(end);
    if past >= CLOCK_SKEW {
        return Err(Refusal::Expired { attribute: name, element, seconds: past.as_secs() });
    }
    Ok(end)
}

fn moment<'a>(node: Node<'a, 'a>, name: &'static str) -> Result<Timestamp, Refusal> {
    let text = attribute(node, name)?;
    time::parse(text).ok_or_else(|| Refusal::Moment { attribute: name, found: Excerpt::of(text) })
}

/// In both places, or in neither.
fn check_in_response_to(response: &Response<'_>, expected: &Expected<'_>) -> Result<(), Refusal> {
    let places =
        [(Part::Response, response.node), (Part::Assertion, response.assertion.confirmation_data)];
    for (part, node) in places {
        match (expected.in_response_to, node.attribute("InResponseTo")) {
            (InResponseTo::Request(request), Some(found))
                if found == request && !found.is_empty() => {}
            (InResponseTo::Request(_), Some(found)) => {
                return Err(Refusal::InResponseTo { part, found: Excerpt::of(found) });
            }
            (InResponseTo::Request(_), None) => return Err(Refusal::NoInResponseTo(part)),
            (InResponseTo::Unsolicited, None) => {}
            (InResponseTo::Unsolicited, Some(_)) => {
                return Err(Refusal::UnexpectedInResponseTo(part));
            }
        }
    }
    Ok(())
}

fn name_id<'a>(node: Node<'a, 'a>) -> Result<NameId, Refusal> {
    let value = text(node)?;
    // Characters that reorder what is shown would let one name look like another.
    let is_reordering = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let fault = if value.is_empty() {
        NameIdFault::Empty
    } else if value.chars().any(|c| c.is_control() || is_reordering(c)) {
        NameIdFault::Control
    } else if value.trim() != value {
        NameIdFault::Blank
    } else if value.chars().count() > LONGEST_NAME_ID {
        NameIdFault::Long
    } else {
        return Ok(NameId {
            value: value.to_owned(),
            format: node.attribute("Format").map(str::to_owned),
        });
    };
    Err(Refusal::NameId(fault))
}

fn remarks(response: &Response<'_>, certificate: &Certificate, now: Timestamp) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let fingerprint = certificate.fingerprint();
    if now > certificate.not_after() {
        remarks.push(Remark::CertificateExpired {
            certificate: fingerprint,
            not_after: certificate.not_after(),
        });
    }
    if now < certificate.not_before() {
        remarks.push(Remark::CertificateNotYetValid {
            certificate: fingerprint,
            not_before: certificate.not_before(),
        });
    }
    if response.signature.is_none() {
        remarks.push(Remark::ResponseUnsigned);
    }
    remarks
}
