//! Connections to addresses that were checked.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    client::conn::http1::{Builder, SendRequest},
    rt::{Read, Write},
};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{net::TcpStream, sync::OnceCell};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{Failure, broken};
use crate::http::KB;

/// The head of an answer: status and headers.
const HEAD: usize = 64 * KB;

/// Connects to the first of these addresses that answers.
pub(super) async fn to_any(addresses: &[SocketAddr]) -> Result<TokioIo<TcpStream>, Failure> {
    let stream = TcpStream::connect(addresses).await;
    // What exactly went wrong would tell a stranger what listens where.
    let stream = stream.map_err(|_| Failure::Broken("nobody answers there".to_owned()))?;
    Ok(TokioIo::new(stream))
}

/// Begins HTTP/1.1 on a connection.
pub(super) async fn handshake<T>(stream: T) -> Result<SendRequest<Full<Bytes>>, Failure>
where
    T: Read + Write + Unpin + Send + 'static,
{
    let begun = Builder::new().max_buf_size(HEAD).handshake(stream).await;
    let (sender, connection) = begun.map_err(|error| broken(&error))?;
    // It ends with the sender, or with the stream.
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to the outside broke");
        }
    });
    Ok(sender)
}

/// TLS with the certificates that this machine trusts. They are read when they are first needed.
#[derive(Default)]
pub(super) struct Tls(OnceCell<TlsConnector>);

impl Tls {
    /// Encrypts a connection, with whoever proves to be this host.
    pub(super) async fn open(
        &self,
        stream: TokioIo<TcpStream>,
        host: &str,
    ) -> Result<TokioIo<TlsStream<TcpStream>>, Failure> {
        let connector = self.0.get_or_try_init(connector).await?;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Failure::Address)?;
        let opened = connector.connect(name, stream.into_inner()).await;
        let stream = opened.map_err(|error| Failure::Broken(error.to_string()))?;
        Ok(TokioIo::new(stream))
    }
}

async fn connector() -> Result<TlsConnector, Failure> {
    let read = tokio::task::spawn_blocking(|| {
        let mut roots = RootCertStore::empty();
        // One unreadable certificate of the system must not stop the others from being used.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider);
        let builder = builder.with_safe_default_protocol_versions()?;
        Ok::<_, rustls::Error>(builder.with_root_certificates(roots).with_no_client_auth())
    });
    let config = read.await.map_err(|error| Failure::Broken(error.to_string()))?;
    let config = config.map_err(|error| Failure::Broken(error.to_string()))?;
    Ok(TlsConnector::from(Arc::new(config)))
}
