//! URLs and their parameters, which may hold secrets that nobody should see by accident.

use std::fmt;
use std::fmt::Write as _;

use camino::Utf8Path;
use percent_encoding::percent_decode_str;

/// A URL without its query. What stands between `//` and `@` may hold a password: neither
/// `Display` nor `Debug` shows it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RemoteUrl(String);

/// What stands behind `?` in an address, in the order it was written.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Query(Vec<(String, String)>);

/// Parameters whose values anybody may see. Others go to a server, and may be keys or signatures.
const SHOWN_PARAMETERS: [&str; 7] = [
    "archive", "checksum", "depth", "filename", "ref", "region", "version",
];

/// Parameters that are for us and not for the server.
const OWN_PARAMETERS: [&str; 3] = ["archive", "checksum", "filename"];

impl RemoteUrl {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The URL with what it holds.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn scheme(&self) -> &str {
        self.0.split_once("://").map_or("", |(scheme, _)| scheme)
    }

    /// Host and port.
    pub fn host(&self) -> &str {
        let (authority, _) = self.authority_and_path();
        authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host)
    }

    /// Without the leading `/`.
    pub fn path(&self) -> &str {
        self.authority_and_path().1
    }

    fn authority_and_path(&self) -> (&str, &str) {
        let rest = self.0.split_once("://").map_or(&*self.0, |(_, rest)| rest);
        rest.split_once('/').unwrap_or((rest, ""))
    }
}

impl fmt::Display for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (authority, _) = self.authority_and_path();
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        match user.and_then(|user| user.split_once(':')) {
            Some((_, password)) if !password.is_empty() => {
                f.write_str(&self.0.replacen(&format!(":{password}@"), ":***@", 1))
            }
            _ => f.write_str(&self.0),
        }
    }
}

impl fmt::Debug for RemoteUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Query {
    pub(super) fn new(text: &str) -> Self {
        let parameters = text.split('&').filter(|parameter| !parameter.is_empty());
        Self(
            parameters
                .map(|parameter| {
                    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
                    (decoded(name), decoded(value))
                })
                .collect(),
        )
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As text in which equal queries are equal: by name, escaped.
    pub fn canonical(&self) -> String {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by_key(|(name, _)| name);
        written(sorted)
    }

    /// What a server gets of it, in the order it was written.
    pub fn for_server(&self) -> String {
        let is_ours = |name: &String| OWN_PARAMETERS.contains(&name.as_str());
        written(self.0.iter().filter(|(name, _)| !is_ours(name)))
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            let is_shown = SHOWN_PARAMETERS.contains(&name.as_str());
            let value = if is_shown { value } else { "***" };
            let sign = if index == 0 { '?' } else { '&' };
            write!(f, "{sign}{name}={value}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

fn written<'a>(parameters: impl IntoIterator<Item = &'a (String, String)>) -> String {
    let written =
        |(name, value): &(String, String)| format!("{}={}", encoded(name), encoded(value));
    let parameters: Vec<String> = parameters.into_iter().map(written).collect();
    parameters.join("&")
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// As in a form: letters, digits and `-_.~` as they are, a space as `+`.
fn encoded(text: &str) -> String {
    escape(text, |byte| {
        byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)
    })
    .replace("%20", "+")
}

/// A path as the URLs of Terragrunt's folder names have it: left alone if every character may
/// stand in a path, else with all but the harmless ones escaped.
pub(super) fn escaped(path: &Utf8Path) -> String {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte);
    let may_stay = |byte: u8| unreserved(byte) || b"!'()*[]%".contains(&byte);
    if path.as_str().bytes().all(may_stay) {
        path.as_str().to_owned()
    } else {
        escape(path.as_str(), unreserved)
    }
}

fn escape(text: &str, stays: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to a string succeeds");
        }
    }
    out
}
