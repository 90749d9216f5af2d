//! Lists: any page of users or groups is a slice of all of them in the order of their creation.

use directory::{
    Error, ResourceId, group,
    user::{self, Rehire},
};
use testkit::{TestOrganization, contract};

use crate::support::{Shipped, delete_group, delete_user, list};

async fn page(
    org: &TestOrganization,
    of: Shipped,
    skip: u64,
    count: u64,
) -> (u64, Vec<ResourceId>) {
    let page = list(org, of, skip, count).await;
    (page.total, page.items.iter().map(|resource| resource.id).collect())
}

/// Compares pages at many places with the slices of a plain list.
async fn compare(org: &TestOrganization, of: Shipped, all: &[ResourceId]) {
    let total = all.len() as u64;
    let mut places = vec![0, 1, 126, 127, 128, 129, 200, 255, 256, 257, total, total + 1, 1 << 40];
    places.extend((0..total).step_by(37));
    places.extend([total.saturating_sub(1), u64::MAX / 2]);
    for skip in places {
        for count in [0, 1, 3, 130] {
            let start = usize::try_from(skip).unwrap_or(usize::MAX).min(all.len());
            let end = start.saturating_add(usize::try_from(count).expect("small")).min(all.len());
            let expected = (total, all[start..end].to_vec());
            assert_eq!(page(org, of, skip, count).await, expected, "{skip}, {count}");
        }
    }
}

/// Numbers that jump about, the same each time.
fn shuffled(count: usize) -> impl Iterator<Item = usize> {
    let mut state: usize = 7;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % count
    })
}

contract! {
    async fn any_page_is_a_slice(store) {
        let acme = store.organization("acme").await;
        compare(&acme, Shipped::Users, &[]).await;
        // Users and groups share one row of numbers, so their blocks have gaps of each other.
        let (mut users, mut groups) = acme
            .write(|writer| {
                let (mut users, mut groups) = (Vec::new(), Vec::new());
                for number in 0..400 {
                    let person = testkit::user(&format!("user{number}"));
                    users.push(user::create(writer, &person, Rehire::BringBack)?.id);
                    if number % 3 == 0 {
                        let team = testkit::group(&format!("group{number}"));
                        groups.push(group::create(writer, &team, &[])?.id);
                    }
                }
                Ok::<_, Error>((users, groups))
            })
            .await
            .expect("fresh names");
        compare(&acme, Shipped::Users, &users).await;
        compare(&acme, Shipped::Groups, &groups).await;
        for at in shuffled(220).take(150) {
            delete_user(&acme, users.remove(at)).await.expect("there");
        }
        for at in shuffled(70).take(50) {
            delete_group(&acme, groups.remove(at)).await.expect("there");
        }
        compare(&acme, Shipped::Users, &users).await;
        compare(&acme, Shipped::Groups, &groups).await;
        // Whole blocks go, and new ones come after them.
        for id in users.drain(..180) {
            delete_user(&acme, id).await.expect("there");
        }
        for number in 0..20 {
            users.push(crate::support::named(&acme, &format!("late{number}")).await.id);
        }
        compare(&acme, Shipped::Users, &users).await;
        for id in users.drain(..) {
            delete_user(&acme, id).await.expect("there");
        }
        compare(&acme, Shipped::Users, &users).await;
    }
}
