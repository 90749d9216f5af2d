//! [`Client`]: a client that can tell what became of its request.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

/// A client with one connection, which it keeps open.
pub(super) struct Client {
    address: String,
    token: String,
    stream: Option<TcpStream>,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was answered.
    Answered { status: u16, body: String },
    /// No one listens, so it was not sent.
    Unsent,
    /// The connection was closed before the first byte of an answer.
    Closed,
    /// The connection was closed within the answer.
    Cut,
}

impl Client {
    pub(super) fn new(address: &str, token: &str) -> Self {
        Self { address: address.to_owned(), token: token.to_owned(), stream: None }
    }

    /// Sends a request and reads its answer.
    pub(super) fn send(&mut self, method: &str, path: &str, body: &str) -> Outcome {
        let stream = self.stream.take().map_or_else(|| self.connect(), Ok);
        let Ok(mut stream) = stream else { return Outcome::Unsent };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n",
            self.address,
            self.token,
            body.len()
        );
        // A server that refuses may close before it has read everything. Its answer counts.
        let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat());
        let (outcome, open) = read(&mut stream);
        if open {
            self.stream = Some(stream);
        }
        outcome
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// Reads an answer. Whether the connection can be used again.
fn read(stream: &mut TcpStream) -> (Outcome, bool) {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if !more(stream, &mut bytes) {
            return (if bytes.is_empty() { Outcome::Closed } else { Outcome::Cut }, false);
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    let header = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.map(str::to_owned)
    };
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while bytes.len() < head + length {
        if !more(stream, &mut bytes) {
            return (Outcome::Cut, false);
        }
    }
    let body = String::from_utf8(bytes.split_off(head)).expect("text");
    let status = status.unwrap_or_else(|| panic!("not HTTP: {text}"));
    let open = header("connection").as_deref() != Some("close");
    (Outcome::Answered { status, body }, open)
}

/// Reads what comes next. Whether there was something.
fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> bool {
    let mut piece = [0; 16 * 1024];
    match stream.read(&mut piece) {
        Ok(count) => {
            bytes.extend_from_slice(&piece[..count]);
            count > 0
        }
        Err(error) => {
            // Silence is not an end: a request must be answered or cut off.
            let silent =
                matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
            assert!(!silent, "no answer in 30 seconds");
            false
        }
    }
}
