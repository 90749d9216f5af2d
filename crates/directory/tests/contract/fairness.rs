//! No organization slows another: who waits, and who is refused.
//!
//! Nothing here looks at a clock. Work is held up by hand, and what is asserted is who is served
//! meanwhile, in which order, and who is refused.

use std::{
    pin::Pin,
    sync::{Arc, Condvar, Mutex, mpsc},
    task::{Context, Poll, Waker},
};

use directory::{
    Error, Reader,
    token::{self, Refusal},
};
use testkit::{Engine, TestOrganization, contract};
use tokio::task::JoinHandle;

use crate::support::{create_user, refusal};

/// Work waits at it until it is opened.
#[derive(Clone, Default)]
struct Barrier(Arc<(Mutex<bool>, Condvar)>);

impl Barrier {
    fn wait(&self) {
        let (open, opened) = &*self.0;
        let open = open.lock().expect("sound");
        drop(opened.wait_while(open, |open| !*open).expect("sound"));
    }

    fn open(&self) {
        *self.0.0.lock().expect("sound") = true;
        self.0.1.notify_all();
    }
}

/// Opens a barrier at the end, whatever that is: a test that fails does not hang.
struct Opens(Barrier);

impl Drop for Opens {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// A change that waits for its turn.
type Change = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// A long read of an organization that ends when the barrier opens.
fn long_read(of: &TestOrganization, barrier: &Barrier) -> JoinHandle<Result<(), Error>> {
    let (of, barrier) = (of.clone(), barrier.clone());
    tokio::spawn(async move {
        of.store
            .read_long(&of.access, move |_: &mut Reader<'_>| {
                barrier.wait();
                Ok(())
            })
            .await
    })
}

contract! {
    async fn reads_by_key_and_changes_do_not_wait_for_long_reads(store) {
        let (acme, globex) = (store.organization("acme").await, store.organization("globex").await);
        let barrier = Barrier::default();
        let long: Vec<_> = (0..40).map(|_| long_read(&acme, &barrier)).collect();
        // All long reads are held up, and both organizations are served all the same.
        for of in [&globex, &acme] {
            assert_eq!(of.get().await.users, 0);
            create_user(of, testkit::user("ada")).await.expect("created");
        }
        assert!(long.iter().all(|read| !read.is_finished()));
        barrier.open();
        for read in long {
            read.await.expect("no panic").expect("read");
        }
    }
}

contract! {
    async fn who_asks_for_too_much_at_once_is_refused_and_no_one_else_is(store) {
        let (acme, globex) = (store.organization("acme").await, store.organization("globex").await);
        let barrier = Barrier::default();
        let long: Vec<_> = (0..600).map(|_| long_read(&acme, &barrier)).collect();
        let refused = async |reads: &[JoinHandle<Result<(), Error>>]| {
            // Whatever is refused is so at once; the others wait for the barrier.
            while reads.iter().filter(|read| read.is_finished()).count() < 90 {
                tokio::task::yield_now().await;
            }
        };
        refused(&long).await;
        let other = long_read(&globex, &barrier);
        barrier.open();
        let mut busy = 0;
        for read in long {
            match read.await.expect("no panic") {
                Ok(()) => {}
                Err(Error::Busy) => busy += 1,
                Err(error) => panic!("{error:?}"),
            }
        }
        // 500 may wait, beside the few that run.
        assert!((90..=100).contains(&busy), "{busy}");
        other.await.expect("no panic").expect("there was room for the other organization");
    }
}

contract! {
    async fn a_change_comes_next_after_hundreds_of_another_organization(store) {
        let (acme, globex) = (store.organization("acme").await, store.organization("globex").await);
        // Each has paid for being made; acme has asked for more since.
        for number in 0..30 {
            create_user(&acme, testkit::user(&format!("user{number}"))).await.expect("created");
        }
        let barrier = Barrier::default();
        let _open = Opens(barrier.clone());
        let (note, order) = mpsc::channel();
        let (began, begun) = mpsc::channel();
        let change = |of: &TestOrganization, name: &'static str, wait: Option<Barrier>| {
            let (of, note, began) = (of.clone(), note.clone(), began.clone());
            let mut change: Change = Box::pin(async move {
                of.write(move |_| {
                    if let Some(barrier) = &wait {
                        let _ = began.send(());
                        barrier.wait();
                    }
                    let _ = note.send(name);
                    Ok(())
                })
                .await
            });
            // Its first step puts it in line.
            let first_step = change.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(first_step.is_pending());
            change
        };
        let mut line = vec![change(&acme, "first", Some(barrier.clone()))];
        while begun.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
        line.extend((0..200).map(|_| change(&acme, "acme", None)));
        let other = change(&globex, "globex", None);
        match store.engine {
            // One connection changes everything.
            Engine::Sqlite => line.push(other),
            // Another connection serves it, while the first change is still at work.
            Engine::Postgres => other.await.expect("changed"),
        }
        barrier.open();
        for one in line {
            one.await.expect("changed");
        }
        drop(note);
        let order: Vec<&str> = order.try_iter().collect();
        let place = order.iter().position(|name| *name == "globex").expect("it was served");
        assert!(place <= 2, "it came after {place} others");
    }
}

/// Something that waits for a short read.
type Read<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Puts a read in line; answers what came of it, if it was refused at once.
fn in_line<T>(read: &mut Read<T>) -> Option<T> {
    match read.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

contract! {
    async fn made_up_tokens_take_no_room_from_the_organization_that_they_name(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let issued = acme.issue(&okta).await.reveal().to_owned();
        assert_eq!(refusal(&store.store, &issued).await, None);
        // A token that was well made in another store, with the same numbers and another secret.
        let elsewhere = testkit::TestStore::open(testkit::Engine::Sqlite);
        let strange = elsewhere.organization("acme").await;
        let connection = elsewhere.connection(&strange).await.connection;
        create_user(&strange, testkit::user("draws another number")).await.expect("created");
        let made_up = strange.issue(&connection).await.reveal().to_owned();
        // All connections for short reads are held up.
        let globex = store.organization("globex").await;
        let (barrier, handle) = (Barrier::default(), tokio::runtime::Handle::current());
        let _open = Opens(barrier.clone());
        let (began, begun) = mpsc::channel();
        let held: Vec<_> = (0..64)
            .map(|_| {
                let (globex, barrier, handle) = (globex.clone(), barrier.clone(), handle.clone());
                let began = began.clone();
                std::thread::spawn(move || {
                    handle.block_on(globex.read(move |_| {
                        let _ = began.send(());
                        barrier.wait();
                        Ok(())
                    }))
                })
            })
            .collect();
        // Both cores read where they are called, and more on threads.
        let mut busy = 0;
        while busy < 4 {
            busy += begun.try_iter().count();
            tokio::task::yield_now().await;
        }
        let authenticate = |token: &str| -> Read<Option<Refusal>> {
            let (store, token) = (store.store.clone(), token.to_owned());
            Box::pin(async move {
                match token::authenticate(&store, &token, None, None).await {
                    Ok(answer) => answer.err(),
                    Err(Error::Busy) => Some(Refusal::Malformed),
                    Err(error) => panic!("{error:?}"),
                }
            })
        };
        let mut made_up: Vec<_> = (0..2_100).map(|_| authenticate(&made_up)).collect();
        let refused = made_up.iter_mut().filter_map(in_line).count();
        // 2,000 may wait, beside the few that found a connection, or as many as take five seconds.
        assert!(refused >= 90, "{refused}");
        let mut own = authenticate(&issued);
        assert_eq!(in_line(&mut own), None, "it waits for its turn, and is not refused");
        barrier.open();
        assert_eq!(own.await, None);
        for thread in held {
            thread.join().expect("no panic").expect("read");
        }
        tokio::task::block_in_place(|| drop(elsewhere));
    }
}
