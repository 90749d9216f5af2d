//! [`Client`]: a client that can tell what became of its request.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

/// How long a client waits for an answer. A server that needs longer has broken its promise.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client with one connection, which it keeps open.
#[derive(Debug)]
pub struct Client {
    address: String,
    token: String,
    stream: Option<TcpStream>,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered.
    Answered {
        /// The status.
        status: u16,
        /// The seconds of `Retry-After`, where there is one.
        retry_after: Option<u32>,
        /// The body.
        body: String,
    },
    /// No one listens, so it was not sent.
    Unsent,
    /// The connection was closed before the first byte of an answer.
    Closed,
    /// The connection was closed within the answer.
    Cut,
    /// No answer came in half a minute.
    Silent,
}

impl Client {
    /// A client of a server, such as `127.0.0.1:8400`, with a token of a connection.
    #[must_use]
    pub fn new(address: &str, token: &str) -> Self {
        Self { address: address.to_owned(), token: token.to_owned(), stream: None }
    }

    /// Sends a request and reads its answer.
    pub fn send(&mut self, method: &str, path: &str, body: &str) -> Outcome {
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
        stream.set_read_timeout(Some(PATIENCE))?;
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
        match more(stream, &mut bytes) {
            Piece::More => {}
            Piece::Silence => return (Outcome::Silent, false),
            Piece::End if bytes.is_empty() => return (Outcome::Closed, false),
            Piece::End => return (Outcome::Cut, false),
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let header = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.map(str::to_owned)
    };
    let Some(status) = text.split(' ').nth(1).and_then(|status| status.parse().ok()) else {
        return (Outcome::Cut, false);
    };
    let length: Option<usize> = header("content-length").and_then(|length| length.parse().ok());
    let chunked = header("transfer-encoding").is_some();
    loop {
        let done = match length {
            Some(length) => bytes.len() >= head + length,
            None => !chunked || bytes.ends_with(b"\r\n0\r\n\r\n"),
        };
        if done {
            break;
        }
        match more(stream, &mut bytes) {
            Piece::More => {}
            Piece::Silence => return (Outcome::Silent, false),
            Piece::End => return (Outcome::Cut, false),
        }
    }
    let body = bytes.split_off(head);
    let body = if chunked { unchunked(&body) } else { body };
    let body = String::from_utf8_lossy(&body).into_owned();
    let retry_after = header("retry-after").and_then(|seconds| seconds.parse().ok());
    let open = header("connection").as_deref() != Some("close");
    (Outcome::Answered { status, retry_after, body }, open)
}

/// The body of an answer that was sent in chunks, RFC 9112 §7.1.
fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") {
        let size = std::str::from_utf8(&bytes[..end]).ok();
        let size = size.and_then(|size| usize::from_str_radix(size, 16).ok()).unwrap_or(0);
        let Some(piece) = bytes.get(end + 2..end + 2 + size) else { break };
        body.extend_from_slice(piece);
        bytes = bytes.get(end + 2 + size + 2..).unwrap_or_default();
    }
    body
}

/// What came next.
enum Piece {
    More,
    End,
    Silence,
}

fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Piece {
    let mut piece = [0; 16 * 1024];
    match stream.read(&mut piece) {
        Ok(0) => Piece::End,
        Ok(count) => {
            bytes.extend_from_slice(&piece[..count]);
            Piece::More
        }
        Err(error)
            if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) =>
        {
            Piece::Silence
        }
        Err(_) => Piece::End,
    }
}

#[cfg(test)]
mod tests {
    use super::unchunked;

    #[test]
    fn chunks_are_put_together() {
        assert_eq!(
            unchunked(b"3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"),
            b"abc0123456789abcdef"
        );
    }
}
