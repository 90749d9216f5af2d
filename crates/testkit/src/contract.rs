//! [`contract!`](crate::contract!): a test that is written once and runs on each engine.

use crate::{Engine, TestStore};

/// Declares a test that holds on each engine. It becomes a module with the tests `sqlite` and
/// `postgres`, so that the runner shows which engine broke the contract.
///
/// At the end every organization of the store is verified.
///
/// ```
/// testkit::contract!(async fn an_organization_has_a_name(store) {
///     let acme = store.organization("acme").await;
///     assert_eq!(acme.get().await.name, "acme");
/// });
/// ```
#[macro_export]
macro_rules! contract {
    ($(#[$meta:meta])* async fn $name:ident($store:ident) $body:block) => {
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn contract($store: &$crate::TestStore) $body

            #[test]
            fn sqlite() {
                $crate::run($crate::Engine::Sqlite, async |store| contract(store).await);
            }

            #[test]
            fn postgres() {
                $crate::run($crate::Engine::Postgres, async |store| contract(store).await);
            }
        }
    };
}

/// Runs a test on a fresh store and verifies what it leaves behind.
pub fn run(engine: Engine, test: impl AsyncFnOnce(&TestStore)) {
    if !engine.takes_part() {
        return;
    }
    let store = TestStore::open(engine);
    // Apart, so that little is compiled for each test.
    store.block_on(test(&store));
    store.block_on(store.assert_clean());
}
