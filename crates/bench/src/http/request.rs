//! [`Request`]: a request as its bytes, made before it is sent.

use std::{io::Write as _, net::SocketAddr};

use bytes::Bytes;
use serde::Deserialize;

/// Whom requests go to, and in whose name.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Caller {
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    /// The bearer token: it says which organization is meant.
    pub(crate) token: String,
}

/// Where the protocol's addresses begin.
const BASE: &str = "/scim/v2";

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Its head and, where it is short, its body.
    pub(crate) bytes: Vec<u8>,
    /// A long body. It may be shared by many requests.
    pub(crate) body: Bytes,
}

impl Caller {
    pub(crate) fn get(&self, path: &str) -> Request {
        Request { bytes: self.head("GET", path, None), body: Bytes::new() }
    }

    /// A request with a short body.
    pub(crate) fn send(&self, method: &str, path: &str, body: &str) -> Request {
        let mut bytes = self.head(method, path, Some(body.len()));
        bytes.extend_from_slice(body.as_bytes());
        Request { bytes, body: Bytes::new() }
    }

    /// A request with a long body, of which the beginning may be its own and the rest shared. It
    /// is sent while the answer is waited for.
    pub(crate) fn send_long(&self, method: &str, path: &str, own: &str, rest: &Bytes) -> Request {
        let mut bytes = self.head(method, path, Some(own.len() + rest.len()));
        bytes.extend_from_slice(own.as_bytes());
        Request { bytes, body: rest.clone() }
    }

    fn head(&self, method: &str, path: &str, length: Option<usize>) -> Vec<u8> {
        let Self { address, token } = self;
        let mut head = Vec::with_capacity(512 + length.unwrap_or_default().min(8_192));
        let mut write = || -> std::io::Result<()> {
            write!(head, "{method} {BASE}{path} HTTP/1.1\r\nhost: {address}\r\n")?;
            write!(head, "authorization: Bearer {token}\r\naccept: application/scim+json\r\n")?;
            if let Some(length) = length {
                write!(head, "content-type: application/scim+json\r\n")?;
                write!(head, "content-length: {length}\r\n")?;
            }
            write!(head, "\r\n")
        };
        write().expect("writing to memory cannot fail");
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_what_the_standard_says() {
        let address = SocketAddr::from(([127, 0, 0, 1], 80));
        let caller = Caller { address, token: "secret".to_owned() };
        let request = caller.send("POST", "/Users", "{}");
        let text = String::from_utf8(request.bytes).unwrap();
        assert!(text.starts_with("POST /scim/v2/Users HTTP/1.1\r\nhost: 127.0.0.1:80\r\n"));
        assert!(text.contains("\r\nauthorization: Bearer secret\r\n"));
        assert!(text.ends_with("\r\ncontent-length: 2\r\n\r\n{}"));
        assert!(caller.get("/Users").bytes.ends_with(b"json\r\n\r\n"));
        let request = caller.send_long("PUT", "/Groups/1", "{", &Bytes::from_static(b"}"));
        assert!(request.bytes.ends_with(b"\r\ncontent-length: 2\r\n\r\n{"));
    }
}
