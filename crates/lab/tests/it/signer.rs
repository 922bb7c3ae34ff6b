//! Signature Version 4 from the client's side.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use terrane_lab::Keys;

/// What is signed, before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    /// Already encoded.
    pub(crate) path: String,
    /// Already encoded, in any order.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) service: &'static str,
}

/// With what, for where and when.
#[derive(Clone, Debug)]
pub(crate) struct Signer<'a> {
    pub(crate) keys: &'a Keys,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) at: Timestamp,
}

impl Signer<'_> {
    /// Adds the headers that sign a request, to whose headers `host` already belongs. The
    /// payload is what stands for the body: its hash, or one of S3's special words.
    pub(crate) fn sign(&self, ask: &mut Ask, payload: &str) {
        ask.headers.push(("x-amz-date".to_owned(), self.stamp()));
        if self.service == "s3" {
            ask.headers
                .push(("x-amz-content-sha256".to_owned(), payload.to_owned()));
        }
        if let Some(token) = &self.keys.session_token {
            ask.headers
                .push(("x-amz-security-token".to_owned(), token.clone()));
        }
        let signed = signed_headers(ask);
        let signature = self.signature(&self.text_to_sign(ask, &signed, payload));
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={signed}, Signature={signature}",
            self.keys.access_key_id,
            self.scope()
        );
        ask.headers
            .push(("authorization".to_owned(), authorization));
    }

    /// Adds the query parameters that make an address valid for so many seconds.
    pub(crate) fn presign(&self, ask: &mut Ask, seconds: u32, payload: &str) {
        let signed = signed_headers(ask);
        let credential = format!("{}/{}", self.keys.access_key_id, self.scope());
        let mut parameters = vec![
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("X-Amz-Credential", credential),
            ("X-Amz-Date", self.stamp()),
            ("X-Amz-Expires", seconds.to_string()),
            ("X-Amz-SignedHeaders", signed.clone()),
        ];
        if let Some(token) = &self.keys.session_token {
            parameters.push(("X-Amz-Security-Token", token.clone()));
        }
        for (name, value) in parameters {
            ask.query.push((name.to_owned(), percent_encode(&value)));
        }
        let signature = self.signature(&self.text_to_sign(ask, &signed, payload));
        ask.query.push(("X-Amz-Signature".to_owned(), signature));
    }

    /// Wraps a body into signed chunks, starting from the signature of the request's head.
    pub(crate) fn chunks(&self, seed: &str, body: &[u8], size: usize) -> Vec<u8> {
        let mut encoded = Vec::new();
        let mut previous = seed.to_owned();
        for chunk in body.chunks(size).chain([&[][..]]) {
            let text = format!(
                "AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{previous}\n{}\n{}",
                self.stamp(),
                self.scope(),
                sha256_hex(b""),
                sha256_hex(chunk)
            );
            previous = self.signature(&text);
            encoded.extend(format!("{:x};chunk-signature={previous}\r\n", chunk.len()).bytes());
            encoded.extend(chunk);
            encoded.extend(b"\r\n");
        }
        encoded
    }

    fn text_to_sign(&self, ask: &Ask, signed: &str, payload: &str) -> String {
        let path = if self.service == "s3" {
            ask.path.clone()
        } else {
            ask.path
                .split('/')
                .map(percent_encode)
                .collect::<Vec<_>>()
                .join("/")
        };
        let mut query = ask.query.clone();
        query.sort();
        let query: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let headers = signed.split(';').map(|name| {
            let values = ask.headers.iter().filter(|(header, _)| header == name);
            let values: Vec<&str> = values.map(|(_, value)| value.trim()).collect();
            format!("{name}:{}", values.join(","))
        });
        let canonical = format!(
            "{}\n{path}\n{}\n{}\n\n{signed}\n{payload}",
            ask.method,
            query.join("&"),
            headers.collect::<Vec<_>>().join("\n")
        );
        format!(
            "AWS4-HMAC-SHA256\n{}\n{}\n{}",
            self.stamp(),
            self.scope(),
            sha256_hex(canonical.as_bytes())
        )
    }

    fn signature(&self, text: &str) -> String {
        let secret = format!("AWS4{}", self.keys.secret_access_key);
        let stamp = self.stamp();
        let parts = [&stamp[..8], self.region, self.service, "aws4_request"];
        let key = parts
            .iter()
            .fold(secret.into_bytes(), |key, part| mac(&key, part));
        hex(&mac(&key, text))
    }

    fn scope(&self) -> String {
        format!(
            "{}/{}/{}/aws4_request",
            &self.stamp()[..8],
            self.region,
            self.service
        )
    }

    fn stamp(&self) -> String {
        self.at.strftime("%Y%m%dT%H%M%SZ").to_string()
    }
}

fn signed_headers(ask: &Ask) -> String {
    let mut names: Vec<&str> = ask.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(";")
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

pub(crate) fn percent_encode(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// The signer itself is held against an example that AWS publishes.
#[test]
fn the_signer_gives_the_published_signature() {
    let keys = Keys {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        session_token: None,
    };
    let at = "2013-05-24T00:00:00Z".parse().expect("a time");
    let signer = Signer {
        keys: &keys,
        region: "us-east-1",
        service: "s3",
        at,
    };
    let mut ask = Ask {
        method: "GET",
        path: "/test.txt".to_owned(),
        query: Vec::new(),
        headers: vec![
            (
                "host".to_owned(),
                "examplebucket.s3.amazonaws.com".to_owned(),
            ),
            ("range".to_owned(), "bytes=0-9".to_owned()),
        ],
        body: Vec::new(),
        service: "s3",
    };
    signer.sign(&mut ask, &sha256_hex(b""));
    let (_, authorization) = ask.headers.last().expect("the signature was added");
    let expected = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
    assert!(authorization.ends_with(expected), "{authorization}");
}
