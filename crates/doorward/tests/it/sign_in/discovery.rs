//! `/signin`: from what a person types to the provider.

use directory::domain::{self, DomainName};
use testkit::{PUBLIC_URL, contract};

use super::{
    browser::{Browser, Door},
    shapes::who,
};

/// What `/signin` answers to what was typed, and where it leads.
async fn typed(browser: &Browser, login: &str) -> (String, testkit::Answer) {
    let fields = [("login", login), ("return_to", "/console/me?from=signin")];
    let answer = browser.post("/signin", PUBLIC_URL, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let page = answer.text();
    assert!(page.contains("content=\"0; url=/signin/continue?return_to="), "{page}");
    let next = browser.get("/signin/continue?return_to=%2Fconsole%2Fme%3Ffrom%3Dsignin").await;
    (page, next)
}

contract!(async fn a_person_is_led_on_and_a_stranger_learns_nothing_at_first(store) {
    let door = Door::open(store).await;
    door.client.user("noor@acme.example").await;
    let acme = door.client.connection.organization.by_operator();
    let name = DomainName::parse("acme.example").expect("a domain");
    let added = name.clone();
    acme.write(move |writer| domain::add(writer, &added)).await.expect("added");
    domain::vouch(&acme.store, &acme.access, &name).await.expect("verified");
    let browser = door.browser();
    let form = browser.get("/signin?return_to=/console/me").await;
    assert!(form.text().contains("<input id=\"login\" name=\"login\" type=\"text\""));
    assert!(form.text().contains("href=\"/signin/break-glass\""));
    let (known, led) = typed(&browser, "noor@acme.example").await;
    let login = format!("{}?return_to=%2Fconsole%2Fme%3Ffrom%3Dsignin", door.address("login"));
    assert_eq!((led.status, led.header("location")), (303, Some(&*login)));
    let (unknown, led) = typed(&browser, "noor@umbra.example").await;
    assert_eq!(known, unknown);
    assert_eq!(led.status, 200);
    assert!(led.text().contains("No sign-in is known for <strong>noor@umbra.example</strong>"));
    // The slug leads there as well, and the whole way ends where it was to.
    let (_, led) = typed(&browser, acme.slug.as_str()).await;
    let asked = browser.get(led.header("location").expect("a provider")).await;
    let asked = door.asked(asked.header("location").expect("the provider's address"));
    let statement = door.statement(Some(&asked), "noor@acme.example");
    let sent = door.bring(&browser, &asked.relay_state, &statement).await;
    let home = browser.get(sent.header("location").expect("where to")).await;
    assert_eq!(home.header("location"), Some("/console/me?from=signin"));
    assert_eq!(who(&browser).await.as_deref(), Some("noor@acme.example"));
});

contract!(async fn a_sign_in_is_begun_on_our_own_page(store) {
    let door = Door::open(store).await;
    let browser = door.browser();
    let foreign = browser.post("/signin", "https://evil.example", &[("login", "acme")]).await;
    assert_eq!(foreign.status, 403);
    let empty = browser.post("/signin", PUBLIC_URL, &[("login", "  ")]).await;
    assert_eq!(empty.status, 422);
    let page = "<script>alert(1)</script>";
    let (_, led) = typed(&browser, page).await;
    assert!(!led.text().contains(page) && led.text().contains("&#60;script&#62;"), "{}", led.text());
    // Without what was typed there is nothing to lead on.
    let again = browser.get("/signin/continue").await;
    assert_eq!(again.header("location"), Some("/signin?return_to=%2Fconsole%2Fme"));
});
