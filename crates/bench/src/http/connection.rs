//! [`Connection`]: one socket, kept open between requests.

use std::{
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
    pin::pin,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    select,
};

use super::{
    answer::{Answer, Received},
    request::Request,
};

/// How much is read at once.
const PIECE: usize = 16_384;

/// A connection. One that broke or was closed is opened again for the next request.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    received: Received,
}

impl Connection {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, received: Received::default() }
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// # Errors
    ///
    /// The connection failed, or what came is no answer.
    pub(crate) async fn exchange(&mut self, request: &Request) -> Result<Answer<'_>> {
        let mut stream = if let Some(stream) = self.stream.take() {
            stream
        } else {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            stream
        };
        self.received.clear();
        let is_kept = if request.body.is_empty() {
            stream.write_all(&request.bytes).await?;
            read(&mut stream.split().0, &mut self.received).await?;
            true
        } else {
            let (mut from, mut to) = stream.split();
            long(&mut from, &mut to, request, &mut self.received).await?
        };
        if is_kept && !self.received.closes() {
            self.stream = Some(stream);
        }
        self.received.answer().ok_or_else(|| ErrorKind::InvalidData.into())
    }
}

/// A server may refuse a long body before it has read it. Whether the body was sent to its end, so
/// that the connection can be used again.
async fn long(
    from: &mut ReadHalf<'_>,
    to: &mut WriteHalf<'_>,
    request: &Request,
    received: &mut Received,
) -> Result<bool> {
    let mut writing = pin!(async {
        to.write_all(&request.bytes).await?;
        to.write_all(&request.body).await
    });
    let mut reading = pin!(read(from, received));
    select! {
        biased;
        answered = &mut reading => answered.map(|()| false),
        written = &mut writing => {
            // Where the server stopped listening, it may have said why.
            reading.await.map_err(|error| written.as_ref().err().map_or(error, copy))?;
            Ok(written.is_ok())
        }
    }
}

fn copy(error: &Error) -> Error {
    error.kind().into()
}

async fn read(from: &mut ReadHalf<'_>, received: &mut Received) -> Result<()> {
    loop {
        received.bytes().reserve(PIECE);
        if from.read_buf(received.bytes()).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if received.is_whole().map_err(Error::other)? {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::{Ipv4Addr, TcpListener},
        thread,
    };

    use bytes::Bytes;

    use super::*;

    fn request(body: usize) -> Request {
        Request { bytes: b"GET / HTTP/1.1\r\n\r\n".to_vec(), body: Bytes::from(vec![b'x'; body]) }
    }

    fn on_a_runtime<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(work)
    }

    #[test]
    fn a_connection_is_kept_until_the_server_closes_it() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let mut accepted = 0;
            for closes in [&["keep-alive", "close"][..], &["keep-alive"]] {
                let (mut stream, _) = listener.accept().unwrap();
                accepted += 1;
                for word in closes {
                    assert!(stream.read(&mut [0; 64]).unwrap() > 0);
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\nconnection: {word}\r\ncontent-length: 2\r\n\r\nhi"
                    );
                    stream.write_all(answer.as_bytes()).unwrap();
                }
            }
            accepted
        });
        on_a_runtime(async {
            let mut connection = Connection::new(address);
            for _ in 0..3 {
                assert_eq!(connection.exchange(&request(0)).await.unwrap().body, b"hi");
            }
        });
        assert_eq!(server.join().unwrap(), 2);
    }

    #[test]
    fn an_answer_counts_that_came_before_the_body_was_sent() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"HTTP/1.1 429 Wait\r\ncontent-length: 0\r\n\r\n").unwrap();
            // The body stays where it is until the client has gone away.
            stream
        });
        on_a_runtime(async {
            let mut connection = Connection::new(address);
            let status = connection.exchange(&request(64 << 20)).await.unwrap().status;
            assert_eq!((status, connection.stream.is_none()), (429, true));
        });
        drop(server.join().unwrap());
    }
}
