//! [`Names`]: who says which addresses a host has.

use std::{io, net::SocketAddr};

use tokio::net::lookup_host;

/// Who says which addresses a host has.
#[derive(Clone, Default)]
pub(super) enum Names {
    /// The system: its hosts file and its DNS.
    #[default]
    System,
    /// A DNS server that answers as it was told, one answer after the other: every name, whatever it is.
    #[cfg(test)]
    Scripted(std::sync::Arc<std::sync::Mutex<std::collections::VecDeque<Vec<std::net::IpAddr>>>>),
}

impl Names {
    /// The addresses of a host, with a port.
    pub(super) async fn look_up(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        match self {
            Self::System => Ok(lookup_host((host, port)).await?.collect()),
            #[cfg(test)]
            Self::Scripted(answers) => {
                let answer = answers.lock().expect("no panic").pop_front().unwrap_or_default();
                Ok(answer.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
            }
        }
    }
}
