//! Git repositories: explicit, by their well-known host, or in the form that `scp` uses.

use camino::Utf8Path;

use super::{ModuleAddress, ModuleAddressError, ModuleSource, Parts, RemoteUrl, remote_url};
use crate::model::paths::absolute;

/// A git repository at a certain commit.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct GitSource {
    pub url: RemoteUrl,
    /// A branch, a tag or a commit; the repository's default branch without one. Never begins with
    /// `-`, so git cannot take it for an option.
    pub reference: Option<String>,
    /// How many commits of history to fetch.
    pub depth: Option<u32>,
}

/// What git may speak. Everything else, such as `ext::`, runs programs.
const PROTOCOLS: [&str; 5] = ["https", "http", "ssh", "git", "file"];

/// An address that is known to be a git repository.
pub(super) fn forced(
    parts: Parts<'_>,
    unit_folder: &Utf8Path,
) -> Result<ModuleAddress, ModuleAddressError> {
    let source = parts.source;
    if source.contains("://") {
        return at_url(parts);
    }
    if let Some((scheme, _)) = source.split_once("::") {
        return Err(ModuleAddressError::Unsupported {
            scheme: format!("git::{scheme}::"),
        });
    }
    if let Some(url) = well_known_host(source) {
        return on_well_known_host(&url, parts);
    }
    if let Some((login, path)) = source.split_once(':')
        && !login.contains('/')
    {
        let url = format!("ssh://{login}/{}", path.trim_start_matches('/'));
        return address(RemoteUrl::new(url), parts);
    }
    let folder = absolute(unit_folder, Utf8Path::new(source));
    let url = format!("file://{}", remote_url::escaped(&folder));
    address(RemoteUrl::new(url), parts)
}

pub(super) fn at_url(parts: Parts<'_>) -> Result<ModuleAddress, ModuleAddressError> {
    let url = RemoteUrl::new(parts.source);
    if !PROTOCOLS.contains(&url.scheme()) {
        return Err(ModuleAddressError::Unsupported {
            scheme: format!("git::{}://", url.scheme()),
        });
    }
    address(url, parts)
}

/// `git@github.com:acme/net.git`
pub(super) fn is_scp_like(source: &str) -> bool {
    let login = source.split_once(':').map(|(login, _)| login);
    login.is_some_and(|login| login.starts_with("git@") && !login.contains('/'))
}

/// The URL of `github.com/acme/net`, with what follows it after a `//`.
pub(super) fn well_known_host(source: &str) -> Option<String> {
    let (host, path) = source.split_once('/')?;
    if !["github.com", "gitlab.com", "bitbucket.org"].contains(&host) {
        return None;
    }
    let mut segments = path.splitn(3, '/');
    let owner = segments.next().filter(|owner| !owner.is_empty())?;
    let name = segments.next().filter(|name| !name.is_empty())?;
    let suffix = match (host, Utf8Path::new(name).extension() == Some("git")) {
        ("bitbucket.org", _) | (_, true) => "",
        _ => ".git",
    };
    let mut url = format!("https://{host}/{owner}/{name}{suffix}");
    if let Some(rest) = segments.next() {
        url.push_str("//");
        url.push_str(rest);
    }
    Some(url)
}

pub(super) fn on_well_known_host(
    url: &str,
    parts: Parts<'_>,
) -> Result<ModuleAddress, ModuleAddressError> {
    let Parts {
        source, subfolder, ..
    } = Parts::split(url);
    let joined = [subfolder, parts.subfolder].join("/");
    let parts = Parts {
        source,
        subfolder: joined.trim_matches('/'),
        query: parts.query,
    };
    address(RemoteUrl::new(source), parts)
}

fn address(url: RemoteUrl, parts: Parts<'_>) -> Result<ModuleAddress, ModuleAddressError> {
    let reference = parts.query.get("ref").filter(|text| !text.is_empty());
    if let Some(text) = reference
        && (text.starts_with('-') || text.chars().any(|next| next.is_control() || next == ' '))
    {
        return Err(ModuleAddressError::Parameter {
            parameter: "ref",
            value: text.to_owned(),
            wanted: "the name of a branch, a tag or a commit",
        });
    }
    if parts.query.get("sshkey").is_some() {
        return Err(ModuleAddressError::Parameter {
            parameter: "sshkey",
            value: "***".to_owned(),
            wanted: "taken from addresses: give the key to ssh, by its agent or its configuration",
        });
    }
    let depth = parts.query.get("depth").map(parse_depth).transpose()?;
    let source = ModuleSource::Git(GitSource {
        url,
        reference: reference.map(str::to_owned),
        depth: depth.filter(|depth| *depth > 0),
    });
    parts.address(source)
}

fn parse_depth(text: &str) -> Result<u32, ModuleAddressError> {
    text.parse().map_err(|_| ModuleAddressError::Parameter {
        parameter: "depth",
        value: text.to_owned(),
        wanted: "a number",
    })
}
