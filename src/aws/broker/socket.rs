//! The socket of terrane's own helper, which an engine's backend runs as `credential_process`.
//!
//! One line in, `WANTED TOKEN`; out comes `ok` or `no` on a line, then what the helper prints.

use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use super::desk::{Desk, Peer};
use super::spawn;
use crate::aws::Aws;

/// How long the helper may take to say what it wants.
const READ_WITHIN: Duration = Duration::from_secs(10);
/// The most that the helper has to say.
const MOST_BYTES: u64 = 1024;

pub(super) async fn serve<A: Aws + 'static>(listener: UnixListener, desk: Rc<Desk<A>>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => spawn(converse(stream, Rc::clone(&desk))),
            // Out of descriptors: wait for a child to end.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn converse<A: Aws + 'static>(mut stream: UnixStream, desk: Rc<Desk<A>>) {
    let Ok(credentials) = stream.peer_cred() else {
        return;
    };
    let pid = credentials.pid().and_then(|pid| u32::try_from(pid).ok());
    let peer = Peer {
        uid: credentials.uid(),
        pid,
    };
    let mut line = String::new();
    let mut limited = BufReader::new((&mut stream).take(MOST_BYTES));
    let read = tokio::time::timeout(READ_WITHIN, limited.read_line(&mut line)).await;
    if !matches!(read, Ok(Ok(1..))) {
        return;
    }
    let (wanted, token) = line.trim_end().rsplit_once(' ').unwrap_or_default();
    let answer = match desk.over_socket(peer, wanted, token).await {
        Ok(credentials) => format!("ok\n{credentials}\n"),
        Err(refused) => format!("no\n{}\n", refused.message),
    };
    // A helper that is gone needs no answer.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
