//! How often a request waits for PostgreSQL: the count is the cost that a network multiplies.

use scim::Object;
use tokio::sync::oneshot;

use super::{
    Store,
    batch::{Change, Job, Reply},
    queue::{Fold, Queue},
    reader::Reader,
    reading::Reading,
    turns::Bounds,
    writer::Writer,
    writing::Writing,
};
use crate::{
    access::Access,
    db::{Scope, lint::fresh::Fresh},
    error::Error,
    installation::Installation,
    organization::{self, Slug},
    resource::{
        Resource,
        user::{self, Rehire},
    },
};

/// A store on PostgreSQL with an organization, and a writer and a reader of its own beside those of
/// the store, on which waits are counted.
struct Counted {
    access: Access,
    writing: Writing,
    reading: Reading,
    store: Store,
    _place: Fresh,
}

impl Counted {
    /// `None`: PostgreSQL was left out.
    fn open() -> Option<Self> {
        let place = Fresh::postgres()?;
        let store = place.open();
        #[expect(clippy::disallowed_methods, reason = "tests act as operators, as the commands do")]
        let installation = Installation::of_command_line(&store);
        let slug = Slug::parse("acme").expect("a slug");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let made = runtime.block_on(organization::create(&installation, &slug, "Acme", None));
        let (access, _) = made.expect("an organization");
        let writing = Writing::open(store.location(), store.services()).expect("it opens");
        let writing = writing.without_hurry();
        let reading = Reading::new(store.location(), store.services());
        Some(Self { access, writing, reading, store, _place: place })
    }

    /// Does each piece of work in one batch, and counts the waits.
    fn run<T, F>(&mut self, works: Vec<F>) -> (Vec<Result<T, Error>>, u64)
    where
        T: Send + 'static,
        F: FnMut(&mut Writer<'_>) -> Result<T, Error> + Send + 'static,
    {
        let any = usize::MAX;
        let bounds = Bounds { each: any, all: any, patience: u64::MAX, at_once: 1 };
        let queue: Queue<Box<dyn Job>> = Queue::new(Fold::ByOrganization, bounds);
        let answers: Vec<oneshot::Receiver<_>> = works
            .into_iter()
            .map(|work| {
                let (reply, answer) = Reply::new();
                let change = Change { access: self.access.clone(), work, reply };
                let pushed = queue.push(self.access.org().0, Box::new(change));
                assert!(pushed.is_ok(), "there is no bound");
                answer
            })
            .collect();
        let before = self.writing.round_trips();
        let batch = queue.take(any).expect("work");
        let (_, rest) = self.writing.run(batch);
        assert!(rest.is_empty(), "one batch");
        let waits = self.writing.round_trips() - before;
        let answer = |mut it: oneshot::Receiver<_>| it.try_recv().expect("answered");
        (answers.into_iter().map(answer).collect(), waits)
    }

    /// The same of work that is not refused.
    fn changed<T, F>(&mut self, works: Vec<F>) -> (Vec<T>, u64)
    where
        T: Send + 'static,
        F: FnMut(&mut Writer<'_>) -> Result<T, Error> + Send + 'static,
    {
        let (answers, waits) = self.run(works);
        (answers.into_iter().map(|answer| answer.expect("done")).collect(), waits)
    }

    fn read<T>(&mut self, work: impl Fn(&mut Reader<'_>) -> Result<T, Error>) -> (T, u64) {
        let before = self.reading.round_trips();
        let scope = Scope::Organization(self.access.org());
        let access = &self.access;
        let answer = self.reading.run(scope, |session, services| {
            work(&mut Reader::new(session, access, services, None))
        });
        (answer.expect("it can be read"), self.reading.round_trips() - before)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.store.close();
    }
}

fn person(
    name: &str,
    display: &str,
) -> impl FnMut(&mut Writer<'_>) -> Result<user::User, Error> + Send + use<> {
    let attributes =
        Object::new().with("userName", name).with("externalId", name).with("displayName", display);
    move |writer| user::create(writer, &attributes, Rehire::BringBack)
}

fn renamed(
    id: crate::ResourceId,
    to: &str,
) -> impl FnMut(&mut Writer<'_>) -> Result<(), Error> + Send + use<> {
    let to = to.to_owned();
    move |writer| {
        let user = user::get(writer, id)?;
        let attributes = user.attributes.to_object().with("displayName", to.as_str());
        user::change(writer, &user, attributes).map(drop)
    }
}

#[test]
fn a_request_waits_for_what_it_must_know_and_for_its_commit() {
    let Some(mut counted) = Counted::open() else { return };
    // Statements are prepared once for each connection.
    let (first, _) = counted.changed(vec![person("ada", "Ada")]);
    let id = first[0].id;
    counted.changed(vec![renamed(id, "Augusta")]);
    counted.read(|reader| user::get(reader, id));

    // The organization's row, whoever is known already, who waits for them, the commit.
    let (_, waits) = counted.changed(vec![person("grace", "Grace")]);
    assert_eq!(waits, 4);
    // Of ten in one batch each adds two.
    let ten = (0..10).map(|number| person(&format!("user{number}"), "User")).collect();
    let (ten, waits) = counted.changed(ten);
    assert_eq!((ten.len(), waits), (10, 22));
    // The organization's row, the user, whether it is as it was read, the commit.
    let (_, waits) = counted.changed(vec![renamed(id, "Ada Lovelace")]);
    assert_eq!(waits, 4);
    let (found, waits) = counted.read(|reader| user::get(reader, id));
    assert_eq!((Resource::from(found).id, waits), (id, 1));
}

#[test]
fn a_statement_that_nobody_waited_for_fails_its_own_work_and_no_other() {
    let Some(mut counted) = Counted::open() else { return };
    // PostgreSQL takes no NUL in a text. What is written for the displayName is not waited for.
    let names = [("ada", "Ada"), ("eve", "E\0e"), ("grace", "Grace")];
    let (answers, _) = counted.run(names.map(|(name, display)| person(name, display)).into());
    let kept: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(kept, [true, false, true]);
    assert!(matches!(answers[1], Err(Error::Store(_))), "{:?}", answers[1]);
    for (name, is_there) in [("ada", true), ("eve", false), ("grace", true)] {
        let found = counted.read(|reader| Ok(user::by_username(reader, name).is_ok()));
        assert_eq!(found.0, is_there, "{name}");
    }
    // Alone, too.
    let (answers, _) = counted.run(vec![person("eve", "E\0e")]);
    assert!(matches!(answers[0], Err(Error::Store(_))), "{:?}", answers[0]);
}
