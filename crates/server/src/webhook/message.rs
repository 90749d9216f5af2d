//! [`Signed`]: a message as it goes over the wire (Standard Webhooks, "Webhook payload structure" and
//! "Signature scheme").

use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use bytes::Bytes;
use directory::{
    Time, WebhookId,
    webhook::{Secret, work::Message},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Serialize;
use serde_json::json;

use crate::api::FeedEvent;

/// Which scheme a signature is of: HMAC-SHA256.
const SCHEME: &str = "v1";
/// The type of the message that a test sends.
const TEST: &str = "webhook.test";

/// A message with its signatures.
pub(super) struct Signed {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

#[derive(Serialize)]
struct Payload<D> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: D,
}

impl<D: Serialize> Payload<D> {
    fn signed(&self, id: &str, (now, secrets): (Time, &[Secret])) -> Signed {
        let body = serde_json::to_vec(self).expect("an event is JSON");
        // Whole seconds since 1970: receivers refuse what is some minutes old.
        let timestamp = now.timestamp().as_second().to_string();
        let sign = |secret: &Secret| {
            let content = [id.as_bytes(), b".", timestamp.as_bytes(), b".", &body];
            format!("{SCHEME},{}", BASE64.encode(secret.sign(&content)))
        };
        let signatures = secrets.iter().map(sign).collect::<Vec<_>>().join(" ");
        let mut headers = HeaderMap::new();
        for (name, text) in [
            ("webhook-id", id),
            ("webhook-timestamp", &timestamp),
            ("webhook-signature", &signatures),
        ] {
            let value = HeaderValue::try_from(text).expect("it is of visible characters of ASCII");
            headers.insert(HeaderName::from_static(name), value);
        }
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        Signed { headers, body: body.into() }
    }
}

/// An event. `data` is what the feed of the API shows of it.
pub(super) fn event(message: &Message, (now, secrets): (Time, &[Secret])) -> Signed {
    let payload = Payload {
        kind: message.event.described().name,
        timestamp: message.event.at.to_string(),
        data: FeedEvent::of(message.organization, &message.event),
    };
    payload.signed(&message.id(), (now, secrets))
}

/// A message that says nothing, to see whether it arrives.
pub(super) fn test(id: &str, webhook: WebhookId, (now, secrets): (Time, &[Secret])) -> Signed {
    let data = json!({ "webhook": webhook });
    let payload = Payload { kind: TEST, timestamp: now.to_string(), data };
    payload.signed(id, (now, secrets))
}
