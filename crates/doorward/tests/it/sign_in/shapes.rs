//! The ways in: from our side, from the provider's, and as a test.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use directory::{
    break_glass,
    saml::{
        self, Change, NameId, State,
        request_key::{self, RequestKey},
    },
};
use testkit::{PUBLIC_URL, contract};

use super::browser::{Browser, Door, SESSION};
use crate::scim::support::Client;

/// Who is signed in, by userName.
pub(super) async fn who(browser: &Browser) -> Option<String> {
    let answer = browser.get("/session").await;
    match answer.status {
        200 => answer.json()["user"]["userName"].as_str().map(str::to_owned),
        401 => None,
        other => panic!("{other}: {}", answer.text()),
    }
}

contract!(async fn a_person_whom_okta_pushed_signs_in(store) {
    let door = Door::open(store).await;
    let user = door.client.user("Noor@Birchwood.example").await;
    let group = door.client.group("Engineering", &[&user]).await;
    let browser = door.browser();
    let answer = door.sign_in(&browser, "noor@birchwood.example").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/console/me")));
    let session = browser.get("/session").await.json();
    assert_eq!(session["user"]["id"], *user);
    assert_eq!(session["user"]["userName"], "Noor@Birchwood.example");
    assert_eq!(session["groups"], serde_json::json!(["Engineering"]));
    assert_eq!(session["organization"]["slug"], "acme");
    assert_eq!(session["connection"], door.client.connection.connection.id.to_string());
    assert!(!group.is_empty());
    let profile = browser.get("/console/me").await.text();
    for part in ["signed in to acme", "Noor@Birchwood.example", "<li>Engineering</li>"] {
        assert!(profile.contains(part), "{part} is not in {profile}");
    }
    let nobody = door.browser().get("/console/me").await;
    assert_eq!((nobody.status, nobody.header("location")), (303, Some("/signin")));
    assert!(door.audited().await.starts_with("session.started "), "{}", door.audited().await);
});

contract!(async fn whoever_wanted_a_page_gets_there(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    for (wanted, there) in [
        ("?return_to=%2Foauth%2Fauthorize%3Fclient_id%3Dx", "/oauth/authorize?client_id=x"),
        ("?return_to=https%3A%2F%2Fevil.example", "/console/me"),
        ("?return_to=%2F%2Fevil.example", "/console/me"),
    ] {
        let browser = door.browser();
        let asked = door.ask(&browser, wanted).await;
        let statement = door.statement(Some(&asked), "noor");
        let sent = door.bring(&browser, &asked.relay_state, &statement).await;
        let answer = browser.get(sent.header("location").expect("where to")).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some(there)), "{wanted}");
    }
});

contract!(async fn two_tabs_of_one_browser_both_come_in(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let browser = door.browser();
    let (one, other) = (door.ask(&browser, "").await, door.ask(&browser, "").await);
    for asked in [one, other] {
        let statement = door.statement(Some(&asked), "noor");
        let sent = door.bring(&browser, &asked.relay_state, &statement).await;
        let answer = browser.get(sent.header("location").expect("where to")).await;
        assert_eq!(answer.status, 303);
    }
    assert_eq!(who(&browser).await.as_deref(), Some("noor"));
});

contract!(async fn an_answer_that_no_one_asked_for_is_a_hint(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let browser = door.browser();
    let sent = door.bring(&browser, "", &door.statement(None, "noor")).await;
    assert_eq!((sent.status, browser.cookie(SESSION)), (303, None));
    // The browser is sent to the provider, which knows the person already.
    let login = sent.header("location").expect("where to").to_owned();
    let asks = browser.get(&login).await;
    let asked = door.asked(asks.header("location").expect("the provider"));
    let sent = door.bring(&browser, &asked.relay_state, &door.statement(Some(&asked), "noor")).await;
    browser.get(sent.header("location").expect("where to")).await;
    assert_eq!(who(&browser).await.as_deref(), Some("noor"));
    // A second hint in the same half minute goes no further: it would go round for ever.
    let sent = door.bring(&browser, "unknown", &door.statement(None, "noor")).await;
    let answer = browser.get(sent.header("location").expect("where to")).await;
    assert_eq!(answer.status, 403);
    assert!(door.audited().await.contains("state_lost"));
});

contract!(async fn a_connection_may_take_answers_that_no_one_asked_for(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    door.set(Change { unsolicited: Some(true), ..Change::default() }).await;
    let browser = door.browser();
    let statement = door.statement(None, "noor");
    let sent = door.bring(&browser, "https://evil.example", &statement).await;
    let answer = browser.get(sent.header("location").expect("where to")).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/console/me")));
    // It does not take the place of someone else, whose browser was led here.
    door.client.user("mallory").await;
    let sent = door.bring(&browser, "", &door.statement(None, "mallory")).await;
    let answer = browser.get(sent.header("location").expect("where to")).await;
    assert_eq!((answer.status, who(&browser).await.as_deref()), (403, Some("noor")));
    assert!(door.audited().await.contains("someone_else"));
    // Once.
    let again = door.bring(&door.browser(), "", &statement).await;
    assert_eq!(again.status, 403);
    assert!(door.audited().await.contains("\"replayed\""));
});

contract!(async fn a_test_shows_what_would_happen_and_lets_no_one_in(store) {
    let door = Door::of(Client::open(store).await, "birchwood", State::Testing).await;
    door.client.user("noor").await;
    let browser = door.browser();
    let asked = door.ask(&browser, "").await;
    let mut statement = door.statement(Some(&asked), "noor");
    statement.attributes = vec![("department".to_owned(), "R&D <b>".to_owned())];
    let sent = door.bring(&browser, &asked.relay_state, &statement).await;
    let page = browser.get(sent.header("location").expect("where to")).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    for part in ["Nobody was signed in.", "It would sign in <strong>noor</strong>", "department"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(text.contains("R&#38;D &#60;b&#62;"), "{text}");
    assert_eq!(browser.cookie(SESSION), None);
    // Who is not known would not come in, and the page says why.
    let page = door.sign_in(&browser, "stranger").await.text();
    assert!(page.contains("No user of the organization is meant by this NameID."), "{page}");
    // A good test was seen: now it can be enforced.
    // Someone has to come in should the provider fail.
    let acme = door.client.connection.organization.by_operator();
    let id = door.client.connection.connection.id;
    let enforce = || Change { state: Some(State::Enforced), ..Change::default() };
    let refused = acme.write(move |writer| saml::set(writer, id, enforce())).await;
    let why = refused.expect_err("no one could come in").to_string();
    assert!(why.contains("Make a break-glass account"), "{why}");
    let made = break_glass::create(&acme.store, &acme.operator, "ada@acme.example").await;
    let made = made.expect("an account");
    let key = break_glass::find(&acme.store, &made.link).await.expect("a link").totp_key;
    let code = key.code_at(store.now());
    let typed = ("correct horse battery", &*code);
    break_glass::enroll(&acme.store, &made.link, typed, None).await.expect("enrolled");
    let enforced = door.set(enforce()).await;
    assert_eq!(enforced.state, State::Enforced);
});

contract!(async fn who_is_not_here_yet_is_created_where_the_connection_says_so(store) {
    let organization = store.organization("acme").await;
    let server = testkit::TestServer::new(store);
    let client = Client::for_sign_in_only(server, &organization).await;
    let door = Door::of(client, "birchwood", State::Enforced).await;
    let browser = door.browser();
    assert_eq!(door.sign_in(&browser, "new@birchwood.example").await.status, 403);
    door.set(Change { create_users: Some(true), ..Change::default() }).await;
    let asked = door.ask(&browser, "").await;
    let mut statement = door.statement(Some(&asked), "new@birchwood.example");
    statement.attributes = [("firstName", "Noor"), ("lastName", "Haddad")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let sent = door.bring(&browser, &asked.relay_state, &statement).await;
    browser.get(sent.header("location").expect("where to")).await;
    let session = browser.get("/session").await.json();
    assert_eq!(session["user"]["userName"], "new@birchwood.example");
    assert_eq!(session["user"]["displayName"], "Noor Haddad");
    assert_eq!(session["user"]["email"], "new@birchwood.example");
    // The same person the next time.
    let again = door.browser();
    door.sign_in(&again, "new@birchwood.example").await;
    assert_eq!(again.get("/session").await.json()["user"]["id"], session["user"]["id"]);
});

contract!(async fn a_name_id_may_be_the_external_id(store) {
    let door = Door::open(store).await;
    let body = r#"{"userName":"noor","externalId":"00u1","emails":[{"value":"n@birchwood.example"}]}"#;
    assert_eq!(door.client.post("/Users", body).await.status, 201);
    door.set(Change { name_id: Some(NameId::ExternalId), ..Change::default() }).await;
    let browser = door.browser();
    door.sign_in(&browser, "00u1").await;
    assert_eq!(who(&browser).await.as_deref(), Some("noor"));
    door.set(Change { name_id: Some(NameId::Email), ..Change::default() }).await;
    let browser = door.browser();
    door.sign_in(&browser, "N@Birchwood.example").await;
    assert_eq!(who(&browser).await.as_deref(), Some("noor"));
    let stranger = door.browser();
    assert_eq!(door.sign_in(&stranger, "noor").await.status, 403);
    assert_eq!(who(&stranger).await, None);
});

contract!(async fn the_provider_reads_our_addresses(store) {
    let door = Door::open(store).await;
    let browser = door.browser();
    let metadata = browser.get(&door.address("metadata")).await;
    assert_eq!(metadata.status, 200);
    let text = metadata.text();
    assert!(text.contains(&format!("entityID=\"{}\"", door.address("metadata"))), "{text}");
    assert!(text.contains(&format!("Location=\"{}\"", door.address("acs"))), "{text}");
    assert!(!text.contains('_'), "Okta refuses an address with an underscore: {text}");
    assert!(text.contains(PUBLIC_URL));
});

contract!(async fn a_request_is_signed_by_the_key_in_our_metadata(store) {
    let door = Door::open(store).await;
    let (browser, id) = (door.browser(), door.client.connection.connection.id);
    let plain = browser.get(&door.address("login")).await;
    assert!(!plain.header("location").expect("an address").contains("&Signature="));
    let metadata = browser.get(&door.address("metadata")).await.text();
    assert!(metadata.contains("AuthnRequestsSigned=\"false\""), "{metadata}");
    let key = RequestKey::make(&store.store, id).await.expect("a key");
    let operator = door.client.connection.organization.by_operator();
    operator.write(move |writer| request_key::set(writer, id, Some(&key))).await.expect("signed");
    let metadata = browser.get(&door.address("metadata")).await.text();
    assert!(metadata.contains("AuthnRequestsSigned=\"true\""), "{metadata}");
    let (_, certificate) = metadata.split_once("X509Certificate>").expect("a certificate");
    let certificate = certificate.split('<').next().expect("its end");
    let signed = browser.get(&door.address("login")).await;
    let location = signed.header("location").expect("an address");
    assert!(location.contains("&SigAlg=") && location.contains("&Signature="), "{location}");
    let (provider, _) = door.provider.described();
    let provider = Some(saml::Provider { binding: saml::Binding::Post, ..provider });
    door.set(Change { provider, untested: true, ..Change::default() }).await;
    let page = browser.get(&door.address("login")).await.text();
    let (_, field) = page.split_once("name=\"SAMLRequest\" value=\"").expect("a field");
    let field = field.split('"').next().expect("its end");
    let field = field.replace("&#61;", "=").replace("&#43;", "+").replace("&#38;", "&");
    let request = String::from_utf8(STANDARD.decode(field).expect("base64")).expect("text");
    assert!(judged(&request, certificate), "{request}");
    assert!(!judged(&request.replace("/sso/saml", "/sso/other"), certificate), "{request}");
});

/// Whether `xmlsec1` finds a request signed by the key of a certificate.
fn judged(request: &str, certificate: &str) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let pem = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
    std::fs::write(folder.path().join("certificate.pem"), pem).expect("a file");
    std::fs::write(folder.path().join("request.xml"), request).expect("a file");
    let judge = std::process::Command::new("xmlsec1")
        .args(["--verify", "--pubkey-cert-pem", "certificate.pem"])
        .args(["--id-attr:ID", "AuthnRequest", "request.xml"])
        .current_dir(folder.path())
        .output();
    judge.expect("xmlsec1, of the Debian package xmlsec1").status.success()
}
