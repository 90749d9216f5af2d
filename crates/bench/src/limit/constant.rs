//! [`Constant`]: an axum route that answers the same bytes each time.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

use anyhow::{Context as _, Result};
use axum::{Router, http::header::CONTENT_TYPE, routing::get, serve::ListenerExt as _};
use bytes::Bytes;
use tokio::net::TcpListener;

use crate::process::Process;

/// The argument that makes this program the server; the file with the answer follows.
pub(crate) const ARGUMENT: &str = "--constant";

/// A process that serves the route; it ends when this value is dropped.
#[derive(Debug)]
pub(crate) struct Constant {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Constant {
    /// Starts ourselves once more, as the server of an answer with this body.
    pub(crate) fn start(folder: &Path, body: &[u8]) -> Result<Self> {
        let file = folder.join("constant");
        fs::write(&file, body).context("cannot write the constant answer")?;
        let program = std::env::current_exe().context("who are we?")?;
        let mut child = Command::new(program)
            .arg(ARGUMENT)
            .arg(&file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the constant route")?;
        let mut line = String::new();
        let output = child.stdout.take().context("no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().parse();
        let address = address.with_context(|| format!("the constant route said {line:?}"));
        match address {
            Ok(address) => Ok(Self { child, address }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    pub(crate) fn process(&self) -> Process {
        Process::alone(self.child.id())
    }
}

impl Drop for Constant {
    fn drop(&mut self) {
        // It ends by itself when its input does; it need not be asked twice.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Serves until the standard input ends, which it does however the program ends that started us.
/// The runtime is Doorward's.
pub(crate) fn serve(file: &str) -> Result<()> {
    let body = Bytes::from(fs::read(file).with_context(|| format!("cannot read {file}"))?);
    thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let mut output = std::io::stdout();
        writeln!(output, "{}", listener.local_addr()?)?;
        output.flush()?;
        let answer = move || async move { ([(CONTENT_TYPE, "application/scim+json")], body) };
        let app = Router::new().route("/scim/v2/Users/{id}", get(answer));
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, app).await
    })?;
    Ok(())
}
