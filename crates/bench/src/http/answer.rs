//! [`Received`]: an answer as it comes in, in however small pieces.

use std::fmt;

/// A whole answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

/// What was sent is no answer that we understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(&'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer {}", self.0)
    }
}

impl std::error::Error for Malformed {}

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    status: u16,
    /// Where the body begins.
    end: usize,
    framing: Framing,
    closes: bool,
}

/// The bytes of an answer that came so far.
#[derive(Debug, Default)]
pub(crate) struct Received {
    bytes: Vec<u8>,
    head: Option<Head>,
    /// Of a body in chunks: what is in those that are whole, and where the next one begins.
    body: Vec<u8>,
    next: usize,
}

impl Received {
    /// Forgets the answer before.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.body.clear();
        self.head = None;
        self.next = 0;
    }

    /// Where further bytes are appended.
    pub(crate) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Whether the answer is whole.
    pub(crate) fn is_whole(&mut self) -> Result<bool, Malformed> {
        let head = match self.head {
            Some(head) => head,
            None => match head(&self.bytes)? {
                None => return Ok(false),
                Some(head) => {
                    self.next = head.end;
                    *self.head.insert(head)
                }
            },
        };
        match head.framing {
            Framing::Chunked => self.take_chunks(),
            Framing::Length(length) => match self.bytes.len().checked_sub(head.end + length) {
                None => Ok(false),
                Some(0) => Ok(true),
                Some(_) => Err(Malformed("goes on after its end")),
            },
        }
    }

    fn take_chunks(&mut self) -> Result<bool, Malformed> {
        loop {
            let rest = &self.bytes[self.next..];
            let Some(line) = find(rest, b"\r\n") else { return Ok(false) };
            let size = rest[..line].split(|byte| *byte == b';').next().unwrap_or_default();
            let size = std::str::from_utf8(size).ok().map(str::trim);
            let size = size.and_then(|size| usize::from_str_radix(size, 16).ok());
            let size = size.ok_or(Malformed("has a chunk without a size"))?;
            if size == 0 {
                // Fields may follow; an empty line ends them.
                return Ok(find(&rest[line..], b"\r\n\r\n").is_some());
            }
            let begin = line + 2;
            let Some(chunk) = rest.get(begin..begin + size + 2) else { return Ok(false) };
            let Some(content) = chunk.strip_suffix(b"\r\n") else {
                return Err(Malformed("has a chunk that is longer than it says"));
            };
            self.body.extend_from_slice(content);
            self.next += begin + size + 2;
        }
    }

    /// The answer, once it is whole.
    pub(crate) fn answer(&self) -> Option<Answer<'_>> {
        let head = self.head?;
        let body = match head.framing {
            Framing::Length(length) => self.bytes.get(head.end..head.end + length)?,
            Framing::Chunked => &self.body,
        };
        Some(Answer { status: head.status, body })
    }

    /// Whether the server closes the connection after it.
    pub(crate) fn closes(&self) -> bool {
        self.head.is_none_or(|head| head.closes)
    }
}

/// Reads the head; `None`: it is not all there yet.
fn head(bytes: &[u8]) -> Result<Option<Head>, Malformed> {
    let Some(end) = find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(&bytes[..end]).map_err(|_| Malformed("has no text as head"))?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3));
    let status: u16 =
        status.and_then(|status| status.parse().ok()).ok_or(Malformed("has no status"))?;
    let mut framing = (status == 204 || status == 304).then_some(Framing::Length(0));
    let mut closes = false;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            let length = value.parse().map_err(|_| Malformed("has a length that is no number"))?;
            framing = framing.or(Some(Framing::Length(length)));
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            framing = framing.or(Some(Framing::Chunked));
        } else if name.eq_ignore_ascii_case("connection") {
            closes = value.eq_ignore_ascii_case("close");
        }
    }
    let framing = framing.ok_or(Malformed("does not say where it ends"))?;
    Ok(Some(Head { status, end: end + 4, framing, closes }))
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds the text byte by byte, and wants it whole at its last byte and not before.
    fn receive(text: &str) -> Received {
        let mut received = Received::default();
        for (at, byte) in text.bytes().enumerate() {
            received.bytes().push(byte);
            assert_eq!(received.is_whole(), Ok(at + 1 == text.len()), "after {at} bytes");
        }
        received
    }

    #[test]
    fn a_body_with_a_length_ends_there() {
        let received = receive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        let answer = received.answer().unwrap();
        assert_eq!((answer.status, answer.body), (200, &b"hello"[..]));
        assert!(!received.closes());
    }

    #[test]
    fn chunks_are_put_together() {
        let received = receive(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
             5;note=1\r\nhello\r\n10\r\n, wonderful worl\r\n1\r\nd\r\n0\r\n\r\n",
        );
        assert_eq!(received.answer().unwrap().body, b"hello, wonderful world");
    }

    #[test]
    fn a_chunk_may_hold_what_looks_like_an_end() {
        let received = receive(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n0\r\n\r\nab\r\n0\r\n\r\n",
        );
        assert_eq!(received.answer().unwrap().body, b"0\r\n\r\nab");
    }

    #[test]
    fn fields_may_follow_the_last_chunk() {
        let received = receive(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: y\r\n\r\n",
        );
        assert_eq!(received.answer().unwrap().body, b"a");
    }

    #[test]
    fn some_answers_have_no_body() {
        let received = receive("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        assert_eq!(received.answer().unwrap().body, b"");
        assert!(received.closes());
    }

    #[test]
    fn one_answer_after_another_is_read_anew() {
        let mut received = receive("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
        received.clear();
        received.bytes().extend_from_slice(b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n");
        assert_eq!(received.is_whole(), Ok(true));
        assert_eq!(received.answer().unwrap().status, 429);
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for text in [
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        ] {
            let mut received = Received::default();
            received.bytes().extend_from_slice(text.as_bytes());
            assert!(received.is_whole().is_err(), "{text:?}");
        }
    }
}
