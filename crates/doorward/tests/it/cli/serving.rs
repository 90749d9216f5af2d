//! `doorward serve`

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
};

use serde_json::Value;

use super::place::Place;

#[test]
fn it_ends_cleanly_when_told_to() {
    for signal in ["-TERM", "-INT"] {
        let place = Place::new();
        let mut server = place.serve();
        assert_eq!(server.users("scim_unknown"), 401);
        let address = server.address().to_owned();
        assert_eq!(server.end(signal), Some(0), "{signal}: {}", place.log());
        let log = place.log();
        let line =
            format!("listening on {address}; base URL for SCIM 2.0: http://{address}/scim/v2");
        assert!(log.contains(&line), "{log}");
        assert!(log.contains("stopped"), "{log}");
    }
}

#[test]
fn two_servers_never_share_a_directory() {
    let place = Place::new();
    let mut server = place.serve();
    let refusal = format!(
        "another process ({}) serves ./doorward-data already; stop it first, or choose another \
         directory with `--data`",
        server.child.id()
    );
    let error = place.error(&["serve", "--listen", "127.0.0.1:0", "--log", "error"]);
    assert_eq!(error, refusal);
    // Its tables do not change under it.
    assert_eq!(place.error(&["migrate"]), refusal);
    // Nor a demo; but commands may run.
    let demo = ["demo", "--data", "doorward-data", "--listen", "127.0.0.1:0", "--exit"];
    assert!(place.error(&demo).contains("already"));
    place.json(&["organization", "create", "Acme", "--slug", "acme"]);

    // A server that was killed leaves no lock.
    server.child.kill().expect("it runs");
    server.child.wait().expect("it ends");
    assert_eq!(place.json(&["migrate"])["applied"], serde_json::json!([]));
    let mut server = place.serve();
    assert_eq!(server.end("-TERM"), Some(0));
}

#[test]
fn each_request_has_a_line_and_only_our_own_troubles_are_errors() {
    let place = Place::with_acme();
    let token = place.connect()["token"].as_str().expect("a token").to_owned();
    let mut server = place.serve();
    let mut ids = Vec::new();
    for (method, path, token, status) in [
        ("GET", "/scim/v2/Users", token.as_str(), 200),
        ("GET", "/scim/v2/Users", "x", 401),
        ("GET", "/scim/v2/Me", &token, 501),
        ("BREW", "/scim/v2/Users", &token, 501),
        ("GET", "/scim/v2/scim_1_2_3/Users", &token, 404),
        ("GET", "/nowhere", "", 404),
        ("GET", "/healthz", "", 200),
    ] {
        let answer = server.answer(method, path, token, "");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        let header = answer.lines().find_map(|line| line.strip_prefix("x-request-id: "));
        ids.push(header.expect("an id").to_owned());
    }
    assert_eq!(server.end("-TERM"), Some(0));
    let log = place.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .filter(|line: &Value| line["message"] == "request")
        .collect();
    let told: Vec<String> = lines
        .iter()
        .map(|line| {
            let code = line["code"].as_str().unwrap_or("-");
            let [level, method, path] =
                ["level", "method", "path"].map(|name| line[name].as_str().unwrap_or_default());
            format!("{level} {method} {path} {} {code}", line["status"])
        })
        .collect();
    assert_eq!(
        told,
        [
            "INFO GET /scim/v2/Users 200 -",
            "INFO GET /scim/v2/Users 401 token_malformed",
            "INFO GET /scim/v2/Me 501 no_me",
            "INFO unknown /scim/v2/Users 501 method_unknown",
            "INFO GET /scim/v2/[token]/Users 404 no_such_endpoint",
            "INFO GET /nowhere 404 no_such_page",
        ]
    );
    // What asks every few seconds whether the server lives has none.
    ids.pop();
    let logged: Vec<&str> =
        lines.iter().map(|line| line["request"].as_str().expect("an id")).collect();
    assert_eq!(logged, ids);
    assert!(!log.contains("BREW"), "{log}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let error = place.error(&["serve", "--listen", &address, "--log", "error"]);
    assert!(error.starts_with(&format!("cannot listen on {address}; `--listen ADDR`")), "{error}");
    assert!(!place.data().exists(), "a server that cannot listen makes no store");
    let error = place.error(&["serve", "--listen", "everywhere"]);
    assert!(error.starts_with("--listen: `listen`: \"everywhere\" is not an address"), "{error}");
}

#[test]
fn an_empty_store_is_told_of_loudly_when_it_is_made() {
    let place = Place::new();
    let mut server = place.serve();
    assert_eq!(server.ready["made_store"], true);
    assert!(place.log().contains("there was no store in ./doorward-data: made an empty one"));
    assert_eq!(server.end("-TERM"), Some(0));
    let mut server = place.serve();
    assert_eq!(server.ready["made_store"], false);
    assert_eq!(server.end("-TERM"), Some(0));
    assert!(!place.log().contains("empty"), "{}", place.log());

    // For people, with what to do next.
    let mut child = place
        .command(&["serve", "--listen", "127.0.0.1:0", "--data", "elsewhere"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut server = super::place::Running::new(child);
    let mut text = String::new();
    while !text.contains("connection create") {
        assert_ne!(stdout.read_line(&mut text).expect("it can be read"), 0, "{text}");
    }
    assert!(text.starts_with("There was no store in elsewhere, so this server made an empty one."));
    assert!(text.contains("doorward --data elsewhere organization create"), "{text}");
    assert_eq!(server.end("-TERM"), Some(0));
}

#[cfg(unix)]
#[test]
fn an_open_directory_is_warned_about() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::with_acme();
    std::fs::set_permissions(place.data(), std::fs::Permissions::from_mode(0o755))
        .expect("permissions");
    let mut server = place.serve();
    assert_eq!(server.end("-TERM"), Some(0));
    let log = place.log();
    assert!(log.contains("chmod 700 ./doorward-data"), "{log}");
}

#[test]
fn what_looks_wrong_is_logged_at_the_start() {
    let place = Place::new();
    let child = place
        .command(&["serve", "--listen", "127.0.0.1:0", "--public-url", "http://door.example.com"])
        .stdout(std::process::Stdio::null())
        .stderr(std::fs::File::create(place.path().join("log")).expect("a file"))
        .spawn()
        .expect("it starts");
    let begun = std::time::Instant::now();
    while !place.log().contains("listening") && begun.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let mut server = super::place::Running::new(child);
    assert_eq!(server.end("-TERM"), Some(0));
    assert!(place.log().contains("Okta requires https"), "{}", place.log());
    assert!(place.log().contains("http://door.example.com/scim/v2"), "{}", place.log());
}
