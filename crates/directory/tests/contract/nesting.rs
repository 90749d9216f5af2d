//! Groups in groups: who is where, and no loops.

use testkit::{TestOrganization, contract};

use crate::support::{
    add_members, create_group, groups_of, invalid, members, named, names, newest, remove_members,
    team, try_add_members,
};

async fn displays(org: &TestOrganization, id: directory::ResourceId) -> Vec<(String, bool)> {
    let groups = groups_of(org, id).await;
    groups.into_iter().map(|group| (group.display, group.direct)).collect()
}

contract! {
    async fn a_member_of_a_member_is_in_the_group_by_way_of_it(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let inner = team(&acme, "Inner", &[&ada.id.to_string()]).await;
        let outer = team(&acme, "Outer", &[&inner.id.to_string()]).await;
        let top = team(&acme, "Top", &[&outer.id.to_string(), &ada.id.to_string()]).await;
        let expected = [("Inner", true), ("Top", true), ("Outer", false)];
        let expected = expected.map(|(name, direct)| (name.to_owned(), direct));
        let mut shown = displays(&acme, ada.id).await;
        shown.sort_by_key(|(name, direct)| (!direct, name.clone()));
        assert_eq!(shown, expected);
        assert_eq!(members(&acme, outer.id).await, [inner.id.to_string()]);
        remove_members(&acme, outer.id, &[&inner.id.to_string()]).await;
        assert_eq!(displays(&acme, ada.id).await.len(), 2);
        assert_eq!(members(&acme, top.id).await.len(), 2);
    }
}

contract! {
    async fn a_loop_is_refused(store) {
        let acme = store.organization("acme").await;
        let one = team(&acme, "One", &[]).await;
        let two = team(&acme, "Two", &[&one.id.to_string()]).await;
        let three = team(&acme, "Three", &[&two.id.to_string()]).await;
        let before = newest(&acme).await;
        for id in [one.id, two.id, three.id] {
            let looped = try_add_members(&acme, one.id, &[&id.to_string()]).await;
            assert_eq!(invalid(looped), "members");
        }
        assert_eq!(newest(&acme).await, before);
        assert!(members(&acme, one.id).await.is_empty());
        // The other way about it is a tree.
        add_members(&acme, three.id, &[&one.id.to_string()]).await;
    }
}

contract! {
    async fn no_loop_is_too_long_to_be_found(store) {
        let acme = store.organization("acme").await;
        let bottom = team(&acme, "group0", &[]).await;
        let mut top = bottom.clone();
        for number in 1..40 {
            top = team(&acme, &format!("group{number}"), &[&top.id.to_string()]).await;
        }
        let looped = try_add_members(&acme, bottom.id, &[&top.id.to_string()]).await;
        assert_eq!(invalid(looped), "members");
        assert!(members(&acme, bottom.id).await.is_empty());
    }
}

contract! {
    async fn two_towers_that_are_joined_are_followed_to_the_top(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        let mut towers = Vec::new();
        for tower in ["low", "high"] {
            let first = if tower == "low" { vec![ada.id.to_string()] } else { vec![] };
            let first: Vec<&str> = first.iter().map(String::as_str).collect();
            let bottom = team(&acme, &format!("{tower}0"), &first).await;
            let mut top = bottom.clone();
            for number in 1..30 {
                top = team(&acme, &format!("{tower}{number}"), &[&top.id.to_string()]).await;
            }
            towers.push((bottom, top));
        }
        let [(_, joint), (bottom, top)] = &towers[..] else { panic!("two towers") };
        add_members(&acme, bottom.id, &[&joint.id.to_string()]).await;
        let groups = groups_of(&acme, ada.id).await;
        assert_eq!(groups.len(), 60);
        assert_eq!(groups.iter().filter(|group| group.direct).count(), 1);
        let by_top = format!(r#"groups.value eq "{}""#, top.id);
        assert_eq!(names(&acme, &by_top).await, ["ada"]);
        assert_eq!(names(&acme, &format!("{by_top} and title pr")).await, [""; 0]);
        assert_eq!(names(&acme, &format!("{by_top} and active eq true")).await, ["ada"]);
    }
}

contract! {
    async fn a_pending_name_closes_no_loop(store) {
        let acme = store.organization("acme").await;
        let outer = testkit::group("Outer").with("externalId", "outer");
        let inner = team(&acme, "Inner", &["outer"]).await;
        let outer = create_group(&acme, outer, &[&inner.id.to_string()]).await.expect("new");
        assert!(members(&acme, inner.id).await.is_empty());
        assert_eq!(members(&acme, outer.id).await, [inner.id.to_string()]);
    }
}
