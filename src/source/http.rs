//! Fetching over HTTP: pages that say where a module is, and the archives themselves.
//!
//! A redirect never leads from TLS to plain text, nor from the network to this machine or its
//! metadata service. What an address keeps secret is not in the errors.

use std::cell::OnceCell;
use std::error::Error as _;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use camino::Utf8Path;
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Response, StatusCode, Url};
use thiserror::Error;

use crate::model::Secret;

/// Makes its client at the first use: loading the machine's certificates takes a moment.
#[derive(Debug)]
pub struct Http {
    client: OnceCell<Client>,
    /// Before the second attempt; before the third it is twice as long.
    pause: Duration,
}

/// What came back, but for its body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// After redirects.
    pub url: Url,
    /// Where the module is, by the header `X-Terraform-Get`.
    pub terraform_get: Option<String>,
}

#[derive(Debug, Error)]
pub enum HttpError {
    #[error("\"{0}\" is not a URL")]
    Url(String),
    #[error("{host} answers {status}")]
    Status { host: String, status: StatusCode },
    #[error("{host}: {reason}")]
    Failed { host: String, reason: String },
    #[error("{host} sends more than {limit} bytes")]
    TooBig { host: String, limit: u64 },
    #[error("it cannot be written: {0}")]
    Io(#[from] io::Error),
}

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const SILENCE_LIMIT: Duration = Duration::from_mins(1);
const ATTEMPTS: u32 = 3;
const MOST_REDIRECTS: usize = 5;
const PAGE_LIMIT: u64 = 1 << 20;
const ARCHIVE_LIMIT: u64 = 512 << 20;

impl Default for Http {
    fn default() -> Self {
        Self::with_pause(Duration::from_secs(1))
    }
}

impl Http {
    fn with_pause(pause: Duration) -> Self {
        Self {
            client: OnceCell::new(),
            pause,
        }
    }

    /// A page, whole in memory. An answer without content is an empty page.
    pub async fn page(
        &self,
        url: &Url,
        token: Option<&Secret<String>>,
    ) -> Result<(Head, Vec<u8>), HttpError> {
        let response = self.get(url, token).await?;
        let head = Head::of(&response);
        let mut page = Vec::new();
        receive(response, &mut page, PAGE_LIMIT).await?;
        Ok((head, page))
    }

    /// A file, into a new file.
    pub async fn download(&self, url: &Url, to: &Utf8Path) -> Result<Head, HttpError> {
        let response = self.get(url, None).await?;
        let head = Head::of(&response);
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(to)?;
        receive(response, &mut file, ARCHIVE_LIMIT).await?;
        Ok(head)
    }

    async fn get(&self, url: &Url, token: Option<&Secret<String>>) -> Result<Response, HttpError> {
        let mut attempt = 1;
        loop {
            let mut request = self.client(url)?.get(url.clone());
            if let Some(token) = token {
                request = request.bearer_auth(token.expose());
            }
            let answer = request.send().await;
            if attempt == ATTEMPTS || !is_worth_another_try(&answer) {
                return checked(url, answer);
            }
            tokio::time::sleep(self.pause * attempt).await;
            attempt += 1;
        }
    }

    fn client(&self, url: &Url) -> Result<&Client, HttpError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .user_agent(concat!("terrane/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_LIMIT)
            .read_timeout(SILENCE_LIMIT)
            .redirect(Policy::custom(redirect))
            .build()
            .map_err(|error| failed(url, error))?;
        Ok(self.client.get_or_init(|| client))
    }
}

impl Head {
    fn of(response: &Response) -> Self {
        let header = response.headers().get("x-terraform-get");
        let value = header.and_then(|value| value.to_str().ok());
        Self {
            url: response.url().clone(),
            terraform_get: value.map(str::to_owned),
        }
    }
}

/// Reads a URL. Over plain text only where the address says so.
pub fn parse_url(text: &str) -> Result<Url, HttpError> {
    let bad = || {
        let (shown, _query) = text.split_once('?').unwrap_or((text, ""));
        HttpError::Url(shown.to_owned())
    };
    let url = Url::parse(text).map_err(|_| bad())?;
    let is_http = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    is_http.then_some(url).ok_or_else(bad)
}

fn redirect(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let Some(first) = attempt.previous().first() else {
        return attempt.follow();
    };
    if attempt.previous().len() > MOST_REDIRECTS {
        attempt.error(format!("more than {MOST_REDIRECTS} redirects"))
    } else if first.scheme() == "https" && attempt.url().scheme() != "https" {
        attempt.error("a redirect from TLS to plain text")
    } else if is_inward(attempt.url()) && !is_inward(first) {
        attempt.error("a redirect from the network to this machine or its metadata service")
    } else {
        attempt.follow()
    }
}

/// Whether a URL names this machine, or what only this machine can reach.
pub fn is_inward(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    match host.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
        Ok(IpAddr::V6(ip)) => {
            let mapped = ip.to_ipv4_mapped();
            let is_inward_v4 = mapped.is_some_and(|ip| ip.is_loopback() || ip.is_link_local());
            ip.is_loopback() || ip.is_unspecified() || ip.is_unicast_link_local() || is_inward_v4
        }
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

fn is_worth_another_try(answer: &reqwest::Result<Response>) -> bool {
    match answer {
        Ok(response) => {
            let status = response.status();
            status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
        }
        Err(error) => error.is_timeout() || error.is_connect() || error.is_request(),
    }
}

fn checked(url: &Url, answer: reqwest::Result<Response>) -> Result<Response, HttpError> {
    let response = answer.map_err(|error| failed(url, error))?;
    if response.status().is_success() {
        return Ok(response);
    }
    Err(HttpError::Status {
        host: host_of(url),
        status: response.status(),
    })
}

async fn receive(
    mut response: Response,
    into: &mut impl io::Write,
    limit: u64,
) -> Result<(), HttpError> {
    let url = response.url().clone();
    let mut left = limit;
    while let Some(bytes) = response
        .chunk()
        .await
        .map_err(|error| failed(&url, error))?
    {
        let host = host_of(&url);
        left = left
            .checked_sub(bytes.len() as u64)
            .ok_or(HttpError::TooBig { host, limit })?;
        into.write_all(&bytes)?;
    }
    Ok(into.flush()?)
}

/// The innermost cause says most, and none of them may show the URL.
fn failed(url: &Url, error: reqwest::Error) -> HttpError {
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        reason = inner.to_string();
        cause = inner.source();
    }
    HttpError::Failed {
        host: host_of(url),
        reason,
    }
}

fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::loopback::Server;

    async fn page(server: &Server, path: &str) -> Result<Vec<u8>, HttpError> {
        let url = parse_url(&format!("http://{}{path}", server.host)).unwrap();
        let http = Http::with_pause(Duration::ZERO);
        Ok(http.page(&url, None).await?.1)
    }

    #[tokio::test]
    async fn a_server_that_is_busy_is_asked_again() {
        for status in ["503 Service Unavailable", "429 Too Many Requests"] {
            let server = Server::new(move |_| (status, vec![]));
            let refusal = page(&server, "/").await.unwrap_err().to_string();
            assert!(refusal.ends_with(&format!("answers {status}")), "{refusal}");
            assert_eq!(server.asked().len(), 3);
        }
    }

    #[tokio::test]
    async fn a_server_that_says_no_is_not() {
        let server = Server::new(|_| ("403 Forbidden", vec![]));
        let refusal = page(&server, "/").await.unwrap_err().to_string();
        assert!(refusal.ends_with("answers 403 Forbidden"), "{refusal}");
        assert_eq!(server.asked().len(), 1);
    }

    #[tokio::test]
    async fn redirects_are_followed_but_not_for_ever() {
        let server = Server::new(|path| match path {
            "/once" => ("302 Found\r\nLocation: /there", vec![]),
            "/there" => ("200 OK", b"found".to_vec()),
            _ => ("302 Found\r\nLocation: /for-ever", vec![]),
        });
        assert_eq!(page(&server, "/once").await.unwrap(), b"found");
        let refusal = page(&server, "/for-ever").await.unwrap_err().to_string();
        assert!(refusal.ends_with("more than 5 redirects"), "{refusal}");
    }

    #[tokio::test]
    async fn a_page_has_an_end() {
        let server = Server::new(|_| ("200 OK", vec![0; 2 << 20]));
        let refusal = page(&server, "/").await.unwrap_err().to_string();
        assert!(
            refusal.ends_with("sends more than 1048576 bytes"),
            "{refusal}"
        );
    }

    #[tokio::test]
    async fn errors_do_not_show_what_an_address_keeps_secret() {
        let url = parse_url("http://me:hunter2@127.0.0.1:1/m.zip?token=hunter2").unwrap();
        let http = Http::with_pause(Duration::ZERO);
        let refusal = http.page(&url, None).await.unwrap_err().to_string();
        assert!(refusal.starts_with("127.0.0.1:1: "), "{refusal}");
        assert!(!refusal.contains("hunter2"), "{refusal}");
    }

    #[test]
    fn what_only_this_machine_can_reach_is_known() {
        let inward = |text| is_inward(&Url::parse(text).unwrap());
        for text in [
            "http://127.0.0.1/x",
            "http://localhost:80/",
            "http://169.254.169.254/latest/meta-data",
            "http://[::1]/",
            "http://[fe80::1]/",
            "http://[::ffff:169.254.169.254]/",
            "http://0.0.0.0/",
        ] {
            assert!(inward(text), "{text}");
        }
        for text in [
            "https://example.org/",
            "http://10.0.0.1/",
            "http://[2001:db8::1]/",
        ] {
            assert!(!inward(text), "{text}");
        }
    }

    #[test]
    fn only_urls_of_the_web_will_do() {
        assert!(parse_url("https://example.org/x").is_ok());
        for text in ["ftp://example.org/x", "example.org", "http://"] {
            assert!(parse_url(text).is_err(), "{text}");
        }
        let refusal = parse_url("nonsense?token=hunter2").unwrap_err();
        assert_eq!(refusal.to_string(), "\"nonsense\" is not a URL");
    }
}
