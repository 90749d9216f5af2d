//! [`NameServer`]: a DNS server on this machine that says about every name what a test wants.

use std::{
    net::{SocketAddr, UdpSocket},
    thread,
};

/// A DNS server that answers each question with one TXT record (RFC 1035 §4.1.1).
#[derive(Clone, Copy, Debug)]
pub struct NameServer(SocketAddr);

impl NameServer {
    /// Begins to answer with this text, of at most 254 bytes. It ends with the process.
    #[must_use]
    pub fn start(text: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
        let address = socket.local_addr().expect("it has one");
        let text = text.as_bytes().to_vec();
        let length = u8::try_from(text.len()).expect("it is short");
        thread::spawn(move || {
            let mut buffer = [0; 512];
            while let Ok((asked, from)) = socket.recv_from(&mut buffer) {
                let mut reply = buffer[..asked].to_vec();
                // A response, without an error, with one answer.
                reply[2] |= 0x80;
                reply[7] = 1;
                // The name of the question, TXT, IN, a minute, and the text after its length.
                reply.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
                reply.extend([0, length + 1, length]);
                reply.extend(&text);
                if socket.send_to(&reply, from).is_err() {
                    return;
                }
            }
        });
        Self(address)
    }

    /// Where it is asked.
    #[must_use]
    pub fn address(self) -> SocketAddr {
        self.0
    }
}
