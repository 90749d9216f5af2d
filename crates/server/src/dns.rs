//! [`Resolver`]: asks a DNS server for the TXT records of a name (RFC 1035), by UDP and, where the
//! answer is too long for it, by TCP.

use std::{io, net::SocketAddr, time::Duration};

use directory::Random;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QTYPE, Question, RCODE, TYPE, rdata::RData};
use thiserror::Error;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

/// So long one question waits for its answer; it is asked twice.
const PATIENCE: Duration = Duration::from_secs(3);
const TRIES: usize = 2;
/// The most bytes of an answer by UDP that are read.
const LARGEST: usize = 4_096;
/// Where the system says which server it asks.
const RESOLV_CONF: &str = "/etc/resolv.conf";

/// Why a name has no answer.
#[derive(Debug, Error)]
pub enum DnsError {
    /// The server cannot be reached.
    #[error("the DNS server {server} cannot be reached")]
    Unreachable {
        /// The server.
        server: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The server did not answer.
    #[error("the DNS server {0} did not answer in time")]
    Late(SocketAddr),
    /// What the server answered cannot be used.
    #[error("the DNS server {0} answered with an error: {1}")]
    Refused(SocketAddr, String),
}

/// Asks one DNS server, which asks others on its behalf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolver {
    server: SocketAddr,
}

impl Resolver {
    /// Asks this server.
    #[must_use]
    pub fn new(server: SocketAddr) -> Self {
        Self { server }
    }

    /// Asks the server that the system asks: the first of `/etc/resolv.conf`, or one on this machine.
    #[must_use]
    pub fn of_system() -> Self {
        let text = std::fs::read_to_string(RESOLV_CONF).unwrap_or_default();
        let address = first_nameserver(&text).unwrap_or([127, 0, 0, 1].into());
        Self { server: SocketAddr::new(address, 53) }
    }

    /// The texts of the TXT records of a name; none, where there is no such name or no such record.
    ///
    /// # Errors
    ///
    /// Where the server gives no answer.
    pub async fn texts(&self, random: &Random, name: &str) -> Result<Vec<String>, DnsError> {
        let refused = |why: String| DnsError::Refused(self.server, why);
        let query = |id| {
            let name = Name::new(name)?;
            let mut packet = Packet::new_query(id);
            packet.set_flags(PacketFlag::RECURSION_DESIRED);
            packet.questions.push(Question::new(
                name,
                QTYPE::TYPE(TYPE::TXT),
                CLASS::IN.into(),
                false,
            ));
            packet.build_bytes_vec()
        };
        for _ in 0..TRIES {
            // Whoever cannot read the question has to guess its id and its port (RFC 5452 §9).
            let id = u16::from_be_bytes(random.bytes());
            let query = query(id).map_err(|error| refused(error.to_string()))?;
            let Ok(answer) = timeout(PATIENCE, self.ask(&query, id)).await else { continue };
            let answer =
                answer.map_err(|source| DnsError::Unreachable { server: self.server, source })?;
            return read(&answer, name).map_err(refused);
        }
        Err(DnsError::Late(self.server))
    }

    async fn ask(&self, query: &[u8], id: u16) -> io::Result<Vec<u8>> {
        let any: SocketAddr = match self.server {
            SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
            SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
        };
        let socket = UdpSocket::bind(any).await?;
        // Connected: what comes from elsewhere is not received.
        socket.connect(self.server).await?;
        socket.send(query).await?;
        let mut buffer = vec![0; LARGEST];
        let answer = loop {
            let length = socket.recv(&mut buffer).await?;
            let answer = &buffer[..length];
            if simple_dns::header_buffer::id(answer).is_ok_and(|answered| answered == id) {
                break answer.to_vec();
            }
        };
        let is_cut = simple_dns::header_buffer::has_flags(&answer, PacketFlag::TRUNCATION);
        if is_cut.unwrap_or(false) { self.ask_by_tcp(query).await } else { Ok(answer) }
    }

    async fn ask_by_tcp(&self, query: &[u8]) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.server).await?;
        let length = u16::try_from(query.len()).map_err(io::Error::other)?;
        stream.write_all(&length.to_be_bytes()).await?;
        stream.write_all(query).await?;
        let mut answer = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut answer).await?;
        Ok(answer)
    }
}

fn first_nameserver(text: &str) -> Option<std::net::IpAddr> {
    let mut servers = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    servers.find_map(|server| server.trim().parse().ok())
}

/// The texts of the TXT records in an answer. A name that points to another one is followed by the
/// server, so that records of whatever name answer the question.
fn read(answer: &[u8], name: &str) -> Result<Vec<String>, String> {
    let packet = Packet::parse(answer).map_err(|error| error.to_string())?;
    let asked = packet.questions.first().map(|question| question.qname.to_string());
    if !asked.is_some_and(|asked| asked.eq_ignore_ascii_case(name)) {
        return Err("it answers another question".to_owned());
    }
    match packet.rcode() {
        RCODE::NoError => {}
        RCODE::NameError => return Ok(Vec::new()),
        other => return Err(format!("{other:?}")),
    }
    let texts = packet.answers.into_iter().filter_map(|record| match record.rdata {
        RData::TXT(text) => String::try_from(text).ok(),
        _ => None,
    });
    Ok(texts.collect())
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use directory::Random;
    use simple_dns::{
        CLASS, Name, Packet, PacketFlag, QTYPE, Question, RCODE, ResourceRecord, TYPE,
        rdata::{RData, TXT},
    };
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, UdpSocket},
    };

    use super::{DnsError, Resolver, first_nameserver};

    /// The answer to a question: these texts, or an error.
    fn answer(query: &[u8], texts: &[&str], rcode: RCODE) -> Vec<u8> {
        let query = Packet::parse(query).expect("it is a question");
        let mut reply = Packet::new_reply(query.id());
        *reply.rcode_mut() = rcode;
        let name = query.questions[0].qname.clone();
        let ty = QTYPE::TYPE(TYPE::TXT);
        reply.questions.push(Question::new(name.clone(), ty, CLASS::IN.into(), false));
        for text in texts {
            let text = TXT::new().with_string(text).expect("it is short");
            let record = ResourceRecord::new(name.clone(), CLASS::IN, 60, RData::TXT(text));
            reply.answers.push(record);
        }
        reply.build_bytes_vec().expect("it can be built")
    }

    async fn server(texts: &'static [&'static str], rcode: RCODE) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port is free");
        let address = socket.local_addr().expect("it has one");
        tokio::spawn(async move {
            let mut buffer = [0; 512];
            let (length, from) = socket.recv_from(&mut buffer).await.expect("it is asked");
            // What someone else sends who guesses the id is not taken for the answer.
            let mut forged = answer(&buffer[..length], &["forged"], RCODE::NoError);
            forged[0] ^= 1;
            socket.send_to(&forged, from).await.expect("it is sent");
            let reply = answer(&buffer[..length], texts, rcode);
            socket.send_to(&reply, from).await.expect("it is sent");
        });
        address
    }

    async fn texts(address: SocketAddr) -> Result<Vec<String>, DnsError> {
        Resolver::new(address).texts(&Random::from_seed(1), "_doorward.example.com").await
    }

    #[tokio::test]
    async fn the_texts_of_a_name_are_read() {
        let address = server(&["v=spf1 -all", "doorward-verification=x"], RCODE::NoError).await;
        let found = texts(address).await.expect("there is an answer");
        assert_eq!(found, ["v=spf1 -all", "doorward-verification=x"]);
    }

    #[tokio::test]
    async fn a_name_that_does_not_exist_has_no_texts_and_a_failure_is_told() {
        let address = server(&[], RCODE::NameError).await;
        assert!(texts(address).await.expect("there is an answer").is_empty());
        let address = server(&[], RCODE::ServerFailure).await;
        assert!(matches!(texts(address).await, Err(DnsError::Refused(..))));
    }

    #[tokio::test]
    async fn an_answer_that_is_too_long_for_udp_is_asked_for_by_tcp() {
        let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = tcp.local_addr().expect("it has one");
        let udp = UdpSocket::bind(address).await.expect("the same port is free for UDP");
        tokio::spawn(async move {
            let mut buffer = [0; 512];
            let (length, from) = udp.recv_from(&mut buffer).await.expect("it is asked");
            let mut reply =
                Packet::parse(&buffer[..length]).expect("it is a question").into_reply();
            reply.set_flags(PacketFlag::TRUNCATION);
            let reply = reply.build_bytes_vec().expect("it can be built");
            udp.send_to(&reply, from).await.expect("it is sent");
            let (mut stream, _) = tcp.accept().await.expect("it is asked again");
            let length = stream.read_u16().await.expect("a length comes first");
            let mut query = vec![0; usize::from(length)];
            stream.read_exact(&mut query).await.expect("the question follows");
            let reply = answer(&query, &["by tcp"], RCODE::NoError);
            let length = u16::try_from(reply.len()).expect("it is short");
            stream.write_all(&length.to_be_bytes()).await.expect("it is sent");
            stream.write_all(&reply).await.expect("it is sent");
        });
        assert_eq!(texts(address).await.expect("there is an answer"), ["by tcp"]);
    }

    #[test]
    fn the_system_says_which_server_it_asks() {
        let text = "# by hand\nsearch example.com\nnameserver 10.0.0.2\nnameserver ::1\n";
        assert_eq!(first_nameserver(text), Some([10, 0, 0, 2].into()));
        assert_eq!(first_nameserver("nameserver nonsense"), None);
        // The name is not ours to judge: what DNS cannot carry is refused by the packet.
        assert!(Name::new(&"a".repeat(300)).is_err());
    }
}
