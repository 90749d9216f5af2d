//! Keys of providers that come from an address, and our own that are kept sealed.

use std::time::Duration;

use ::oauth::jose::Algorithm;
use directory::{
    AuditNo, Error, Location, Time, Writer, audit,
    oauth::key,
    saml::{
        self, Binding, Change, Described, Provider,
        certificate::{self, NewCertificate},
        request_key::{self, RequestKey},
        source::{self, AGAIN_AFTER, READ_EVERY},
    },
};
use testkit::{TestConnection, TestStore, contract};

/// A statement of a writer is a little later than the clock of a test.
const MINUTE: Duration = Duration::from_mins(1);
const URL: &str = "https://idp.example/metadata";

fn provider(entity_id: &str) -> Provider {
    Provider {
        entity_id: entity_id.to_owned(),
        sso_url: "https://idp.example/sso".to_owned(),
        binding: Binding::Redirect,
    }
}

/// What the address says: a provider, and one certificate for each of these bytes.
fn described(entity_id: &str, certificates: &[u8]) -> Described {
    let certificate = |byte: &u8| NewCertificate {
        sha256: [*byte; 32],
        der: vec![*byte],
        not_after: Time::from_micros(i64::MAX / 2),
    };
    Described {
        provider: provider(entity_id),
        certificates: certificates.iter().map(certificate).collect(),
    }
}

/// A connection whose provider has the key 1 and is read from an address.
async fn followed(store: &TestStore) -> TestConnection {
    let okta = store.connection(&store.organization("acme").await).await;
    let id = okta.connection.id;
    let follow = move |writer: &mut Writer<'_>| {
        source::set(writer, id, URL, &described("idp", &[1]), &Change::default())
    };
    okta.organization.by_operator().write(follow).await.expect("followed");
    okta
}

/// Each key by its byte, and whether it is trusted.
async fn keys(okta: &TestConnection) -> Vec<(u8, bool)> {
    let id = okta.connection.id;
    let all = okta.organization.read(move |reader| certificate::list(reader, id)).await;
    all.expect("a list").iter().map(|one| (one.sha256[0], one.trusted)).collect()
}

async fn failure(okta: &TestConnection) -> Option<String> {
    let id = okta.connection.id;
    let source = okta.organization.read(move |reader| source::get(reader, id)).await;
    source.expect("read").expect("an address").failure
}

/// The address is read once, where it is due.
async fn read(store: &TestStore, found: Result<Described, &str>) -> usize {
    let due = source::due(&store.store).await.expect("claimed");
    assert!(source::due(&store.store).await.expect("read").is_empty(), "claimed by one");
    let count = due.len();
    for due in due {
        assert_eq!(due.url, URL);
        let found = found.clone().map_err(str::to_owned);
        source::fetched(&store.store, due, found).await.expect("noted");
    }
    count
}

fn sha256(byte: u8) -> String {
    certificate::hexadecimal(&[byte; 32])
}

contract! {
    async fn a_new_key_waits_until_someone_trusts_it(store) {
        let okta = followed(store).await;
        assert_eq!(keys(&okta).await, [(1, true)], "an administrator gave the address");
        assert_eq!(read(store, Ok(described("idp", &[1]))).await, 0, "not before a day");
        store.clock.advance(READ_EVERY + MINUTE);
        assert_eq!(read(store, Ok(described("idp", &[1, 2]))).await, 1);
        assert_eq!(keys(&okta).await, [(1, true), (2, false)]);
        let (operator, id) = (okta.organization.by_operator(), okta.connection.id);
        let trust = move |writer: &mut Writer<'_>| certificate::trust(writer, id, &sha256(2));
        operator.write(trust).await.expect("trusted");
        assert_eq!(keys(&okta).await, [(1, true), (2, true)], "two overlap");
        let unknown = operator.write(move |writer| certificate::trust(writer, id, &sha256(9))).await;
        assert!(matches!(unknown, Err(Error::NotFound { .. })), "{unknown:?}");
        // What is trusted stays, whatever the address says; what waits follows it.
        store.clock.advance(READ_EVERY + MINUTE);
        assert_eq!(read(store, Ok(described("idp", &[2, 3]))).await, 1);
        assert_eq!(keys(&okta).await, [(1, true), (2, true), (3, false)]);
        store.clock.advance(READ_EVERY + MINUTE);
        assert_eq!(read(store, Ok(described("idp", &[2]))).await, 1);
        assert_eq!(keys(&okta).await, [(1, true), (2, true)]);
    }
}

contract! {
    async fn an_address_that_cannot_be_followed_changes_nothing_and_is_tried_again(store) {
        let okta = followed(store).await;
        store.clock.advance(READ_EVERY + MINUTE);
        assert_eq!(read(store, Err("The provider is away.")).await, 1);
        assert_eq!(failure(&okta).await.as_deref(), Some("The provider is away."));
        store.clock.advance(AGAIN_AFTER + MINUTE);
        assert_eq!(read(store, Err("The provider is away.")).await, 1);
        store.clock.advance(AGAIN_AFTER + MINUTE);
        assert_eq!(read(store, Ok(described("someone-else", &[7]))).await, 1);
        assert!(failure(&okta).await.expect("a reason").contains("another provider"));
        assert_eq!(keys(&okta).await, [(1, true)]);
        let entries = okta.organization.read(|reader| audit::after(reader, AuditNo::START, 100)).await.expect("entries");
        let failed = entries.iter().filter(|entry| entry.kind().name() == "saml.metadata-failed");
        assert_eq!(failed.count(), 2, "each reason once");
        store.clock.advance(AGAIN_AFTER + MINUTE);
        assert_eq!(read(store, Ok(described("idp", &[1]))).await, 1);
        assert_eq!(failure(&okta).await, None);
    }
}

contract! {
    async fn a_provider_that_is_given_by_hand_is_not_read_from_an_address(store) {
        let okta = followed(store).await;
        let id = okta.connection.id;
        let by_hand = move |writer: &mut Writer<'_>| {
            saml::set(writer, id, Change { provider: Some(provider("idp")), ..Change::default() })
        };
        okta.organization.by_operator().write(by_hand).await.expect("set");
        let source = okta.organization.read(move |reader| source::get(reader, id)).await;
        assert_eq!(source.expect("read"), None);
        store.clock.advance(READ_EVERY + Duration::from_hours(1));
        assert_eq!(read(store, Err("x")).await, 0);
    }
}

contract! {
    async fn our_keys_are_opened_by_every_node_and_by_no_other_connection(store) {
        let (acme, another) = (store.organization("acme").await, store.another());
        let okta = store.connection(&acme).await.connection.id;
        let made = RequestKey::make(&store.store, okta).await.expect("a key");
        let kept = made.clone();
        acme.write(move |writer| request_key::set(writer, okta, Some(&kept))).await.expect("kept");
        let read = acme.read(move |reader| request_key::get(reader, okta)).await.expect("read");
        let read = read.expect("a key");
        read.open(&another, okta).await.expect("another node opens it");
        let other = store.connection(&acme).await.connection.id;
        assert!(matches!(read.open(&another, other).await, Err(Error::Damaged(_))));
        // A key that the provider knows is not replaced by asking for one again.
        let second = RequestKey::make(&store.store, okta).await.expect("a key");
        acme.write(move |writer| request_key::set(writer, okta, Some(&second))).await.expect("kept");
        let again = acme.read(move |reader| request_key::get(reader, okta)).await.expect("read");
        assert_eq!(again, Some(made));
        acme.write(move |writer| request_key::set(writer, okta, None)).await.expect("off");
        assert_eq!(acme.read(move |reader| request_key::get(reader, okta)).await.expect("read"), None);
        let ours = key::signing(&store.store, Algorithm::Es256).await.expect("a key");
        let theirs = key::signing(&another, Algorithm::Es256).await.expect("the same");
        assert_eq!(ours.signing.id(), theirs.signing.id());
        another.close();
    }
}

/// How the PKCS #8 of an RSA key and of one on P-256 begin, after their lengths: version, algorithm, and the
/// octets of the key.
const PRIVATE_KEYS: [&[u8]; 2] = [
    b"\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x04\x82",
    b"\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x04",
];

fn has_private_key(bytes: &[u8]) -> bool {
    PRIVATE_KEYS.iter().any(|key| bytes.windows(key.len()).any(|window| window == *key))
}

#[test]
fn no_private_key_is_in_clear_in_the_database_file() {
    let store = TestStore::open(testkit::Engine::Sqlite);
    let bytes = store.block_on(async {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection.id;
        let made = RequestKey::make(&store.store, okta).await.expect("a key");
        let kept = made.clone();
        acme.write(move |writer| request_key::set(writer, okta, Some(&kept))).await.expect("kept");
        for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
            key::signing(&store.store, algorithm).await.expect("a key");
        }
        let clear = made.open(&store.store, okta).await.expect("opened").reveal_pkcs8();
        assert!(has_private_key(&clear.expect("a key")), "it would be found");
        let Location::Directory(path) = store.location() else { panic!("SQLite is in files") };
        let files = std::fs::read_dir(path).expect("a folder");
        let paths = files.map(|file| file.expect("a file").path()).filter(|path| path.is_file());
        paths.flat_map(|path| std::fs::read(path).unwrap_or_default()).collect::<Vec<u8>>()
    });
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("Doorward "), "the certificate is there");
    assert!(!has_private_key(&bytes));
}
