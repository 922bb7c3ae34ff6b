//! Archives behind a URL, and archives in S3.

use camino::Utf8Path;

use super::{ModuleAddress, ModuleAddressError, ModuleSource, Parts, Query, RemoteUrl};

/// A file behind a URL. Where nothing says that it is an archive, the URL is asked where the
/// module is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ArchiveSource {
    pub url: RemoteUrl,
    pub kind: Option<ArchiveKind>,
    pub checksum: Option<Checksum>,
}

/// An archive in a bucket.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct S3Source {
    pub url: RemoteUrl,
    pub bucket: String,
    pub key: String,
    pub region: String,
    /// For a service that is not Amazon's.
    pub endpoint: Option<String>,
    /// Which version of the object.
    pub version: Option<String>,
    pub kind: Option<ArchiveKind>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ArchiveKind {
    Zip,
    Tar,
    TarGz,
}

/// What the file's bytes must add up to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Checksum {
    /// `sha256` or `sha512`.
    pub algorithm: String,
    /// In lower case.
    pub hex: String,
}

impl ArchiveKind {
    /// By the name of a file. `Ok(None)` says that the name is no archive's.
    pub fn of_name(name: &str) -> Result<Option<Self>, ModuleAddressError> {
        let name = name.to_ascii_lowercase();
        let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
        if ends(&[".zip"]) {
            Ok(Some(Self::Zip))
        } else if ends(&[".tar.gz", ".tgz"]) {
            Ok(Some(Self::TarGz))
        } else if ends(&[".tar"]) {
            Ok(Some(Self::Tar))
        } else if ends(&[
            ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst", ".bz2", ".xz", ".gz",
            ".zst", ".7z", ".rar",
        ]) {
            let kind = name.rsplit('.').next().unwrap_or_default();
            Err(ModuleAddressError::Archive(kind.to_owned()))
        } else {
            Ok(None)
        }
    }
}

pub(super) fn http(parts: Parts<'_>) -> Result<ModuleAddress, ModuleAddressError> {
    let url = RemoteUrl::new(parts.source);
    if Utf8Path::new(url.path()).extension() == Some("git") {
        // A repository's address as a browser shows it. No server sends an archive by that name.
        return super::git::at_url(parts);
    }
    let source = ModuleSource::Archive(ArchiveSource {
        kind: kind(&url, &parts.query)?,
        checksum: parts.query.get("checksum").map(checksum).transpose()?,
        url,
    });
    parts.address(source)
}

/// `bucket.s3.amazonaws.com/key`
pub(super) fn is_bare_s3(source: &str) -> bool {
    source
        .split_once('/')
        .is_some_and(|(host, _)| host.ends_with(".amazonaws.com"))
}

pub(super) fn s3(parts: Parts<'_>) -> Result<ModuleAddress, ModuleAddressError> {
    let url = match parts.source.split_once("://") {
        None => RemoteUrl::new(format!("https://{}", parts.source)),
        Some(("https" | "http", _)) => RemoteUrl::new(parts.source),
        Some(_) => return Err(ModuleAddressError::S3),
    };
    for credential in [
        "aws_access_key_id",
        "aws_access_key_secret",
        "aws_access_token",
    ] {
        if parts.query.get(credential).is_some() {
            return Err(ModuleAddressError::Parameter {
                parameter: "aws_access_key_id",
                value: "***".to_owned(),
                wanted: "taken from addresses: the unit's own role reads the object",
            });
        }
    }
    let place = S3Place::of(&url).ok_or(ModuleAddressError::S3)?;
    let region = parts.query.get("region").map(str::to_owned);
    let source = ModuleSource::S3(S3Source {
        kind: kind(&url, &parts.query)?,
        bucket: place.bucket,
        key: place.key,
        region: region
            .or(place.region)
            .unwrap_or_else(|| "us-east-1".to_owned()),
        endpoint: place.endpoint,
        version: parts.query.get("version").map(str::to_owned),
        url,
    });
    parts.address(source)
}

/// What the parts of a URL mean to S3.
struct S3Place {
    bucket: String,
    key: String,
    region: Option<String>,
    endpoint: Option<String>,
}

impl S3Place {
    fn of(url: &RemoteUrl) -> Option<Self> {
        let (host, path) = (url.host(), url.path());
        let Some(service) = host.strip_suffix(".amazonaws.com") else {
            let endpoint = format!("{}://{host}", url.scheme());
            return Self::in_path(path, "", Some(endpoint));
        };
        if let Some(region) = region_of(service) {
            return Self::in_path(path, region, None);
        }
        let (at, region) = service
            .match_indices(".s3")
            .find_map(|(at, _)| Some((at, region_of(&service[at + 1..])?)))?;
        (!path.is_empty()).then(|| Self {
            bucket: service[..at].to_owned(),
            key: path.to_owned(),
            region: named(region),
            endpoint: None,
        })
    }

    fn in_path(path: &str, region: &str, endpoint: Option<String>) -> Option<Self> {
        let (bucket, key) = path.split_once('/')?;
        (!bucket.is_empty() && !key.is_empty()).then(|| Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            region: named(region),
            endpoint,
        })
    }
}

/// `eu-west-1` of the services `s3-eu-west-1` and `s3.eu-west-1`; empty of `s3`.
fn region_of(service: &str) -> Option<&str> {
    let rest = service.strip_prefix("s3")?;
    if rest.is_empty() {
        return Some("");
    }
    rest.strip_prefix(['-', '.'])
        .filter(|region| !region.contains('.'))
}

fn named(region: &str) -> Option<String> {
    (!region.is_empty()).then(|| region.to_owned())
}

fn kind(url: &RemoteUrl, query: &Query) -> Result<Option<ArchiveKind>, ModuleAddressError> {
    match query.get("archive") {
        None | Some("") => ArchiveKind::of_name(url.path()),
        Some("false" | "0") => Ok(None),
        Some(kind) => match ArchiveKind::of_name(&format!(".{kind}"))? {
            Some(kind) => Ok(Some(kind)),
            None => Err(ModuleAddressError::Archive(kind.to_owned())),
        },
    }
}

/// `sha256:aa…`, or the digits alone, whose number tells the algorithm.
fn checksum(text: &str) -> Result<Checksum, ModuleAddressError> {
    let (algorithm, hex) = match text.split_once(':') {
        Some((algorithm, hex)) => (algorithm.to_owned(), hex),
        None => (format!("sha{}", text.len() * 4), text),
    };
    let digits = match algorithm.as_str() {
        "sha256" => 64,
        "sha512" => 128,
        _ => 0,
    };
    if hex.len() == digits && digits > 0 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let hex = hex.to_ascii_lowercase();
        return Ok(Checksum { algorithm, hex });
    }
    Err(ModuleAddressError::Parameter {
        parameter: "checksum",
        value: text.to_owned(),
        wanted: "a sha256 or sha512 sum",
    })
}
