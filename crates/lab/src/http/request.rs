//! A request as services want it: the path and query both raw, for signatures, and decoded.

use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{HeaderMap, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What AWS leaves as it is when it encodes; everything else becomes `%XX`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
const ENCODED_IN_PATH: &AsciiSet = &ENCODED.remove(b'/');

/// More than any state or parameter needs; what is longer is cut off with its connection.
const LONGEST_BODY: usize = 512 << 20;

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// As sent, still encoded.
    pub(crate) raw_path: String,
    /// Decoded names and values, in the order in which they were sent.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    /// Reads the whole of a request. Nothing if its body ends early or never ends.
    pub(crate) async fn read(incoming: hyper::Request<Incoming>) -> Option<Self> {
        let (head, body) = incoming.into_parts();
        let body = Limited::new(body, LONGEST_BODY)
            .collect()
            .await
            .ok()?
            .to_bytes();
        Some(Self {
            method: head.method,
            raw_path: head.uri.path().to_owned(),
            query: pairs(head.uri.query().unwrap_or("")),
            headers: head.headers,
            body,
        })
    }

    pub(crate) fn path(&self) -> String {
        percent_decode_str(&self.raw_path)
            .decode_utf8_lossy()
            .into_owned()
    }

    /// The value of a query parameter; empty for one that has a name only.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }

    /// A header's value; nothing if it is absent or not text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Form fields and query parameters: split, and decoded with `+` as a space.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let decoded = |part: &str| {
        let part = part.replace('+', " ");
        percent_decode_str(&part).decode_utf8_lossy().into_owned()
    };
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

pub(crate) fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

pub(crate) fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, ENCODED_IN_PATH).to_string()
}
