//! Two organizations with the same names never see each other.

use directory::{Group, User, group::MemberChange};
use testkit::{TestOrganization, contract};

use crate::support::{
    Shipped, add_members, change_group, change_user, create_user, delete_group, delete_user,
    get_group, get_user, groups_of, is_missing, list, members, names, remove_members, search, set,
    team, teams, try_clear_members,
};

async fn fill(org: &TestOrganization) -> (User, Group) {
    let ada = testkit::user("ada").with("externalId", "00u1").with("displayName", "Ada");
    let ada = create_user(org, ada).await.expect("new");
    let crew = team(org, "Crew", &[&ada.id.to_string(), "00u2"]).await;
    (ada, crew)
}

contract! {
    async fn nothing_is_reached_from_the_other_organization(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let (ada, crew) = fill(&acme).await;
        let (other_ada, other_crew) = fill(&umbra).await;
        assert!(ada.id != other_ada.id && crew.id != other_crew.id);
        let before = (acme.events().await.len(), umbra.events().await.len());

        assert!(is_missing(&get_user(&umbra, ada.id).await));
        assert!(is_missing(&change_user(&umbra, ada.id, testkit::user("x")).await));
        assert!(is_missing(&set(&umbra, ada.id, "title", "x").await));
        assert!(is_missing(&delete_user(&umbra, ada.id).await));
        assert!(is_missing(&get_group(&umbra, crew.id).await));
        let (x, none) = (Some(testkit::group("x")), MemberChange::Replace(Vec::new()));
        assert!(is_missing(&change_group(&umbra, crew.id, x, &[none]).await));
        assert!(is_missing(&try_clear_members(&umbra, crew.id).await));
        assert!(is_missing(&delete_group(&umbra, crew.id).await));

        for filter in [
            r#"userName eq "ada""#.to_owned(),
            r#"externalId eq "00u1""#.to_owned(),
            r#"displayName eq "ada""#.to_owned(),
            "userName pr".to_owned(),
            r#"meta.lastModified ge "2000-01-01T00:00:00Z""#.to_owned(),
            format!(r#"id eq "{}" or id eq "{}""#, ada.id, other_ada.id),
            format!(r#"groups.value eq "{}" or groups.value eq "{}""#, crew.id, other_crew.id),
        ] {
            let found = search(&umbra, Shipped::Users, &filter).await;
            assert_eq!(
                found.iter().map(|user| user.id).collect::<Vec<_>>(),
                [other_ada.id],
                "{filter}"
            );
        }
        assert!(names(&umbra, &format!(r#"id eq "{}""#, ada.id)).await.is_empty());
        assert!(teams(&umbra, &format!(r#"members.value eq "{}""#, ada.id)).await.is_empty());
        let page = list(&umbra, Shipped::Users, 0, 10).await;
        assert_eq!((page.total, page.items[0].id), (1, other_ada.id));
        assert_eq!((acme.events().await.len(), umbra.events().await.len()), before);
        let told = umbra.events().await;
        assert!(told.iter().all(|event| event.target != ada.id.to_string()));
    }
}

contract! {
    async fn what_was_read_in_one_organization_changes_nothing_in_another(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let (ada, crew) = fill(&acme).await;
        let (other_ada, other_crew) = fill(&umbra).await;
        // Both are the first of their organization: they have the same numbers.
        let before = (acme.events().await.len(), umbra.events().await.len());
        let user = ada.clone();
        let changed = umbra
            .write(move |writer| {
                let attributes = user.attributes.to_object().with("title", "x");
                directory::user::change(writer, &user, attributes)
            })
            .await;
        assert!(changed.is_err(), "{changed:?}");
        let (user, group) = (ada.clone(), crew.clone());
        let deleted = umbra.write(move |writer| directory::user::delete(writer, &user)).await;
        assert!(deleted.is_err());
        let deleted = umbra.write(move |writer| directory::group::delete(writer, &group)).await;
        assert!(deleted.is_err());
        for (org, user, group) in [(&acme, &ada, &crew), (&umbra, &other_ada, &other_crew)] {
            let (now, team) = (get_user(org, user.id).await, get_group(org, group.id).await);
            assert_eq!(now.expect("there").version, user.version);
            assert_eq!(team.expect("there").version, group.version);
        }
        assert_eq!((acme.events().await.len(), umbra.events().await.len()), before);
    }
}

contract! {
    async fn a_member_of_the_other_organization_is_an_unknown_name(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let (ada, crew) = fill(&acme).await;
        let (other_ada, other_crew) = fill(&umbra).await;
        let both = [&*ada.id.to_string(), &*crew.id.to_string()];
        assert_eq!(add_members(&umbra, other_crew.id, &both).await.member_count(), 1);
        assert_eq!(members(&umbra, other_crew.id).await, [other_ada.id.to_string()]);
        assert_eq!(groups_of(&acme, ada.id).await.len(), 1);
        remove_members(&umbra, other_crew.id, &both).await;
        assert_eq!(members(&acme, crew.id).await, [ada.id.to_string()]);
        // The person that both wait for arrives in one of them.
        let grace = testkit::user("grace").with("externalId", "00u2");
        let grace = create_user(&umbra, grace).await.expect("new");
        assert_eq!(members(&umbra, other_crew.id).await.len(), 2);
        assert_eq!(members(&acme, crew.id).await, [ada.id.to_string()]);
        delete_user(&umbra, grace.id).await.expect("there");
    }
}

contract! {
    async fn a_tombstone_is_not_inherited_by_another_organization(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        // The connections of both have the same number.
        let okta = store.connection(&acme).await.organization;
        let other = store.connection(&umbra).await.organization;
        let (ada, _) = fill(&okta).await;
        delete_user(&okta, ada.id).await.expect("there");
        let (other, _) = fill(&other).await;
        assert_ne!(other.id, ada.id);
    }
}
