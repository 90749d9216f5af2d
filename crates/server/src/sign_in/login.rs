//! `GET /saml/{connection}/login`: sends a browser to the provider.

use std::time::Duration;

use ::saml::{AuthnRequest, RequestError, SigningKey, request_id};
use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use directory::{
    Secret,
    saml::{Binding, Provider},
    sign_in::{self, SamlConnection},
};
use http::{HeaderMap, StatusCode, header};

use super::{
    At,
    address::{Addresses, ReturnTo},
    not_signed_in,
    pages::SelfPosting,
    refuse,
};
use crate::{App, cookie, error::HttpError, http::query::Query, page::Page};

/// The browser is known again for so long: a person may keep the provider's page open.
const BROWSER_KNOWN: Duration = Duration::from_mins(15);
/// A browser that comes with an answer that no one asked for is sent to the provider once in so long.
const SENT_ON: Duration = Duration::from_secs(30);

/// The name of the query parameter that marks a browser which brought an answer along.
pub(super) const FROM_PROVIDER: &str = "from-provider";

pub(super) async fn login(
    State(app): State<App>,
    at: At,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let query = Query::parse(query.as_deref().unwrap_or_default()).ok();
    let wanted = |name| query.as_ref().and_then(|query| query.get(name));
    if let Some(refusal) = at.saml.closed() {
        tracing::info!(
            connection = %at.saml.connection.id, code = refusal.code(), %refusal, "no sign-in"
        );
        return Ok(not_signed_in(at.peer.request).into_response());
    }
    let jar = app.cookies();
    let is_sent_on = wanted(FROM_PROVIDER).is_some();
    if is_sent_on && jar.get(&headers, cookie::SENT_ON).is_some() {
        let detail = "The answer of the identity provider belongs to no sign-in that was begun here, \
                      also after it was begun anew. Are cookies off in this browser?";
        return refuse(&app, &at, "state_lost", detail.to_owned()).await;
    }
    let return_to = ReturnTo::read(wanted("return_to"));
    let begin = Begin { saml: &at.saml, return_to: &return_to, again: false };
    let Some(mut response) = begin.send(&app, &headers).await? else {
        return Ok(not_signed_in(at.peer.request).into_response());
    };
    if is_sent_on {
        response.headers_mut().append(header::SET_COOKIE, jar.set(cookie::SENT_ON, "1", SENT_ON));
    }
    Ok(response)
}

/// A sign-in that is to begin.
pub(crate) struct Begin<'a> {
    /// Through which connection.
    pub(crate) saml: &'a SamlConnection,
    /// Where the browser goes afterwards.
    pub(crate) return_to: &'a ReturnTo,
    /// Whether the provider is to ask the person even if it knows who it is: `ForceAuthn`.
    pub(crate) again: bool,
}

impl Begin<'_> {
    /// The answer that sends the browser to the provider; `None`: no provider is known.
    pub(crate) async fn send(
        &self,
        app: &App,
        headers: &HeaderMap,
    ) -> Result<Option<Response>, HttpError> {
        let Some(provider) = &self.saml.settings.provider else { return Ok(None) };
        let jar = app.cookies();
        // Tabs of one browser share its secret, so that each can finish what it began.
        let known = jar.get(headers, cookie::BROWSER).and_then(Secret::parse);
        let browser = known.unwrap_or_else(|| Secret::random(app.random()));
        let id = request_id(app.random().bytes());
        let (store, return_to) = (app.store(), self.return_to.as_str());
        let relay_state = sign_in::begin(store, self.saml, &id, &browser, return_to).await?;
        let key = match &self.saml.request_key {
            Some(key) => Some(key.open(store, self.saml.connection.id).await?),
            None => None,
        };
        let mut response = self
            .ask(app, provider, (&id, relay_state.reveal()), key.as_ref())
            .map_err(|error| HttpError::internal().caused_by(&error))?;
        let cookie = jar.set(cookie::BROWSER, browser.reveal(), BROWSER_KNOWN);
        response.headers_mut().append(header::SET_COOKIE, cookie);
        Ok(Some(response))
    }

    /// The answer that makes the browser ask the provider.
    fn ask(
        &self,
        app: &App,
        provider: &Provider,
        (id, relay_state): (&str, &str),
        key: Option<&SigningKey>,
    ) -> Result<Response, RequestError> {
        let addresses = Addresses::of(app.public_url(), self.saml.connection.id);
        let (acs_url, entity_id) = (addresses.acs(), addresses.entity_id());
        let request = AuthnRequest {
            id,
            issue_instant: app.store().clock().now().timestamp(),
            destination: &provider.sso_url,
            acs_url: &acs_url,
            entity_id: &entity_id,
            force_authn: self.again,
        };
        Ok(match provider.binding {
            Binding::Redirect => {
                let address = request.redirect_url(relay_state, key)?;
                (StatusCode::FOUND, [(header::LOCATION, address)]).into_response()
            }
            Binding::Post => {
                let form = SelfPosting {
                    action: provider.sso_url.clone(),
                    saml_request: request.post_field(key)?,
                    relay_state: relay_state.to_owned(),
                };
                let form_action = Some(origin_of(&provider.sso_url).to_owned());
                Page { form_action, ..Page::ok(form) }.into_response()
            }
        })
    }
}

/// Scheme, host and port of an address, as a policy names it.
pub(crate) fn origin_of(address: &str) -> &str {
    let host = address.find("://").map_or(0, |at| at + 3);
    let end = address[host..].find(['/', '?', '#']).map_or(address.len(), |at| host + at);
    &address[..end]
}

#[cfg(test)]
mod tests {
    use super::origin_of;

    #[test]
    fn a_policy_names_the_origin_only() {
        assert_eq!(origin_of("https://idp.example/app/sso?x=1"), "https://idp.example");
        assert_eq!(origin_of("https://idp.example:8443"), "https://idp.example:8443");
        assert_eq!(origin_of("https://idp.example?a#b"), "https://idp.example");
    }
}
