//! Domains and the name of an organization, by its administrators.

use testkit::{Answer, NameServer, PUBLIC_URL, contract};

use super::support::{House, follow, form_token, send};
use crate::sign_in::browser::Browser;

/// The same browser at a server that asks this name server.
async fn check(house: &mut House, browser: &Browser, says: &str) -> Answer {
    house.door.client.server = house.door.client.server.asking(NameServer::start(says));
    let there = house.door.browser();
    let session = crate::sign_in::browser::SESSION;
    there.set_cookie(session, &browser.cookie(session).expect("signed in"));
    send(&there, "/console/domains/acme.example/verify", &[]).await
}

contract!(async fn a_domain_is_added_proven_and_removed_by_a_superadmin(store) {
    let mut house = House::open(store).await;
    let admin = house.person(Some("superadmin")).await;
    let page = admin.get("/console/domains").await.text();
    assert!(page.contains("No domain yet. With one, people find their sign-in by e-mail."), "{page}");
    let refused = send(&admin, "/console/domains", &[("domain", "10.0.0.1")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("is not a domain") && refused.text().contains("value=\"10.0.0.1\""));
    let added = send(&admin, "/console/domains", &[("domain", "Acme.example")]).await;
    let page = follow(&admin, &added).await.text();
    assert!(page.contains("_doorward.acme.example") && page.contains("Not verified yet"), "{page}");
    let (_, rest) = page.split_once("doorward-verification=").expect("the text of the record");
    let value = format!("doorward-verification={}", rest.split('"').next().expect("its end"));

    let other = check(&mut house, &admin, "v=spf1 -all").await;
    assert_eq!(other.status, 422);
    assert!(other.text().contains("it says something else"), "{}", other.text());
    let verified = check(&mut house, &admin, &value).await;
    let page = follow(&admin, &verified).await.text();
    assert!(page.contains("by its DNS") && !page.contains("_doorward."), "{page}");

    let sure = admin.get("/console/domains/acme.example/remove").await.text();
    assert!(sure.contains("Its e-mail addresses lead to no sign-in any more"), "{sure}");
    let removed = send(&admin, "/console/domains/acme.example/remove", &[]).await;
    assert!(follow(&admin, &removed).await.text().contains("No domain yet."));
    assert_eq!(admin.get("/console/domains/acme.example/remove").await.status, 404);
});

contract!(async fn an_admin_sees_domains_and_changes_none(store) {
    let house = House::open(store).await;
    let admin = house.person(Some("admin")).await;
    let page = admin.get("/console/domains").await.text();
    assert!(page.contains("Only a superadmin adds and removes domains."), "{page}");
    let token = form_token(&admin.get("/console/guides").await.text());
    let fields = [("csrf", &*token), ("domain", "acme.example")];
    assert_eq!(admin.post("/console/domains", PUBLIC_URL, &fields).await.status, 403);
    assert!(!admin.get("/console/domains").await.text().contains("acme.example"));
});

contract!(async fn an_administrator_gives_the_organization_another_name(store) {
    let house = House::open(store).await;
    let admin = house.person(Some("admin")).await;
    let saved = send(&admin, "/console/settings", &[("name", "Birch & Söhne")]).await;
    let page = follow(&admin, &saved).await.text();
    assert!(page.contains("Birch &#38; Söhne") || page.contains("Birch &amp; Söhne"), "{page}");
    assert!(house.door.audited().await.starts_with("organization.renamed "));
    let refused = send(&admin, "/console/settings", &[("name", " ")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("has a name of 1 to 200 characters"), "{}", refused.text());
});
