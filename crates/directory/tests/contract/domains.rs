//! Domains: added, verified, found, and never two organizations' at once.

use directory::{
    domain::{self, Domain, DomainName, Proof},
    saml::{self, Change, State, certificate},
    sign_in::discover,
};
use testkit::{SamlProvider, TestOrganization, contract};

use crate::support::{audit_kinds, code, is_missing, newest_audit, said};

fn name(text: &str) -> DomainName {
    DomainName::parse(text).expect("a domain")
}

async fn add(org: &TestOrganization, text: &'static str) -> Domain {
    org.write(move |writer| domain::add(writer, &name(text))).await.expect("added")
}

contract! {
    async fn a_domain_is_verified_by_its_record_and_by_nothing_else(store) {
        let acme = store.organization("acme").await;
        let before = newest_audit(&acme).await;
        let added = add(&acme, "acme.example").await;
        assert_eq!(add(&acme, "ACME.example.").await.record_value(), added.record_value());
        assert_eq!(added.record_name(), "_doorward.acme.example");
        let verify = async |texts: &[String]| {
            domain::verify(&acme.store, &acme.access, &added.name, texts).await
        };
        let why = said(verify(&[]).await);
        assert!(why.starts_with("No TXT record was found there. Add a TXT record _doorward."), "{why}");
        let other = [format!("{}x", added.record_value())];
        assert!(said(verify(&other).await).starts_with("One TXT record was found"));
        let texts = ["v=spf1 -all".to_owned(), added.record_value()];
        let verified = verify(&texts).await.expect("verified");
        assert!(matches!(verified.verified, Some((_, Proof::Dns))));
        assert!(acme.read(|reader| domain::verifies(reader, "ada@Acme.example")).await.expect("read"));
        assert!(!acme.read(|reader| domain::verifies(reader, "ada@x.acme.example")).await.expect("read"));
        let kinds = audit_kinds(&acme, before).await;
        assert_eq!(kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>(), ["domain.added", "domain.verified"]);
    }
}

contract! {
    async fn a_domain_belongs_to_one_organization(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let shared = name("shared.example");
        add(&acme, "shared.example").await;
        add(&umbra, "shared.example").await;
        domain::vouch(&acme.store, &acme.access, &shared).await.expect("verified");
        let taken = domain::vouch(&umbra.store, &umbra.access, &shared).await;
        assert!(said(taken).contains("verified by another organization"));
        assert!(!umbra.read(|reader| domain::verifies(reader, "a@shared.example")).await.expect("read"));
        domain::remove(&acme.store, &acme.access, &shared).await.expect("removed");
        domain::vouch(&umbra.store, &umbra.access, &shared).await.expect("it is free");
        assert!(is_missing(&domain::remove(&acme.store, &acme.access, &shared).await));
        let missing = name("missing.example");
        assert!(is_missing(&domain::vouch(&acme.store, &acme.access, &missing).await));
    }
}

contract! {
    async fn an_organization_has_a_bound_number_of_domains(store) {
        let acme = store.organization("acme").await;
        let fill = |writer: &mut directory::Writer<'_>| {
            for number in 0..100 {
                domain::add(writer, &name(&format!("d{number}.example")))?;
            }
            Ok(())
        };
        acme.write(fill).await.expect("a hundred");
        let more = acme.write(|writer| domain::add(writer, &name("more.example"))).await;
        assert_eq!(code(more), "conflict");
    }
}

contract! {
    async fn what_is_typed_leads_to_the_connection_of_its_organization(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        add(&acme, "acme.example").await;
        let found = async |typed: &str| discover(&acme.store, typed).await.expect("read");
        domain::vouch(&acme.store, &acme.access, &name("acme.example")).await.expect("verified");
        assert_eq!(found("ada@acme.example").await, None, "no one signs in there yet");
        let (provider, pem) = SamlProvider::new("acme").described();
        let id = okta.connection.id;
        let set = move |writer: &mut directory::Writer<'_>| {
            certificate::add(writer, id, &pem, true)?;
            let state = Some(State::Enforced);
            let change = Change { provider: Some(provider.clone()), state, untested: true, ..Change::default() };
            saml::set(writer, id, change)
        };
        acme.write(set).await.expect("set");
        for typed in ["ada@acme.example", " Ada@ACME.example ", "acme", "ACME"] {
            assert_eq!(found(typed).await, Some(id), "{typed}");
        }
        for typed in ["", "ada", "ada@umbra.example", "@acme.example", "umbra", &"a".repeat(400)] {
            assert_eq!(found(typed).await, None, "{typed}");
        }
        domain::remove(&acme.store, &acme.access, &name("acme.example")).await.expect("removed");
        assert_eq!(found("ada@acme.example").await, None);
    }
}
