use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::{Failure, Limits, Outbound, names::Names};

/// Answers every connection with a text, and counts them.
async fn receiver(answer: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let connections = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            seen.fetch_add(1, Ordering::SeqCst);
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).await.unwrap_or_default();
            let text = String::from_utf8_lossy(&buffer[..read]).into_owned();
            let answer = answer.replace("[request]", &text);
            let _ = stream.write_all(answer.as_bytes()).await;
            if answer.is_empty() {
                std::future::pending::<()>().await;
            }
        }
    });
    (address, connections)
}

fn loopback() -> Outbound {
    Outbound::new(vec!["127.0.0.0/8".parse().expect("a network")])
}

#[tokio::test]
async fn no_form_of_a_forbidden_address_is_connected_to() {
    let (at, connections) = receiver("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let port = at.port();
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f.0.0.1",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "0",
        "0.0.0.0",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "127.0.0.1.",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::10.0.0.1]",
        "[64:ff9b:1::1]",
        "[2002:a00:1::]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "[fe80::1]",
        "[ff02::1]",
        "224.0.0.1",
        "255.255.255.255",
    ] {
        for scheme in ["http", "https"] {
            let address = format!("{scheme}://{host}:{port}/");
            let answer = Outbound::new(Vec::new()).get(&address, Limits::default()).await;
            assert!(
                matches!(answer, Err(Failure::Forbidden | Failure::Unresolved | Failure::Address)),
                "{address}: {answer:?}"
            );
        }
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_is_no_address_is_told() {
    let nowhere = Outbound::new(Vec::new());
    for text in [
        "",
        "x",
        "/path",
        "ftp://a.example/",
        "file:///etc/passwd",
        "https://",
        "https://u:p@a.example/",
    ] {
        assert!(matches!(nowhere.check(text), Err(Failure::Address)), "{text}");
    }
    assert!(matches!(nowhere.check("http://a.example/"), Err(Failure::Insecure)));
    assert!(matches!(nowhere.check("https://127.0.0.1/"), Err(Failure::Forbidden)));
    assert!(matches!(nowhere.check("https://[::1]/"), Err(Failure::Forbidden)));
    assert!(nowhere.check("https://a.example/hooks?x=1").is_ok());
    assert!(loopback().check("http://127.0.0.1:9/").is_ok());
    let long = format!("https://a.example/{}", "x".repeat(3000));
    assert!(matches!(nowhere.check(&long), Err(Failure::Address)));
}

#[tokio::test]
async fn this_machine_is_reached_where_everything_is_on_it() {
    let at = |public_url| Outbound::for_server(public_url, Vec::new());
    let (world, machine) = (at("https://door.example"), at("http://127.0.0.1:8400"));
    for address in ["http://127.0.0.1:3000/logged-out", "http://[::1]:3000"] {
        assert!(matches!(world.check(address), Err(Failure::Forbidden)), "{address}");
        assert!(machine.check(address).is_ok(), "{address}");
    }
    let metadata = machine.check("http://169.254.169.254/latest");
    assert!(matches!(metadata, Err(Failure::Forbidden)), "{metadata:?}");
}

#[tokio::test]
async fn an_allowed_network_is_spoken_to_as_it_was_asked() {
    let (at, _) = receiver("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n[request]").await;
    let mut headers = HeaderMap::new();
    headers.insert("webhook-id", HeaderValue::from_static("msg-1"));
    let address = format!("http://{at}/hook?a=b");
    let sent = loopback().post(&address, headers, Bytes::from("{}"), Limits::default()).await;
    let answer = sent.expect("an answer");
    let text = String::from_utf8(answer.body.to_vec()).expect("text");
    assert!(text.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{text}");
    for line in [&format!("host: {at}"), "webhook-id: msg-1", "content-length: 2"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(text.contains("user-agent: Doorward/") && text.ends_with("{}"), "{text}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (target, seen) = receiver("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let redirect =
        format!("HTTP/1.1 302 Found\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n");
    let (at, _) = receiver(redirect.leak()).await;
    let answer = loopback().get(&format!("http://{at}/"), Limits::default()).await;
    assert_eq!(answer.expect("an answer").status, StatusCode::FOUND);
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_is_read_within_its_limits() {
    let (large, _) = receiver("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n0123456789").await;
    let limits = Limits { body: 9, ..Limits::default() };
    let answer = loopback().get(&format!("http://{large}/"), limits).await;
    assert!(matches!(answer, Err(Failure::TooLarge(9))), "{answer:?}");
    let answer = loopback().get(&format!("http://{large}/"), Limits { body: 10, ..limits }).await;
    assert_eq!(answer.expect("it fits").body.len(), 10);
    let (silent, _) = receiver("").await;
    let limits = Limits { time: Duration::from_millis(50), ..Limits::default() };
    let answer = loopback().get(&format!("http://{silent}/"), limits).await;
    assert!(matches!(answer, Err(Failure::Late(_))), "{answer:?}");
}

/// Sends requests to one address of this machine only, and believes a DNS server that answers so.
fn believing(answers: &[&[&str]]) -> Outbound {
    let answers = answers
        .iter()
        .map(|answer| answer.iter().map(|ip| ip.parse().expect("an address")).collect::<Vec<_>>());
    let mut outbound = Outbound::new(vec!["127.0.0.2/32".parse().expect("a network")]);
    outbound.names = Names::Scripted(Arc::new(Mutex::new(answers.collect())));
    outbound
}

/// Answers and counts on the same port of both addresses.
async fn two_receivers() -> (u16, [Arc<AtomicUsize>; 2]) {
    let (at, forbidden) = receiver("").await;
    let listener = TcpListener::bind(("127.0.0.2", at.port())).await.expect("a port");
    let allowed = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&allowed);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            seen.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        }
    });
    (at.port(), [forbidden, allowed])
}

#[tokio::test]
async fn a_name_that_changes_after_it_was_checked_changes_nothing() {
    let (port, [forbidden, allowed]) = two_receivers().await;
    let address = format!("http://rebinding.example:{port}/");
    // Fit when it is looked at, and not when it would be asked for again.
    let outbound = believing(&[&["127.0.0.2"], &["127.0.0.1"]]);
    let answer = outbound.get(&address, Limits::default()).await;
    assert_eq!(answer.expect("an answer").status, StatusCode::OK);
    // Each request looks anew.
    let answer = outbound.get(&address, Limits::default()).await;
    assert!(matches!(answer, Err(Failure::Forbidden)), "{answer:?}");
    // One address that is not fit spoils the name, whichever comes first.
    for both in [["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.2"]] {
        let answer = believing(&[&both]).get(&address, Limits::default()).await;
        assert!(matches!(answer, Err(Failure::Forbidden)), "{answer:?}");
    }
    assert_eq!((forbidden.load(Ordering::SeqCst), allowed.load(Ordering::SeqCst)), (0, 1));
}

#[tokio::test]
async fn a_server_that_is_not_the_host_is_not_spoken_to() {
    let (at, _) = receiver("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let answer = loopback().get(&format!("https://{at}/"), Limits::default()).await;
    assert!(matches!(answer, Err(Failure::Broken(_))), "{answer:?}");
}
