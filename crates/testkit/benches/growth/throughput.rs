//! How many users are created in a second, by so many clients at once.

use std::time::{Duration, Instant};

use bench::people;
use tokio::task::JoinSet;

use crate::site::Site;

/// Creates users for some time with so many clients, each of which waits for its answers.
/// Answers users per second.
pub(crate) fn creates(site: &mut Site, clients: usize, time: Duration) -> usize {
    let mut numbers: Vec<std::vec::IntoIter<usize>> = Vec::new();
    for _ in 0..clients {
        // More than one client gets done.
        let own: Vec<usize> = (0..20_000).map(|_| site.next_number()).collect();
        numbers.push(own.into_iter());
    }
    let (server, token) = (site.server.clone(), site.token().to_owned());
    let begun = Instant::now();
    let made = site.store.block_on(async move {
        let mut tasks = JoinSet::new();
        for own in numbers {
            let (server, token) = (server.clone(), token.clone());
            tasks.spawn(async move {
                let mut made = 0;
                for number in own {
                    if begun.elapsed() >= time {
                        break;
                    }
                    let body = people::body(number);
                    let answer =
                        server.request(&token, "POST", "/scim/v2/Users", Some(&body)).await;
                    assert_eq!(answer.status, 201, "{}", answer.text());
                    made += 1;
                }
                made
            });
        }
        tasks.join_all().await.into_iter().sum::<usize>()
    });
    let millis = usize::try_from(begun.elapsed().as_millis()).expect("a few seconds");
    made * 1_000 / millis
}
