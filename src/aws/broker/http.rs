//! The loopback endpoint that a child's environment names: one GET, one token, one answer.
//!
//! It answers to its own address only, so that a name which a stranger points at 127.0.0.1 opens
//! nothing, and it sends no header that would let a web page read an answer.

use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use super::desk::Desk;
use super::{document, spawn};
use crate::aws::Aws;

/// How long a caller may take to say what it wants.
const READ_WITHIN: Duration = Duration::from_secs(10);
/// The most that a caller may say.
const MOST_BYTES: usize = 16 * 1024;

/// Answers those who call it by `host`, which is its address and port.
pub(super) async fn serve<A: Aws + 'static>(
    listener: TcpListener,
    host: String,
    desk: Rc<Desk<A>>,
) {
    let host: Rc<str> = host.into();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) if desk.is_another_users(peer, &stream) => drop(stream),
            Ok((stream, _)) => spawn(converse(stream, Rc::clone(&host), Rc::clone(&desk))),
            // Out of descriptors: wait for a child to end.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn converse<A: Aws + 'static>(stream: TcpStream, host: Rc<str>, desk: Rc<Desk<A>>) {
    let service = service_fn(|request| {
        let (host, desk) = (Rc::clone(&host), Rc::clone(&desk));
        async move { Ok::<_, Infallible>(answer(&request, &host, &desk).await) }
    });
    // A caller that goes away in the middle is nobody's trouble.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(READ_WITHIN)
        .max_buf_size(MOST_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer<A: Aws + 'static>(
    request: &Request<Incoming>,
    host: &str,
    desk: &Desk<A>,
) -> Response<Full<Bytes>> {
    let header = |name| request.headers().get(name).map(HeaderValue::as_bytes);
    if header(HOST) != Some(host.as_bytes()) || request.uri().authority().is_some() {
        return refusal(
            StatusCode::FORBIDDEN,
            "this address answers to its own name only",
        );
    }
    if request.method() != Method::GET {
        let mut response = refusal(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered");
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET"));
        return response;
    }
    let id = request.uri().path().trim_start_matches('/');
    let token = header(AUTHORIZATION).and_then(|token| str::from_utf8(token).ok());
    match desk.over_http(id, token.unwrap_or_default()).await {
        Ok(credentials) => respond(StatusCode::OK, credentials),
        // A child asks again by itself after a 5xx.
        Err(refused) if refused.is_passing => {
            refusal(StatusCode::SERVICE_UNAVAILABLE, &refused.message)
        }
        Err(refused) => refusal(StatusCode::FORBIDDEN, &refused.message),
    }
}

fn refusal(status: StatusCode, message: &str) -> Response<Full<Bytes>> {
    respond(status, document::refusal("terrane", message))
}

fn respond(status: StatusCode, json: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(json)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
