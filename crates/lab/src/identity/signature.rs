//! Signature Version 4: what a request claims about its signer, and whether that is true.
//!
//! Written from AWS's description of the process and checked against its published examples.
//! It knows keys and requests, and neither sessions nor services, except that S3 signs its
//! paths and bodies differently from everybody else.

use hmac::{Hmac, KeyInit, Mac};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::aws_chunked::{self, Chunks, Decoded};
use super::keyring::hex;
use crate::http::request::{Request, encode, encode_path};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const CONTENT_HASH: &str = "x-amz-content-sha256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
/// How far a signature's time may lie from the server's, on either side.
pub(crate) const ALLOWED_SKEW: SignedDuration = SignedDuration::from_mins(15);

/// Why a request does not prove who sent it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Rejection {
    #[error("the request carries no signature")]
    Unsigned,
    #[error("{0}")]
    Malformed(String),
    #[error("no such access key")]
    UnknownKey,
    #[error("the session token does not belong to the access key")]
    WrongToken,
    #[error("the session has ended")]
    Expired,
    #[error("signed at {sent}, received at {now}")]
    Skewed { sent: Timestamp, now: Timestamp },
    #[error("the presigned address is no longer valid")]
    PresignEnded,
    #[error("the signature is not the one that the key's secret gives")]
    WrongSignature,
    #[error("the body is not the one whose hash was signed")]
    WrongPayload,
    #[error("the chunks of the body are malformed or end early")]
    BrokenChunks,
    #[error("the header `{0}` was sent but not signed")]
    UnsignedHeader(String),
}

/// Who a request says it is from, and by which signature.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) access_key_id: String,
    pub(crate) token: Option<String>,
    pub(crate) region: String,
    pub(crate) service: String,
    date: String,
    stamp: String,
    signed_headers: Vec<String>,
    signature: String,
    /// Set for an address that was signed ahead of its use.
    presigned_for: Option<SignedDuration>,
}

/// The key that signs for one day, region and service.
#[derive(Debug)]
pub(crate) struct SigningKey([u8; 32]);

impl SigningKey {
    fn derive(secret: &str, claim: &Claim) -> Self {
        let day = mac(format!("AWS4{secret}").as_bytes(), &claim.date);
        let region = mac(&day, &claim.region);
        let service = mac(&region, &claim.service);
        Self(mac(&service, "aws4_request"))
    }

    pub(crate) fn sign(&self, text: &str) -> String {
        hex(&mac(&self.0, text))
    }
}

impl Claim {
    /// Reads the claim from the `Authorization` header or from the query of a presigned address.
    pub(crate) fn read(request: &Request) -> Result<Self, Rejection> {
        if let Some(header) = request.header("authorization") {
            return Self::from_header(request, header);
        }
        if request.query("X-Amz-Signature").is_some() {
            return Self::from_query(request);
        }
        Err(Rejection::Unsigned)
    }

    fn from_header(request: &Request, header: &str) -> Result<Self, Rejection> {
        let rest = header.strip_prefix(ALGORITHM).ok_or_else(|| {
            malformed(format!(
                "Unsupported authorization type: {}",
                first_word(header)
            ))
        })?;
        let field = |name: &str| {
            let mut fields = rest.split(',').map(str::trim);
            fields
                .find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
                .ok_or_else(|| {
                    malformed(format!("Authorization header requires '{name}' parameter."))
                })
        };
        let stamp = request.header("x-amz-date").ok_or_else(|| {
            malformed(
                "Authorization header requires existence of either a 'X-Amz-Date' or a \
                       'Date' header.",
            )
        })?;
        let token = request.header("x-amz-security-token").map(str::to_owned);
        Self::assemble(
            field("Credential")?,
            stamp,
            field("SignedHeaders")?,
            field("Signature")?,
            token,
        )
    }

    fn from_query(request: &Request) -> Result<Self, Rejection> {
        let field = |name: &str| {
            request
                .query(name)
                .ok_or_else(|| malformed(format!("the query lacks `{name}`")))
        };
        if field("X-Amz-Algorithm")? != ALGORITHM {
            return Err(malformed(
                "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"",
            ));
        }
        let seconds: u32 = match request.query("X-Amz-Expires") {
            Some(text) => text
                .parse()
                .map_err(|_| malformed("X-Amz-Expires should be a number"))?,
            // STS takes addresses without it and gives them the time of an ordinary request.
            None => 900,
        };
        let claim = Self::assemble(
            field("X-Amz-Credential")?,
            field("X-Amz-Date")?,
            field("X-Amz-SignedHeaders")?,
            field("X-Amz-Signature")?,
            request.query("X-Amz-Security-Token").map(str::to_owned),
        )?;
        let presigned_for = Some(SignedDuration::from_secs(seconds.into()));
        Ok(Self {
            presigned_for,
            ..claim
        })
    }

    fn assemble(
        credential: &str,
        stamp: &str,
        signed_headers: &str,
        signature: &str,
        token: Option<String>,
    ) -> Result<Self, Rejection> {
        // A key id holds no slash, but nothing is lost by reading the scope from its end.
        let mut parts = credential.rsplitn(5, '/');
        let mut part = || parts.next().unwrap_or_default().to_owned();
        let (end, service, region, date, key) = (part(), part(), part(), part(), part());
        if end != "aws4_request" || key.is_empty() || !stamp.starts_with(&date) {
            return Err(malformed(format!(
                "Credential `{credential}` has no valid scope"
            )));
        }
        Ok(Self {
            access_key_id: key,
            token,
            region,
            service,
            date,
            stamp: stamp.to_owned(),
            signed_headers: signed_headers
                .split(';')
                .map(str::to_ascii_lowercase)
                .collect(),
            signature: signature.to_owned(),
            presigned_for: None,
        })
    }

    /// Checks that the request was signed in time, neither too long ago nor ahead of the clock.
    pub(crate) fn check_time(&self, now: Timestamp) -> Result<(), Rejection> {
        let sent = DateTime::strptime("%Y%m%dT%H%M%SZ", &self.stamp)
            .and_then(|time| time.to_zoned(TimeZone::UTC))
            .map_err(|_| malformed(format!("`{}` is not a date of a signature", self.stamp)))?
            .timestamp();
        let age = now.duration_since(sent);
        match self.presigned_for {
            Some(validity) if age > validity => Err(Rejection::PresignEnded),
            None if age > ALLOWED_SKEW => Err(Rejection::Skewed { sent, now }),
            Some(_) | None if -age > ALLOWED_SKEW => Err(Rejection::Skewed { sent, now }),
            Some(_) | None => Ok(()),
        }
    }

    /// Checks the signature and the body against the secret. Gives the decoded body where the
    /// request sent it in chunks.
    pub(crate) fn verify(
        &self,
        request: &Request,
        secret: &str,
    ) -> Result<Option<Decoded>, Rejection> {
        self.check_headers(request)?;
        let payload = self.payload(request);
        let key = SigningKey::derive(secret, self);
        let canonical = self.canonical_request(request, &payload);
        let hash = hex(&Sha256::digest(canonical));
        let to_sign = format!("{ALGORITHM}\n{}\n{}\n{hash}", self.stamp, self.scope());
        if key.sign(&to_sign) != self.signature {
            return Err(Rejection::WrongSignature);
        }
        self.check_payload(request, &payload, &key)
    }

    fn check_headers(&self, request: &Request) -> Result<(), Rejection> {
        let is_signed = |name: &str| self.signed_headers.iter().any(|signed| signed == name);
        if !is_signed("host") {
            return Err(malformed(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS \
                                  Authorization.",
            ));
        }
        let mut names = request
            .headers
            .keys()
            .map(hyper::header::HeaderName::as_str);
        match names.find(|name| name.starts_with("x-amz-") && !is_signed(name)) {
            Some(name) => Err(Rejection::UnsignedHeader(name.to_owned())),
            None => Ok(()),
        }
    }

    /// What stands for the body in the signed text.
    fn payload(&self, request: &Request) -> String {
        match request.header(CONTENT_HASH) {
            Some(announced) => announced.to_owned(),
            None if self.presigned_for.is_some() && self.service == "s3" => UNSIGNED.to_owned(),
            None => hex(&Sha256::digest(&request.body)),
        }
    }

    fn check_payload(
        &self,
        request: &Request,
        payload: &str,
        key: &SigningKey,
    ) -> Result<Option<Decoded>, Rejection> {
        let scope = self.scope();
        let signed = Chunks::Signed {
            key,
            stamp: &self.stamp,
            scope: &scope,
            seed: &self.signature,
        };
        let chunks = match payload {
            UNSIGNED if self.service == "s3" => return Ok(None),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Chunks::Unsigned,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => {
                signed
            }
            hash if hash == hex(&Sha256::digest(&request.body)) => return Ok(None),
            _ => return Err(Rejection::WrongPayload),
        };
        let decoded = aws_chunked::decode(&request.body, &chunks)?;
        let announced = request.header("x-amz-decoded-content-length");
        match announced.map(str::parse::<usize>) {
            Some(Ok(length)) if length != decoded.body.len() => Err(Rejection::BrokenChunks),
            Some(Err(_)) => Err(Rejection::BrokenChunks),
            Some(Ok(_)) | None => Ok(Some(decoded)),
        }
    }

    fn canonical_request(&self, request: &Request, payload: &str) -> String {
        // S3 signs the path as it was sent, all others sign it encoded once more.
        let path = match self.service.as_str() {
            "s3" => request.raw_path.clone(),
            _ => encode_path(&request.raw_path),
        };
        let mut query: Vec<(String, String)> = request
            .query
            .iter()
            .filter(|(name, _)| name != "X-Amz-Signature")
            .map(|(name, value)| (encode(name), encode(value)))
            .collect();
        query.sort();
        let query: Vec<String> = query
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut headers = String::new();
        for name in &self.signed_headers {
            headers.extend([name, ":", &canonical_header(request, name), "\n"]);
        }
        format!(
            "{}\n{path}\n{}\n{headers}\n{}\n{payload}",
            request.method,
            query.join("&"),
            self.signed_headers.join(";"),
        )
    }

    fn scope(&self) -> String {
        format!(
            "{}/{}/{}/aws4_request",
            self.date, self.region, self.service
        )
    }
}

/// All values of a header, each without needless spaces, joined by commas.
fn canonical_header(request: &Request, name: &str) -> String {
    let values = request.headers.get_all(name).iter();
    let values: Vec<String> = values
        .map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            text.split(' ')
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    values.join(",")
}

fn mac(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

fn malformed(what: impl Into<String>) -> Rejection {
    Rejection::Malformed(what.into())
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
