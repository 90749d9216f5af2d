//! A real listener on loopback, and clients that speak HTTP by hand.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Extension, Router, body::Bytes, routing::get};
use http::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::serve;
use crate::http::{Drain, Limits, PeerAddress};

struct Running {
    address: SocketAddr,
    drain: Drain,
    stop: oneshot::Sender<()>,
    served: JoinHandle<usize>,
}

async fn start(app: Router, limits: Limits) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let drain = Drain::new();
    let flag = drain.clone();
    let served = tokio::spawn(async move {
        serve(listener, app, &limits, &flag, async { _ = stopped.await }).await
    });
    Running { address, drain, stop, served }
}

fn limits() -> Limits {
    Limits {
        header_timeout: Duration::from_millis(300),
        idle_timeout: Duration::from_millis(300),
        shutdown_grace: Duration::from_secs(5),
        ..Limits::default()
    }
}

fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

async fn send(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(text.as_bytes()).await.expect("writes");
    stream
}

/// Reads until the text has been seen.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 1024];
    while !text.contains(end) {
        let n = stream.read(&mut buffer).await.expect("reads");
        assert_ne!(n, 0, "closed after {text:?}");
        text.push_str(std::str::from_utf8(&buffer[..n]).expect("text"));
    }
    text
}

async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    timeout(Duration::from_secs(5), stream.read_to_string(&mut text))
        .await
        .expect("closes in time")
        .expect("closes cleanly");
    text
}

const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

#[tokio::test]
async fn a_request_knows_its_peer() {
    let show = async |Extension(PeerAddress(peer)): Extension<PeerAddress>| peer.to_string();
    let running = start(Router::new().route("/", get(show)), limits()).await;
    let mut stream = send(running.address, GET).await;
    assert!(read_until(&mut stream, "127.0.0.1").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn http2_is_spoken_by_prior_knowledge() {
    let running = start(hello(), limits()).await;
    let mut stream = send(running.address, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.expect("an empty SETTINGS frame");
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.expect("a frame");
    assert_eq!(head[3], 4, "the answer begins with SETTINGS");
}

#[tokio::test]
async fn who_sends_no_head_is_dropped() {
    let running = start(hello(), limits()).await;
    for beginning in ["", "G", "PRI * HT", "GET / HTTP/1.1\r\nHost: x\r\n"] {
        let begun = Instant::now();
        assert_eq!(rest(send(running.address, beginning).await).await, "", "{beginning:?}");
        let waited = begun.elapsed();
        assert!(waited >= Duration::from_millis(250), "{beginning:?}: {waited:?}");
        assert!(waited < Duration::from_secs(3), "{beginning:?}: {waited:?}");
    }
}

#[tokio::test]
async fn an_idle_connection_is_kept_and_then_closed() {
    let idle = Duration::from_millis(900);
    let running = start(hello(), Limits { idle_timeout: idle, ..limits() }).await;
    let mut stream = send(running.address, GET).await;
    read_until(&mut stream, "hello").await;
    sleep(Duration::from_millis(500)).await;
    stream.write_all(GET.as_bytes()).await.expect("still open after the time for a head");
    read_until(&mut stream, "hello").await;
    let begun = Instant::now();
    assert_eq!(rest(stream).await, "");
    assert!(begun.elapsed() >= Duration::from_millis(800), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_slow_answer_is_not_idle() {
    let slow = async || {
        sleep(Duration::from_millis(900)).await;
        "slow"
    };
    let running = start(Router::new().route("/", get(slow)), limits()).await;
    let mut stream = send(running.address, GET).await;
    read_until(&mut stream, "slow").await;
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let refuse = async || (StatusCode::PAYLOAD_TOO_LARGE, "too large");
    let app = Router::new().route("/", get(refuse).post(refuse));
    let running = start(app, limits()).await;
    let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n\r\n";
    let mut stream = send(running.address, head).await;
    for _ in 0..2048 {
        stream.write_all(&[b' '; 4096]).await.expect("the server still reads");
        tokio::task::yield_now().await;
    }
    assert!(rest(stream).await.ends_with("too large"));
}

#[tokio::test]
async fn a_request_in_flight_survives_shutdown_and_new_ones_are_not_accepted() {
    let (arrived, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (said, wait) = (Arc::clone(&arrived), Arc::clone(&go));
    let slow = async move || {
        said.notify_one();
        wait.notified().await;
        "done"
    };
    let running = start(Router::new().route("/", get(slow)), limits()).await;
    let idle = TcpStream::connect(running.address).await.expect("connects");
    let stream = send(running.address, GET).await;
    arrived.notified().await;
    assert!(!running.drain.has_started());
    running.stop.send(()).expect("the server runs");
    running.drain.started().await;
    assert_eq!(rest(idle).await, "", "an idle connection is closed at once");
    assert!(TcpStream::connect(running.address).await.is_err());
    go.notify_one();
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("done"), "{answer}");
    assert_eq!(running.served.await.expect("no panic"), 0);
}

#[tokio::test]
async fn the_grace_ends() {
    let stuck = async || std::future::pending::<Bytes>().await;
    let grace = Duration::from_millis(200);
    let limits = Limits { shutdown_grace: grace, ..limits() };
    let running = start(Router::new().route("/", get(stuck)), limits).await;
    let _stream = send(running.address, GET).await;
    sleep(Duration::from_millis(100)).await;
    running.stop.send(()).expect("the server runs");
    let served = timeout(Duration::from_secs(3), running.served).await.expect("ends in time");
    assert_eq!(served.expect("no panic"), 1);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_their_turn() {
    let running = start(hello(), Limits { connections: 1, ..limits() }).await;
    let first = TcpStream::connect(running.address).await.expect("connects");
    let mut second = send(running.address, GET).await;
    let early = timeout(Duration::from_millis(100), second.readable()).await;
    assert!(early.is_err(), "the first connection holds the only slot");
    drop(first);
    read_until(&mut second, "hello").await;
}
