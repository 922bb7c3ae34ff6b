//! The listening side: one loop that accepts, one task for each connection, and a stop that
//! lets what is being answered be answered.

use std::future::Future;
use std::time::Duration;

use hyper::Request as HyperRequest;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::delivery::{Delivery, Lost};
use super::request::Request;

/// How long a stop waits for answers that are on their way.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// Serves until told to stop. The port is closed when this returns.
pub(crate) async fn serve<F, A>(listener: TcpListener, answer: F, stop: oneshot::Receiver<()>)
where
    F: Fn(Request) -> A + Clone + Send + 'static,
    A: Future<Output = Delivery> + Send + 'static,
{
    let connections = GracefulShutdown::new();
    tokio::select! {
        () = accept(&listener, &answer, &connections) => {}
        // A handle that is gone without a word has no more use for the server either.
        _ = stop => {}
    }
    drop(listener);
    // Whoever still waits after that loses the answer together with the runtime.
    tokio::time::timeout(LAST_ANSWERS, connections.shutdown())
        .await
        .ok();
}

async fn accept<F, A>(listener: &TcpListener, answer: &F, connections: &GracefulShutdown)
where
    F: Fn(Request) -> A + Clone + Send + 'static,
    A: Future<Output = Delivery> + Send + 'static,
{
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(converse(stream, answer.clone(), connections.watcher()));
            }
            // Out of file descriptors, most likely: some connection will end and free one.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn converse<F, A>(stream: TcpStream, answer: F, watcher: Watcher)
where
    F: Fn(Request) -> A + Clone + Send + 'static,
    A: Future<Output = Delivery> + Send + 'static,
{
    // Without it answers are only slower.
    stream.set_nodelay(true).ok();
    let service = service_fn(move |incoming: HyperRequest<Incoming>| {
        let answer = answer.clone();
        async move {
            let request = Request::read(incoming).await.ok_or(Lost)?;
            answer(request).await.into_response()
        }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // An error here is a caller who left, or an answer lost on purpose: the record has it.
    watcher.watch(connection).await.ok();
}
