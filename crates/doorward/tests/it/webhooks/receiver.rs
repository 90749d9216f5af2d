//! [`Receiver`]: a server on this machine that is sent messages, and answers as it is told.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::post,
};
use serde_json::Value as Json;
use tokio::{net::TcpListener, sync::Notify};

/// A message as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Message {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).expect(name).to_str().expect("text")
    }

    pub(super) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Whether one of its signatures is made with this secret.
    pub(super) fn is_signed_with(&self, secret: &str) -> bool {
        let judge = standardwebhooks::Webhook::new(secret).expect("a secret");
        let timestamp = self.header("webhook-timestamp").parse().expect("seconds");
        let expected = judge.sign(self.header("webhook-id"), timestamp, &self.body);
        let expected = expected.expect("a signature");
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

/// How a message is answered.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Status(u16),
    /// With a header.
    Header(u16, &'static str, String),
    /// With a body of so many bytes.
    Large(usize),
    /// Never.
    Never,
}

#[derive(Default)]
struct Inner {
    arrived: Mutex<Vec<Message>>,
    replies: Mutex<VecDeque<Reply>>,
    /// A message has arrived.
    arrival: Notify,
}

/// A server on this machine that is sent messages. It accepts all that it was not told to answer
/// otherwise.
#[derive(Clone)]
pub(super) struct Receiver {
    pub(super) url: String,
    inner: Arc<Inner>,
}

impl Receiver {
    pub(super) async fn open() -> Self {
        let inner = Arc::new(Inner::default());
        let router = Router::new().route("/hook", post(receive)).with_state(Arc::clone(&inner));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, inner }
    }

    /// The next messages are answered like this, one after the other.
    pub(super) fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        self.inner.replies.lock().expect("no panic").extend(replies);
    }

    /// What has arrived since this was asked last.
    pub(super) fn arrived(&self) -> Vec<Message> {
        std::mem::take(&mut *self.inner.arrived.lock().expect("no panic"))
    }

    /// Waits until so many messages are there.
    pub(super) async fn wait_for(&self, count: usize) {
        loop {
            let arrival = self.inner.arrival.notified();
            if self.inner.arrived.lock().expect("no panic").len() >= count {
                return;
            }
            arrival.await;
        }
    }
}

async fn receive(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let reply = inner.replies.lock().expect("no panic").pop_front();
    inner.arrived.lock().expect("no panic").push(Message { headers, body });
    inner.arrival.notify_one();
    let status = |status| StatusCode::from_u16(status).expect("a status");
    match reply.unwrap_or(Reply::Status(204)) {
        Reply::Status(code) => status(code).into_response(),
        Reply::Header(code, name, value) => (status(code), [(name, value)]).into_response(),
        Reply::Large(bytes) => "x".repeat(bytes).into_response(),
        Reply::Never => std::future::pending().await,
    }
}
