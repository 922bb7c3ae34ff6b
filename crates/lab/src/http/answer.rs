//! An answer before it is sent.

use hyper::body::Bytes;
use serde_json::Value;

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn xml(status: u16, document: &str) -> Self {
        let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{document}");
        Self::new(status)
            .with("content-type", "application/xml")
            .with_body(text)
    }

    pub(crate) fn json(status: u16, document: &Value) -> Self {
        Self::new(status)
            .with("content-type", "application/json")
            .with_body(document.to_string())
    }

    /// Sets a header, in the place of an earlier one of that name.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn with_all(self, headers: &[(String, String)]) -> Self {
        headers
            .iter()
            .fold(self, |answer, (name, value)| answer.with(name, value))
    }

    pub(crate) fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
}
