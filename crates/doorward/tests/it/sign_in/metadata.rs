//! Metadata of a provider that is read from its address; [`Publisher`]: what has an address to be read at.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use directory::saml;
use serde_json::{Value as Json, json};
use testkit::{SamlProvider, TestServer, contract};
use tokio::{
    net::TcpListener,
    sync::{OwnedRwLockWriteGuard, RwLock, watch},
};

use super::browser::{Door, SESSION};
use crate::{api::support::Api, scim::support::Client};

/// After so long metadata is due again.
const DAY: Duration = Duration::from_hours(25);

/// What an address answers.
#[derive(Clone, Debug)]
enum Page {
    Text(String),
    Redirect(String),
    Large(usize),
}

/// A server on this machine that has metadata, or what else it is told to answer.
#[derive(Clone)]
pub(crate) struct Publisher {
    pub(crate) url: String,
    page: Arc<Mutex<Page>>,
    asked: Arc<watch::Sender<usize>>,
    /// Whoever asks waits while someone holds it.
    held: Arc<RwLock<()>>,
}

impl Publisher {
    /// With the metadata of the first of these, and the keys of all of them.
    pub(crate) async fn open(keys: &[&SamlProvider]) -> Self {
        Self::of(metadata(keys)).await
    }

    pub(crate) async fn of(text: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let publisher = Self {
            url: format!("http://{}/metadata", listener.local_addr().expect("an address")),
            page: Arc::new(Mutex::new(Page::Text(text))),
            asked: Arc::default(),
            held: Arc::default(),
        };
        let router = Router::new().route("/metadata", get(answer)).with_state(publisher.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        publisher
    }

    fn publish(&self, page: Page) {
        *self.page.lock().expect("no panic") = page;
    }

    pub(crate) fn publish_text(&self, text: String) {
        self.publish(Page::Text(text));
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        *self.asked.borrow()
    }

    /// Answers no one until the guard is dropped.
    pub(crate) async fn hold(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.held).write_owned().await
    }

    /// Waits until it was asked so often.
    pub(crate) async fn asked_times(&self, times: usize) {
        let mut asked = self.asked.subscribe();
        asked.wait_for(|asked| *asked >= times).await.expect("it counts as long as it is there");
    }
}

async fn answer(State(publisher): State<Publisher>) -> Response {
    publisher.asked.send_modify(|asked| *asked += 1);
    let _answering = publisher.held.read().await;
    let page = publisher.page.lock().expect("no panic").clone();
    match page {
        Page::Text(text) => text.into_response(),
        Page::Redirect(to) => (StatusCode::FOUND, [("location", to)]).into_response(),
        Page::Large(bytes) => "x".repeat(bytes).into_response(),
    }
}

/// Metadata of the first of these, with the keys of all of them.
fn metadata(keys: &[&SamlProvider]) -> String {
    let key = |provider: &&SamlProvider| {
        let pem = provider.pem();
        let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        format!(
            "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{base64}\
             </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        )
    };
    let (first, keys) = (keys[0], keys.iter().map(key).collect::<String>());
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" entityID=\"{}\"><md:IDPSSODescriptor \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"{}\"/></md:IDPSSODescriptor></md:EntityDescriptor>",
        first.entity_id, first.sso_url
    )
}

fn address(door: &Door) -> String {
    format!("/organizations/acme/connections/{}/saml", door.client.connection.connection.id)
}

/// Each certificate's standing, the trusted ones first.
async fn standings(api: &Api, at: &str) -> Vec<String> {
    let listed = api.get(&format!("{at}/certificates")).await.expect(200);
    let word = |one: &Json| one["standing"].as_str().expect("a word").to_owned();
    let mut words: Vec<String> =
        listed["items"].as_array().expect("a list").iter().map(word).collect();
    words.sort_by_key(|word| word == "pending");
    words
}

contract!(async fn a_new_key_in_the_metadata_lets_no_one_in_until_it_is_trusted(store) {
    let api = Api::with_receivers(store).await;
    let mut client = Client::open(store).await;
    client.server = TestServer::with_receivers(store);
    let mut door = Door::of(client, "birchwood", saml::State::Enforced).await;
    door.client.user("noor").await;
    let next = SamlProvider::new("birchwood");
    let (at, publisher) = (address(&door), Publisher::open(&[&door.provider]).await);
    let followed = api.patch(&at, json!({ "metadata_url": publisher.url })).await.expect(200);
    assert_eq!(followed["metadata"]["url"], publisher.url);
    let follow = async || server::provider_metadata::follow(api.server.app()).await.expect("read");
    assert_eq!(follow().await, 0, "it was read just now");
    publisher.publish(Page::Text(metadata(&[&door.provider, &next])));
    store.clock.advance(DAY);
    assert_eq!((follow().await, follow().await), (1, 0));
    assert_eq!(publisher.asked(), 2);
    assert_eq!(standings(&api, &at).await, ["trusted", "pending"]);
    // The old key lets people in, and the new one lets no one in.
    let signs = async |door: &Door| {
        let browser = door.browser();
        door.sign_in(&browser, "noor").await;
        browser.cookie(SESSION).is_some()
    };
    assert!(signs(&door).await);
    let old = std::mem::replace(&mut door.provider, next);
    let browser = door.browser();
    let asked = door.ask(&browser, "").await;
    let statement = door.statement(Some(&asked), "noor");
    let refused = door.bring(&browser, &asked.relay_state, &statement).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    // One act, and both do.
    let listed = api.get(&format!("{at}/certificates")).await.expect(200);
    let pending = listed["items"].as_array().expect("a list").iter();
    let pending = pending.filter(|one| one["trusted"] == false).map(|one| one["sha256"].as_str());
    let sha256 = pending.flatten().next().expect("one waits");
    let trust = api.send("POST", &format!("{at}/certificates/{sha256}/trust"), None).await;
    trust.expect(200);
    assert!(signs(&door).await);
    door.provider = old;
    assert!(signs(&door).await, "two overlap");
});

contract!(async fn metadata_is_read_within_limits_and_from_where_it_was_said_to_be(store) {
    let api = Api::with_receivers(store).await;
    let door = Door::open(store).await;
    let (at, publisher) = (address(&door), Publisher::open(&[&door.provider]).await);
    let target = Publisher::open(&[&door.provider]).await;
    let refused = async |url: &str| {
        let refused = api.patch(&at, json!({ "metadata_url": url })).await.expect(400);
        refused["detail"].as_str().expect("a sentence").to_owned()
    };
    publisher.publish(Page::Redirect(target.url.clone()));
    let detail = refused(&publisher.url).await;
    assert!(detail.contains("not followed") && target.asked() == 0, "{detail}");
    publisher.publish(Page::Large(512 * 1024 + 1));
    let detail = refused(&publisher.url).await;
    assert!(detail.contains("larger than 524288 bytes"), "{detail}");
    publisher.publish(Page::Large(512 * 1024));
    let detail = refused(&publisher.url).await;
    assert!(!detail.contains("larger"), "{detail}");
    // A server that may not send to this machine does not.
    let asked = target.asked();
    let closed = Api { server: TestServer::new(store), ..api.clone() };
    for url in [&*target.url, &target.url.replace("http:", "https:"), "https://10.0.0.1/"] {
        let refused = closed.patch(&at, json!({ "metadata_url": url })).await.expect(400);
        assert_eq!(refused["code"], "invalid", "{url}");
    }
    assert_eq!(target.asked(), asked);
    // And who may not change sign-in has no one asked.
    let reader = api.within(&door.client.connection.organization, directory::api_key::Scope::Read);
    let reader = reader.await;
    reader.patch(&at, json!({ "metadata_url": target.url })).await.expect(403);
    assert_eq!(target.asked(), asked);
    let both = json!({ "metadata_url": target.url, "metadata": "<x/>" });
    assert_eq!(api.patch(&at, both).await.expect(400)["code"], "several_providers");
});
