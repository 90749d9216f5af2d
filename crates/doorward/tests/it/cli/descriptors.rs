//! A system that allows few file descriptors.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use doorward::descriptors::RESERVED;

use super::place::Place;

/// How many connections there is room for.
const ROOM: u64 = 20;
const GET: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

/// Whether a connection is answered in some time.
fn is_answered(stream: &mut TcpStream, time: Duration) -> bool {
    stream.set_read_timeout(Some(time)).expect("a time limit");
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).is_ok_and(|()| answer == *b"HTTP/1.1 200")
}

#[test]
fn who_is_connected_is_served_and_who_comes_later_waits() {
    let place = Place::with_acme();
    let token = place.connect()["token"].as_str().expect("a token").to_owned();
    let server = place.serve_with_descriptors(RESERVED + ROOM);
    let patient = Duration::from_secs(20);
    let connect = || TcpStream::connect(server.address()).expect("the system queues it");
    let mut connected: Vec<TcpStream> = (1..ROOM).map(|_| connect()).collect();
    for stream in &mut connected {
        stream.write_all(GET).expect("it reads");
        assert!(is_answered(stream, patient));
    }
    // The last place: the store can open its files, so everything works.
    assert_eq!(server.users(&token), 200);
    connected.push(connect());
    let mut late: Vec<TcpStream> = (0..2 * ROOM).map(|_| connect()).collect();
    for stream in &mut late {
        stream.write_all(GET).expect("the system keeps it");
    }
    assert!(!is_answered(&mut late[0], Duration::from_millis(200)), "it waits");
    let last = connected.last_mut().expect("there are some");
    last.write_all(GET).expect("it reads");
    assert!(is_answered(last, patient));
    drop(connected);
    assert!(is_answered(&mut late[1], patient));
    assert!(!place.log().contains("cannot accept"), "{}", place.log());
}

#[test]
fn a_check_of_the_configuration_tells_of_it() {
    let place = Place::new();
    let most = RESERVED + ROOM;
    let mut check = place.limited(&format!("ulimit -n {most}"), &["config", "check"]);
    let output = check.output().expect("it starts");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{text}");
    assert!(text.contains("warning: The system allows 180 file descriptors"), "{text}");
    assert!(text.contains("takes 20 connections"), "{text}");
    let mut check = place.limited(
        &format!("ulimit -n {most}; export DOORWARD_LIMITS_CONNECTIONS=20"),
        &["config", "check"],
    );
    let output = check.output().expect("it starts");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(!text.contains("descriptors"), "{text}");
}
