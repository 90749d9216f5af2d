//! Searching: each index, and the scan where there is none, mean the same.

use std::time::Duration;

use directory::search::{self, PageStart, Search, check_members};
use scim::{Filter, Object, Value, schema::builtin};
use testkit::{TestOrganization, contract};

use crate::support::{
    Shipped, change_user, code, create_user, delete_user, get_user, named, names, set_active, strs,
    team, teams, whole,
};

fn full(name: &str, mail: &str, display: &str, number: &str) -> Object {
    let email = Object::new().with("value", mail).with("type", "work").with("primary", true);
    testkit::user(name)
        .with("externalId", format!("ext-{name}"))
        .with("displayName", display)
        .with("emails", vec![Value::from(email)])
        .with(
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            Object::new().with("employeeNumber", number),
        )
}

async fn people(org: &TestOrganization) {
    for (name, mail, display, number) in [
        ("ada", "Ada@Example.com", "Ada Lovelace", "1"),
        ("alan", "alan@example.com", "Alan Turing", "2"),
        ("grace", "grace@example.org", "Grace Hopper", "3"),
        ("ada2", "ada@example.com", "Ada Lovelace", "4"),
    ] {
        create_user(org, full(name, mail, display, number)).await.expect("new");
    }
}

contract! {
    async fn every_index_finds_what_it_indexes(store) {
        let acme = store.organization("acme").await;
        people(&acme).await;
        let id = named(&acme, "bare").await.id;
        set_active(&acme, id, false).await;
        let by_id = format!(r#"id eq "{id}""#);
        for (filter, expected) in [
            (r#"userName eq "ALAN""#, &["alan"][..]),
            (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "alan""#, &["alan"]),
            (r#"externalId eq "ext-grace""#, &["grace"]),
            (r#"externalId eq "EXT-GRACE""#, &[]),
            (&by_id, &["bare"]),
            (r#"id eq "nonsense""#, &[]),
            (r#"displayName eq "ada lovelace""#, &["ada", "ada2"]),
            (r#"emails.value eq "ADA@example.com""#, &["ada", "ada2"]),
            (r#"emails eq "grace@example.org""#, &["grace"]),
            (r#"emails[value eq "alan@example.com"]"#, &["alan"]),
            (r#"emails[type eq "work" and value eq "alan@example.com"]"#, &["alan"]),
            (r#"emails[type eq "home" and value eq "alan@example.com"]"#, &[]),
            (
                r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "3""#,
                &["grace"],
            ),
            (r#"userName eq "unknown""#, &[]),
        ] {
            assert_eq!(names(&acme, filter).await, expected, "{filter}");
        }
    }
}

contract! {
    async fn terms_combine(store) {
        let acme = store.organization("acme").await;
        people(&acme).await;
        for (filter, expected) in [
            (r#"displayName eq "Ada Lovelace" and externalId eq "ext-ada2""#, &["ada2"][..]),
            (r#"displayName eq "Ada Lovelace" and userName co "2""#, &["ada2"]),
            (r#"userName co "2" and displayName eq "Ada Lovelace""#, &["ada2"]),
            (
                r#"userName eq "grace" or emails.value eq "ada@example.com""#,
                &["ada", "grace", "ada2"],
            ),
            (r#"userName eq "ada" or userName eq "ADA""#, &["ada"]),
            (r#"userName eq "grace" or title pr"#, &["grace"]),
            (r#"(userName eq "ada" or userName eq "alan") and active eq true"#, &["ada", "alan"]),
            (r#"userName eq "ada" and userName eq "alan""#, &[]),
            (r#"not (userName eq "ada")"#, &["alan", "grace", "ada2"]),
        ] {
            assert_eq!(names(&acme, filter).await, expected, "{filter}");
        }
    }
}

contract! {
    async fn what_has_no_index_is_found_by_looking(store) {
        let acme = store.organization("acme").await;
        people(&acme).await;
        let alan = directory_id(&acme, "alan").await;
        set_active(&acme, alan, false).await;
        for (filter, expected) in [
            (r#"userName sw "AD""#, &["ada", "ada2"][..]),
            (r#"userName co "ra""#, &["grace"]),
            (r#"emails.value ew ".org""#, &["grace"]),
            ("active eq false", &["alan"]),
            ("active eq true", &["ada", "grace", "ada2"]),
            (r#"displayName ne "Ada Lovelace""#, &["alan", "grace"]),
            ("title pr", &[]),
            (r#"userName gt "b""#, &["grace"]),
        ] {
            assert_eq!(names(&acme, filter).await, expected, "{filter}");
        }
    }
}

async fn directory_id(org: &TestOrganization, name: &str) -> directory::ResourceId {
    let filter = format!(r#"userName eq "{name}""#);
    crate::support::search(org, Shipped::Users, &filter).await[0].id
}

contract! {
    async fn an_index_follows_the_changes(store) {
        let acme = store.organization("acme").await;
        people(&acme).await;
        let ada = directory_id(&acme, "ada").await;
        let email = Object::new().with("value", "new@example.com").with("type", "work");
        let attributes = get_user(&acme, ada).await.expect("there").attributes.to_object();
        let attributes = attributes
            .with("emails", vec![Value::from(email)])
            .with("userName", "lovelace");
        change_user(&acme, ada, attributes).await.expect("free");
        // The evaluator would hide an index row that was left over; `verify` does not.
        store.assert_clean().await;
        assert_eq!(names(&acme, r#"emails.value eq "ada@example.com""#).await, ["ada2"]);
        assert_eq!(names(&acme, r#"emails.value eq "New@example.com""#).await, ["lovelace"]);
        assert!(names(&acme, r#"userName eq "ada""#).await.is_empty());
        delete_user(&acme, ada).await.expect("there");
        assert!(names(&acme, r#"emails.value eq "new@example.com""#).await.is_empty());
        assert_eq!(names(&acme, r#"displayName eq "Ada Lovelace""#).await, ["ada2"]);
    }
}

contract! {
    async fn changes_since_a_time_are_found(store) {
        let acme = store.organization("acme").await;
        for name in ["ada", "alan", "grace"] {
            store.clock.advance(Duration::from_mins(1));
            named(&acme, name).await;
        }
        let ada = directory_id(&acme, "ada").await;
        store.clock.advance(Duration::from_mins(1));
        set_active(&acme, ada, false).await;
        for (filter, expected) in [
            (r#"meta.lastModified gt "2026-01-01T00:02:00Z""#, &["ada", "grace"][..]),
            (r#"meta.lastModified ge "2026-01-01T00:02:00Z""#, &["ada", "alan", "grace"]),
            (r#"meta.lastModified gt "2026-01-01T00:04:00Z""#, &[]),
            (r#"meta.lastModified lt "2026-01-01T00:03:00Z""#, &["alan"]),
            (r#"meta.created le "2026-01-01T00:01:00Z""#, &["ada"]),
        ] {
            assert_eq!(names(&acme, filter).await, expected, "{filter}");
        }
        team(&acme, "Crew", &[]).await;
        let recent = r#"meta.lastModified ge "2026-01-01T00:04:00Z""#;
        assert_eq!(teams(&acme, recent).await, ["Crew"]);
    }
}

contract! {
    async fn a_page_of_matches_knows_how_many_there_are(store) {
        let acme = store.organization("acme").await;
        for number in 0..7 {
            named(&acme, &format!("user{number}")).await;
            named(&acme, &format!("other{number}")).await;
        }
        let filter = Filter::parse(r#"userName sw "user""#).expect("a filter");
        for (skip, count, expected) in
            [(0, 3, "012"), (3, 3, "345"), (6, 3, "6"), (9, 3, ""), (2, 0, "")]
        {
            let start = PageStart::Offset(skip);
            let search = Search { start, count, budget: 100, ..whole(filter.clone()) };
            let page = acme
                .read(move |reader| search::search(reader, &[builtin::user()], &search))
                .await
                .expect("found");
            let found: String =
                page.items.iter().filter_map(|user| user.name().chars().last()).collect();
            assert_eq!((page.total, &*found), (7, expected));
        }
    }
}

contract! {
    async fn too_much_to_look_at_is_refused_and_an_index_is_not(store) {
        let acme = store.organization("acme").await;
        for number in 0..12 {
            let user = testkit::user(&format!("user{number}")).with("displayName", "Same");
            create_user(&acme, user).await.expect("new");
        }
        let run = |filter: &str, budget| {
            let filter = Filter::parse(filter).expect("a filter");
            let search = Search { count: 1, budget, ..whole(filter) };
            let acme = acme.clone();
            async move {
                acme.read(move |reader| search::search(reader, &[builtin::user()], &search)).await
            }
        };
        assert_eq!(code(run(r#"userName co "1""#, 11).await), "too_expensive");
        assert_eq!(run(r#"userName co "1""#, 12).await.expect("just enough").total, 3);
        assert_eq!(code(run(r#"displayName eq "same""#, 11).await), "too_expensive");
        assert_eq!(run(r#"displayName eq "same""#, 12).await.expect("just enough").total, 12);
        assert_eq!(run(r#"userName eq "user3""#, 1).await.expect("an index").total, 1);
        let both = r#"userName co "user" and userName eq "user3""#;
        assert_eq!(run(both, 1).await.expect("an index").total, 1);
    }
}

contract! {
    async fn groups_are_found_by_name_and_member(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await.id.to_string();
        let alan = named(&acme, "alan").await.id.to_string();
        let inner = team(&acme, "Inner", &[&ada]).await.id.to_string();
        team(&acme, "Outer", &[&inner, &alan]).await;
        team(&acme, "Empty", &[]).await;
        let cases = [
            (r#"displayName eq "INNER""#.to_owned(), vec!["Inner"]),
            (format!(r#"id eq "{inner}""#), vec!["Inner"]),
            (format!(r#"members.value eq "{ada}""#), vec!["Inner"]),
            (format!(r#"members.value eq "{inner}""#), vec!["Outer"]),
            (format!(r#"members[value eq "{alan}" and type eq "User"]"#), vec!["Outer"]),
            (
                format!(r#"members.value eq "{ada}" or members.value eq "{alan}""#),
                vec!["Inner", "Outer"],
            ),
            (format!(r#"members.value eq "{ada}" and members.value eq "{alan}""#), vec![]),
            (format!(r#"not (members.value eq "{ada}")"#), vec!["Outer", "Empty"]),
            (format!(r#"members.value eq "{ada}" and displayName sw "in""#), vec!["Inner"]),
            (r#"members.value eq "unknown""#.to_owned(), vec![]),
            (r#"displayName sw "e""#.to_owned(), vec!["Empty"]),
        ];
        for (filter, expected) in cases {
            let parsed = Filter::parse(&filter).expect("a filter");
            check_members(builtin::group(), &parsed).expect("allowed");
            assert_eq!(teams(&acme, &filter).await, expected, "{filter}");
        }
        for filter in ["members pr", r#"members.value sw "a""#, r#"members[type eq "User"]"#] {
            let parsed = Filter::parse(filter).expect("a filter");
            assert!(check_members(builtin::group(), &parsed).is_err(), "{filter}");
        }
    }
}

contract! {
    async fn users_are_found_by_their_groups(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await.id.to_string();
        let alan = named(&acme, "alan").await.id.to_string();
        named(&acme, "grace").await;
        let inner = team(&acme, "Inner", &strs(&[ada])).await.id.to_string();
        let outer = team(&acme, "Outer", &strs(&[inner.clone(), alan])).await.id.to_string();
        for (filter, expected) in [
            (format!(r#"groups.value eq "{inner}""#), vec!["ada"]),
            (format!(r#"groups.value eq "{outer}""#), vec!["ada", "alan"]),
            (format!(r#"groups[value eq "{outer}" and type eq "direct"]"#), vec!["alan"]),
            (r#"groups.display eq "inner""#.to_owned(), vec!["ada"]),
            ("groups pr".to_owned(), vec!["ada", "alan"]),
        ] {
            assert_eq!(names(&acme, &filter).await, expected, "{filter}");
        }
    }
}

contract! {
    async fn long_and_strange_values_are_found(store) {
        let acme = store.organization("acme").await;
        let long = "é".repeat(3_000);
        let strange = "' or 1=1; -- %_\\ \u{1F600}";
        for name in [&*long, strange] {
            named(&acme, name).await;
        }
        named(&acme, &format!("{long}x")).await;
        let quoted = serde_json::to_string(strange).expect("JSON");
        assert_eq!(names(&acme, &format!("userName eq {quoted}")).await, [strange]);
        assert_eq!(
            names(&acme, &format!(r#"userName eq "{}""#, long.to_uppercase())).await,
            [long]
        );
    }
}
