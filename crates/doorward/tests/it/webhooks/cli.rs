//! `doorward webhook`, beside a server that sends.

use crate::cli::place::Place;

use super::receiver::Receiver;

#[test]
fn a_server_sends_what_commands_do() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let receiver = runtime.block_on(Receiver::open());
    let place = Place::with_acme();
    let server = place.serve();
    let made = place.json(&["webhook", "create", &receiver.url, "--organization", "acme"]);
    let (id, secret) =
        (made["id"].as_str().expect("an id"), made["secret"].as_str().expect("shown"));
    let tested = place.json(&["webhook", "test", "--organization", "acme", id]);
    assert_eq!(tested["status"], 204);
    let test = receiver.arrived().remove(0);
    let judge = standardwebhooks::Webhook::new(secret).expect("a secret");
    judge.verify(&test.body, &test.headers).expect("it is signed, and was sent just now");
    place.json(&["role", "create", "--organization", "acme", "auditor"]);
    runtime.block_on(receiver.wait_for(1));
    let message = receiver.arrived().remove(0);
    judge.verify(&message.body, &message.headers).expect("it is signed, and was sent just now");
    assert_eq!(message.json()["type"], "role.created");
    drop(server);
    let shown = place.text(&["webhook", "show", "--organization", "acme", id]);
    assert!(shown.contains("active") && !shown.contains(secret), "{shown}");
    for words in [["pause", "paused"], ["resume", "active"]] {
        let json = place.json(&["webhook", words[0], "--organization", "acme", id]);
        assert_eq!(json["state"], words[1]);
    }
    let rotated = place.json(&["webhook", "rotate", "--organization", "acme", id]);
    assert_ne!(rotated["secret"], secret);
    let retired = place.json(&["webhook", "retire", "--organization", "acme", id, "1"]);
    assert_eq!(retired["secrets"][0]["number"], 2);
    place.json(&["webhook", "delete", "--yes", "--organization", "acme", id]);
    assert!(place.text(&["webhook", "list"]).contains("There is no webhook yet"));
}
