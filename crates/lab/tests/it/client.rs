//! A program that calls the lab, byte by byte, over one connection that it keeps.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use terrane_lab::{Keys, Lab};

use crate::signer::{Ask, Signer, percent_encode, sha256_hex};

pub(crate) const SHARED: &str = "123456789011";
pub(crate) const DEV: &str = "234567890123";
pub(crate) const BUCKET: &str = "terraform-state-123456789011";
pub(crate) const TABLE: &str = "terraform-state-lock-123456789011";
pub(crate) const ASSUMER: &str = "arn:aws:iam::123456789011:role/infrastructure-assumer-role";
pub(crate) const STATE: &str = "arn:aws:iam::123456789011:role/state-mgmt-role";
pub(crate) const DEV_DOER: &str = "arn:aws:iam::234567890123:role/doer-role";

/// A program with one set of keys, or none.
#[derive(Debug)]
pub(crate) struct Program {
    host: String,
    connection: Option<BufReader<TcpStream>>,
    pub(crate) keys: Option<Keys>,
    pub(crate) region: String,
    /// How far the program's clock is ahead of the machine's.
    pub(crate) clock: SignedDuration,
}

#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Program {
    pub(crate) fn new(lab: &Lab, keys: Option<Keys>) -> Self {
        let host = lab.endpoint().trim_start_matches("http://").to_owned();
        let (region, clock) = ("us-east-1".to_owned(), SignedDuration::ZERO);
        Self {
            host,
            connection: None,
            keys,
            region,
            clock,
        }
    }

    pub(crate) fn operator(lab: &Lab) -> Self {
        Self::new(lab, Some(lab.operator()))
    }

    /// The operator's way to a role: through the assumer.
    pub(crate) fn in_role(lab: &Lab, role: &str) -> Self {
        Self::operator(lab).assuming(ASSUMER).assuming(role)
    }

    /// The same program after it assumed a role.
    pub(crate) fn assuming(mut self, role: &str) -> Self {
        let answer = self.assume(role, &[]);
        assert_eq!(answer.status, 200, "{}", answer.summary());
        Self {
            keys: Some(answer.keys()),
            ..self
        }
    }

    pub(crate) fn assume(&mut self, role: &str, more: &[(&str, &str)]) -> Response {
        let mut parameters = vec![("RoleArn", role), ("RoleSessionName", "test")];
        parameters.extend(more);
        self.sts("AssumeRole", &parameters)
    }

    pub(crate) fn sts(&mut self, action: &str, parameters: &[(&str, &str)]) -> Response {
        let parameters: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("&{name}={}", percent_encode(value)))
            .collect();
        let form = format!("Action={action}&Version=2011-06-15{}", parameters.concat());
        let content_type = "application/x-www-form-urlencoded; charset=utf-8";
        self.call(
            ask("sts", "POST", "/")
                .header("content-type", content_type)
                .body(form),
        )
    }

    pub(crate) fn dynamodb(&mut self, operation: &str, document: &Value) -> Response {
        let target = format!("DynamoDB_20120810.{operation}");
        self.json_rpc("dynamodb", &target, "application/x-amz-json-1.0", document)
    }

    pub(crate) fn ssm(&mut self, operation: &str, document: &Value) -> Response {
        let target = format!("AmazonSSM.{operation}");
        self.json_rpc("ssm", &target, "application/x-amz-json-1.1", document)
    }

    fn json_rpc(
        &mut self,
        service: &'static str,
        target: &str,
        content_type: &str,
        document: &Value,
    ) -> Response {
        let ask = ask(service, "POST", "/")
            .header("content-type", content_type)
            .header("x-amz-target", target);
        self.call(ask.body(document.to_string()))
    }

    pub(crate) fn get(&mut self, path: &str) -> Response {
        self.call(s3("GET", path))
    }

    pub(crate) fn put(&mut self, path: &str, body: &str) -> Response {
        self.call(s3("PUT", path).body(body))
    }

    /// Signs, sends, and expects an answer.
    pub(crate) fn call(&mut self, ask: Ask) -> Response {
        self.try_call(ask).expect("the lab answers")
    }

    /// Signs, sends, and reads the whole answer, if there is one.
    pub(crate) fn try_call(&mut self, mut ask: Ask) -> io::Result<Response> {
        ask.headers.push(("host".to_owned(), self.host.clone()));
        let payload = sha256_hex(&ask.body);
        if let Some(signer) = self.signer(ask.service) {
            signer.sign(&mut ask, &payload);
        }
        self.send(&ask)
    }

    /// What this program signs with; nothing if it has no keys.
    pub(crate) fn signer(&self, service: &'static str) -> Option<Signer<'_>> {
        let at = Timestamp::now()
            .saturating_add(self.clock)
            .expect("a time of this age");
        let keys = self.keys.as_ref()?;
        Some(Signer {
            keys,
            region: &self.region,
            service,
            at,
        })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Sends a request as it is. A connection that broke is not used again.
    pub(crate) fn send(&mut self, ask: &Ask) -> io::Result<Response> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => BufReader::new(TcpStream::connect(&self.host)?),
        };
        connection.get_ref().set_nodelay(true)?;
        connection.get_mut().write_all(&wire_bytes(ask))?;
        let response = read_response(&mut connection, ask.method)?;
        self.connection = Some(connection);
        Ok(response)
    }
}

pub(crate) fn ask(service: &'static str, method: &'static str, target: &str) -> Ask {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), value.to_owned())
    };
    let query = query
        .split('&')
        .filter(|text| !text.is_empty())
        .map(pair)
        .collect();
    let path = path.to_owned();
    Ask {
        method,
        path,
        query,
        headers: Vec::new(),
        body: Vec::new(),
        service,
    }
}

/// A request about something in the state bucket; the path begins after the bucket's name.
pub(crate) fn s3(method: &'static str, path: &str) -> Ask {
    ask("s3", method, &format!("/{BUCKET}{path}"))
}

impl Ask {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            ..self
        }
    }
}

fn wire_bytes(ask: &Ask) -> Vec<u8> {
    let query: Vec<String> = ask
        .query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    let headers: Vec<String> = ask
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let head = format!(
        "{} {}{mark}{} HTTP/1.1\r\n{}content-length: {}\r\n\r\n",
        ask.method,
        ask.path,
        query.join("&"),
        headers.concat(),
        ask.body.len(),
    );
    [head.into_bytes(), ask.body.clone()].concat()
}

fn read_response(connection: &mut BufReader<TcpStream>, method: &str) -> io::Result<Response> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let status = status.ok_or(io::ErrorKind::InvalidData)?;
    let mut headers = Vec::new();
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let mut response = Response {
        status,
        headers,
        body: Vec::new(),
    };
    if method != "HEAD" && !matches!(status, 204 | 304) {
        let length = response
            .header("content-length")
            .and_then(|length| length.parse().ok());
        response.body = vec![0; length.ok_or(io::ErrorKind::InvalidData)?];
        connection.read_exact(&mut response.body)?;
    }
    Ok(response)
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON answer")
    }

    /// The text of the first XML element of this name.
    pub(crate) fn element(&self, name: &str) -> String {
        self.elements(name).into_iter().next().unwrap_or_default()
    }

    pub(crate) fn elements(&self, name: &str) -> Vec<String> {
        let text = self.text();
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let parts = text.split(open.as_str()).skip(1);
        parts
            .filter_map(|part| part.split_once(close.as_str()))
            .map(|(text, _)| text.replace("&quot;", "\"").replace("&#39;", "'"))
            .collect()
    }

    /// Status, and for an error its code and message, in whichever protocol they came.
    pub(crate) fn summary(&self) -> String {
        if self.status < 300 {
            return self.status.to_string();
        }
        let json: Option<Value> = serde_json::from_slice(&self.body).ok();
        let (code, message) = match &json {
            Some(json) => (
                json["__type"].as_str().unwrap_or_default().to_owned(),
                json["message"].as_str().unwrap_or_default().to_owned(),
            ),
            None => (self.element("Code"), self.element("Message")),
        };
        format!("{} {code}: {message}", self.status)
    }

    /// The error's code, without the namespace that JSON protocols put before it.
    pub(crate) fn code(&self) -> String {
        let summary = self.summary();
        let code = summary
            .split(' ')
            .nth(1)
            .unwrap_or_default()
            .trim_end_matches(':');
        code.rsplit('#').next().unwrap_or_default().to_owned()
    }

    /// The session that STS answered with.
    pub(crate) fn keys(&self) -> Keys {
        Keys {
            access_key_id: self.element("AccessKeyId"),
            secret_access_key: self.element("SecretAccessKey"),
            session_token: Some(self.element("SessionToken")),
        }
    }
}

/// A lab with the landing zone.
pub(crate) fn landing_zone() -> Lab {
    Lab::start(terrane_lab::World::landing_zone()).expect("a free port on loopback")
}

/// A lab with the landing zone and what the document adds to it.
pub(crate) fn landing_zone_with(document: &Value) -> Lab {
    let world = terrane_lab::World::landing_zone()
        .with(document)
        .expect("a well-formed world");
    Lab::start(world).expect("a free port on loopback")
}
