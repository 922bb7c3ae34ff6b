//! Refusals: what went wrong, and how each protocol of AWS writes it.

use jiff::Timestamp;

use crate::clock;
use crate::http::answer::Answer;
use crate::http::request::Request;
use crate::identity::keyring::{hex, random};
use crate::identity::signature::ALLOWED_SKEW;
use crate::xml;

/// A no: what the caller is told, and what only the record learns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: Box<str>,
    /// More elements of the error, where the protocol has room for them.
    pub(crate) details: Vec<(&'static str, String)>,
    pub(crate) headers: Vec<(String, String)>,
    /// The true cause, which AWS often keeps to itself.
    pub(crate) reason: Option<Box<str>>,
}

/// The ways in which AWS's services write their errors.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Protocol {
    /// S3: XML that is the error itself.
    RestXml,
    /// STS: XML with the error inside a response.
    Query,
    /// DynamoDB and SSM: JSON with a `__type`, and 400 for nearly everything. Before the code
    /// stands the namespace that it is from.
    Json {
        version: &'static str,
        namespace: fn(&str) -> &'static str,
    },
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<Box<str>>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            ..Self::default()
        }
    }

    pub(crate) fn because(mut self, reason: impl Into<Box<str>>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }
}

impl Protocol {
    pub(crate) fn write(self, refusal: &Refusal, request: &Request) -> Answer {
        let request_id = hex(&random::<8>());
        let answer = match self {
            Self::RestXml => rest_xml(refusal, request, &request_id),
            Self::Query => query(refusal, &request_id),
            Self::Json { version, namespace } => json(refusal, version, namespace(&refusal.code)),
        };
        let id_header = match self {
            Self::RestXml => "x-amz-request-id",
            Self::Query | Self::Json { .. } => "x-amzn-requestid",
        };
        answer
            .with(id_header, request_id)
            .with_all(&refusal.headers)
    }
}

fn rest_xml(refusal: &Refusal, request: &Request, request_id: &str) -> Answer {
    if matches!(refusal.status, 304) || request.method == hyper::Method::HEAD {
        return Answer::new(refusal.status).with("content-type", "application/xml");
    }
    let mut error = error_elements(refusal);
    error.push_str(&xml::element("Resource", &request.path()));
    error.push_str(&xml::element("RequestId", request_id));
    Answer::xml(refusal.status, &format!("<Error>{error}</Error>"))
}

fn query(refusal: &Refusal, request_id: &str) -> Answer {
    let blame = if refusal.status < 500 {
        "Sender"
    } else {
        "Receiver"
    };
    let error = xml::element("Type", blame) + &error_elements(refusal);
    let namespace = "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"";
    let content = xml::within("Error", &error) + &xml::element("RequestId", request_id);
    let document = format!("<ErrorResponse {namespace}>{content}</ErrorResponse>");
    Answer::xml(refusal.status, &document).with("content-type", "text/xml")
}

fn json(refusal: &Refusal, version: &str, namespace: &str) -> Answer {
    let mut document = serde_json::json!({
        "__type": format!("{namespace}{}", refusal.code),
        "message": refusal.message,
    });
    for (name, value) in &refusal.details {
        // A detail that is JSON itself, such as the item that stood in the way, stays JSON.
        document[name] = serde_json::from_str(value).unwrap_or_else(|_| value.as_str().into());
    }
    let content_type = format!("application/x-amz-json-{version}");
    Answer::json(refusal.status, &document).with("content-type", content_type)
}

fn error_elements(refusal: &Refusal) -> String {
    let mut elements =
        xml::element("Code", &refusal.code) + &xml::element("Message", &refusal.message);
    for (name, value) in &refusal.details {
        elements.push_str(&xml::element(name, value));
    }
    elements
}

pub(crate) const WRONG_SIGNATURE: &str = "The request signature we calculated does not match the \
    signature you provided. Check your AWS Secret Access Key and signing method. Consult the \
    service documentation for details.";

/// What all but S3 say of a signature whose time is out of reach.
pub(crate) fn skewed(sent: Timestamp, now: Timestamp) -> String {
    let limit = |offset| clock::compact(now.saturating_add(offset).unwrap_or(now));
    let (sent_text, now_text) = (clock::compact(sent), clock::compact(now));
    if sent < now {
        let limit = limit(-ALLOWED_SKEW);
        format!("Signature expired: {sent_text} is now earlier than {limit} ({now_text} - 15 min.)")
    } else {
        let limit = limit(ALLOWED_SKEW);
        format!(
            "Signature not yet current: {sent_text} is still later than {limit} ({now_text} + \
                 15 min.)"
        )
    }
}
