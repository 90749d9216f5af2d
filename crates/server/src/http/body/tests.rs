//! Bodies as clients send them: whole, in pieces, slowly, compressed, too large, broken.

use std::{convert::Infallible, fmt::Write as _, io::Write as _, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value as Json;
use tokio::time::{Instant, sleep};

use super::{BodyError, Source, parse, read};
use crate::http::{KB, Limits, MB};

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pairs = pairs.iter().map(|(name, value)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header"))
    });
    pairs.collect()
}

fn gzip_header() -> HeaderMap {
    headers(&[("content-encoding", "gzip")])
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A body that arrives in pieces of this size, each after this pause.
fn pieces(bytes: &[u8], size: usize, pause: Duration) -> Body {
    let pieces: Vec<Bytes> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
    Body::from_stream(stream::iter(pieces).then(move |piece| async move {
        sleep(pause).await;
        Ok::<_, Infallible>(piece)
    }))
}

/// An object of about this many bytes that does not compress well.
fn large(bytes: usize) -> String {
    let mut text = String::from("{\"members\":[");
    let mut n: u64 = 1;
    while text.len() < bytes {
        n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        write!(text, "{{\"value\":\"{n:016x}\"}},").expect("memory");
    }
    text.push_str("{\"value\":\"last\"}]}");
    text
}

/// A body as a parser of JSON sees it.
async fn parsed(
    body: Body,
    headers: &HeaderMap,
    limit: usize,
) -> Result<Result<Json, serde_json::Error>, BodyError> {
    parse_if(body, headers, limit, async { Ok(()) }).await
}

/// The same, if a large one is let in.
async fn parse_if(
    body: Body,
    headers: &HeaderMap,
    limit: usize,
    admit: impl Future<Output = Result<(), BodyError>>,
) -> Result<Result<Json, serde_json::Error>, BodyError> {
    parse(body, headers, limit, &Limits::default(), admit, |source| match source {
        Source::Whole(bytes) => serde_json::from_slice(bytes),
        Source::Arriving(reader) => serde_json::from_reader(reader),
    })
    .await
}

fn last_member(value: &Json) -> Option<&str> {
    value["members"].as_array()?.last()?["value"].as_str()
}

async fn bytes_of(body: Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, BodyError> {
    read(body, headers, limit, &Limits::default()).await
}

#[tokio::test]
async fn a_body_is_read_whole() {
    let none = HeaderMap::new();
    assert_eq!(bytes_of(Body::empty(), &none, 10).await, Ok(Bytes::new()));
    assert_eq!(bytes_of(Body::from("0123456789"), &none, 10).await, Ok("0123456789".into()));
    let body = pieces(b"0123456789", 3, Duration::ZERO);
    assert_eq!(bytes_of(body, &none, 10).await, Ok("0123456789".into()));
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let refused = Err(BodyError::TooLarge { limit: 10 });
    let body = pieces(b"0123456789a", 4, Duration::ZERO);
    assert_eq!(bytes_of(body, &HeaderMap::new(), 10).await, refused);
    // Announced: refused although nothing would ever arrive.
    let body = || Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    for length in ["11", "18446744073709551615"] {
        let headers = headers(&[("content-length", length)]);
        assert_eq!(bytes_of(body(), &headers, 10).await, refused, "{length}");
    }
    assert_eq!(BodyError::TooLarge { limit: 10 }.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_given_up() {
    let begun = Instant::now();
    let body = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    assert_eq!(bytes_of(body, &HeaderMap::new(), MB).await, Err(BodyError::Slow));
    assert_eq!(begun.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_has_time_in_proportion_to_what_it_brings() {
    let text = vec![b'x'; 100 * KB];
    // 2 KB/s for 50 s is fast enough; 512 bytes/s is not.
    let body = pieces(&text, 2 * KB, Duration::from_secs(1));
    assert_eq!(bytes_of(body, &HeaderMap::new(), MB).await.map(|b| b.len()), Ok(100 * KB));
    let begun = Instant::now();
    let body = pieces(&text, KB / 2, Duration::from_secs(1));
    assert_eq!(bytes_of(body, &HeaderMap::new(), MB).await, Err(BodyError::Slow));
    assert!((55..=65).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn gzip_is_undone() {
    let text = large(200 * KB);
    for size in [1000, MB] {
        for coding in ["gzip", "GZIP", "x-gzip", "identity, gzip"] {
            let body = pieces(&gzip(text.as_bytes()), size, Duration::ZERO);
            let headers = headers(&[("content-encoding", coding)]);
            assert_eq!(bytes_of(body, &headers, MB).await, Ok(text.clone().into()), "{coding}");
        }
    }
    assert_eq!(bytes_of(Body::empty(), &gzip_header(), MB).await, Ok(Bytes::new()));
}

#[tokio::test]
async fn a_gzip_bomb_is_not_unpacked() {
    let bomb = gzip(&vec![b' '; 50 * MB]);
    assert!(bomb.len() < 100 * KB);
    let refused = bytes_of(Body::from(bomb.clone()), &gzip_header(), 64 * MB).await;
    assert_eq!(refused, Err(BodyError::Expansion { ratio: 20 }));
    let limits = Limits { gzip_ratio: 10_000, ..Limits::default() };
    let refused = read(Body::from(bomb), &gzip_header(), MB, &limits).await;
    assert_eq!(refused, Err(BodyError::TooLarge { limit: MB }));
    // A small answer to a smaller question is no bomb.
    let small = gzip(&vec![b' '; 60 * KB]);
    assert_eq!(bytes_of(Body::from(small), &gzip_header(), MB).await.map(|b| b.len()), Ok(60 * KB));
}

#[tokio::test]
async fn broken_gzip_and_other_encodings_are_refused() {
    let whole = gzip(b"{\"a\":1}");
    let cut = Body::from(whole[..whole.len() - 4].to_vec());
    assert_eq!(bytes_of(cut, &gzip_header(), MB).await, Err(BodyError::Gzip));
    assert_eq!(bytes_of(Body::from("{}"), &gzip_header(), MB).await, Err(BodyError::Gzip));
    for coding in ["deflate", "br", "gzip, gzip", "gzip, br"] {
        let headers = headers(&[("content-encoding", coding)]);
        let refused = bytes_of(Body::from("{}"), &headers, MB).await;
        assert_eq!(refused, Err(BodyError::Encoding), "{coding}");
    }
}

#[tokio::test]
async fn a_parser_sees_the_whole_body_at_every_size() {
    for size in [10, 63 * KB, 65 * KB, 2 * MB - 20, 2 * MB + 1, 4 * MB] {
        let text = large(size);
        let body = pieces(text.as_bytes(), 50_000, Duration::ZERO);
        let plain = parsed(body, &HeaderMap::new(), 64 * MB).await.expect("whole");
        assert_eq!(last_member(&plain.expect("JSON")), Some("last"), "{size}");
        let body = Body::from(gzip(text.as_bytes()));
        let unpacked = parsed(body, &gzip_header(), 64 * MB).await.expect("whole");
        assert_eq!(last_member(&unpacked.expect("JSON")), Some("last"), "{size}, gzip");
    }
}

#[tokio::test]
async fn what_a_parser_finds_wrong_is_told_at_every_size() {
    for size in [10, 65 * KB, 3 * MB] {
        let text = large(size);
        let cut = Body::from(text[..text.len() - 1].to_owned());
        let error = parsed(cut, &HeaderMap::new(), 64 * MB).await.expect("whole");
        assert!(error.expect_err("cut").is_eof(), "{size}");
    }
}

#[tokio::test]
async fn what_is_wrong_in_a_large_body_is_told_before_the_rest_arrives() {
    let mut text = large(3 * MB);
    text.insert(10, '!');
    let endless = stream::iter([Ok::<_, Infallible>(Bytes::from(text))])
        .chain(stream::repeat_with(|| Ok(Bytes::from_static(&[b' '; 1024]))));
    let error = parsed(Body::from_stream(endless), &HeaderMap::new(), usize::MAX).await;
    assert!(error.expect("as far as it was read").is_err());
}

#[tokio::test]
async fn a_body_that_breaks_off_is_broken_whatever_was_parsed() {
    for size in [10, 3 * MB] {
        let start = [Ok(Bytes::from(large(size))), Err(std::io::Error::other("reset"))];
        let body = Body::from_stream(stream::iter(start));
        let error = parsed(body, &HeaderMap::new(), 64 * MB).await.expect_err("broken");
        assert_eq!(error, BodyError::Broken, "{size}");
    }
}

#[tokio::test]
async fn no_body_and_a_large_one_are_not_parsed() {
    let error = parsed(Body::empty(), &HeaderMap::new(), MB).await.expect_err("empty");
    assert_eq!(error, BodyError::Empty);
    let body = pieces(large(5 * MB).as_bytes(), MB, Duration::ZERO);
    let error = parsed(body, &HeaderMap::new(), 4 * MB).await.expect_err("too large");
    assert_eq!(error, BodyError::TooLarge { limit: 4 * MB });
}

#[tokio::test]
async fn a_body_that_turns_out_to_be_large_waits_to_be_let_in() {
    // No length was announced: it arrives in pieces, compressed or not.
    let (small, large) = (large(2 * MB - 100), large(3 * MB));
    let refuse = || async { Err(BodyError::Slow) };
    let none = HeaderMap::new();
    let body = pieces(small.as_bytes(), 50_000, Duration::ZERO);
    let read = parse_if(body, &none, 64 * MB, refuse()).await.expect("it is not asked for");
    assert_eq!(last_member(&read.expect("JSON")), Some("last"));
    let body = pieces(large.as_bytes(), 50_000, Duration::ZERO);
    assert_eq!(parse_if(body, &none, 64 * MB, refuse()).await.expect_err("out"), BodyError::Slow);
    let body = Body::from(gzip(large.as_bytes()));
    let refused = parse_if(body, &gzip_header(), 64 * MB, refuse()).await.expect_err("out");
    assert_eq!(refused, BodyError::Slow);
}
