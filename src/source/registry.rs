//! Module registries: where a version of a module is.
//!
//! A registry says where its module service is, and the service where each version is. Tokens go
//! to their own host only.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;

use reqwest::Url;
use serde_json::Value;
use terrane_hcl::{Limits, Source, parse};
use thiserror::Error;

use super::http::{Http, HttpError, is_inward, parse_url};
use crate::model::{RegistrySource, Secret};
use crate::process::Environment;

/// Which registry is meant where an address names none, and what opens the others.
#[derive(Clone, Debug)]
pub struct Registries {
    pub default_host: String,
    tokens: BTreeMap<String, Secret<String>>,
    /// For every host that has none of its own, but the public ones.
    token: Option<Secret<String>>,
}

/// Registries that anybody may read. A token that names no host is for a private one.
const PUBLIC: [&str; 2] = ["registry.opentofu.org", "registry.terraform.io"];

#[derive(Debug, Error)]
pub enum RegistryError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("{host} has no registry of modules")]
    NoService { host: String },
    #[error("{host} has no module {module} in version {version}")]
    NoModule {
        host: String,
        module: String,
        version: String,
    },
    #[error("{host} does not say where {module} is")]
    NoPlace { host: String, module: String },
}

/// What lies in the files in which people keep tokens.
#[derive(Clone, Copy, Default)]
pub struct TokenFiles<'a> {
    /// `credentials.tfrc.json`, which `terraform login` writes.
    pub login: Option<&'a str>,
    /// The engine's own configuration: `.terraformrc`, or what `TF_CLI_CONFIG_FILE` names.
    pub configuration: Option<&'a str>,
}

impl Registries {
    /// The tokens of the environment (`TF_TOKEN_example_com`, `TG_TF_REGISTRY_TOKEN`) win over
    /// those of the configuration, and those over what `terraform login` keeps.
    pub fn new(default_host: &str, environment: &Environment, files: TokenFiles<'_>) -> Self {
        let mut tokens = files.login.map(tokens_of_login).unwrap_or_default();
        tokens.extend(
            files
                .configuration
                .map(tokens_of_configuration)
                .unwrap_or_default(),
        );
        let named = environment.iter().filter_map(|(name, value)| {
            let host = name.to_str()?.strip_prefix("TF_TOKEN_")?;
            Some((host_of_variable(host), secret(value)?))
        });
        tokens.extend(named);
        let default = environment.get("TG_TF_DEFAULT_REGISTRY_HOST");
        Self {
            default_host: default
                .and_then(OsStr::to_str)
                .unwrap_or(default_host)
                .to_owned(),
            tokens,
            token: environment.get("TG_TF_REGISTRY_TOKEN").and_then(secret),
        }
    }

    /// The address that the registry gives for a module, which may be any but a folder.
    pub(super) async fn place_of(
        &self,
        http: &Http,
        module: &RegistrySource,
    ) -> Result<String, RegistryError> {
        let host = module.host.as_deref().unwrap_or(&self.default_host);
        let service = self.service(http, host).await?;
        let RegistrySource {
            namespace,
            name,
            provider,
            version,
            ..
        } = module;
        let path = format!("{namespace}/{name}/{provider}/{version}/download");
        let url = service.join(&path).map_err(|_| HttpError::Url(path))?;
        let answer = http.page(&url, self.token_for(host)).await;
        let (head, page) = match answer {
            Err(HttpError::Status { status, .. }) if status == 404 => {
                return Err(RegistryError::NoModule {
                    host: host.to_owned(),
                    module: format!("{namespace}/{name}/{provider}"),
                    version: version.clone(),
                });
            }
            answer => answer?,
        };
        let in_page = || {
            let json: Value = serde_json::from_slice(&page).ok()?;
            json.get("location")?.as_str().map(str::to_owned)
        };
        let place = head.terraform_get.or_else(in_page);
        let place = place.ok_or_else(|| RegistryError::NoPlace {
            host: host.to_owned(),
            module: format!("{namespace}/{name}/{provider}"),
        })?;
        Ok(resolved(&head.url, &place))
    }

    /// The module service of a host, with a `/` at its end.
    async fn service(&self, http: &Http, host: &str) -> Result<Url, RegistryError> {
        let discovery = parse_url(&format!("https://{host}/.well-known/terraform.json"))?;
        let discovery = if is_inward(&discovery) {
            // A registry on this machine seldom has a certificate.
            parse_url(&format!("http://{host}/.well-known/terraform.json"))?
        } else {
            discovery
        };
        let (head, page) = http.page(&discovery, self.token_for(host)).await?;
        let json: Value = serde_json::from_slice(&page).unwrap_or_default();
        let service = json.get("modules.v1").and_then(Value::as_str);
        let url = service.and_then(|service| head.url.join(service).ok());
        let mut url = url.ok_or_else(|| RegistryError::NoService {
            host: host.to_owned(),
        })?;
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(url)
    }

    fn token_for(&self, host: &str) -> Option<&Secret<String>> {
        let any_private = self.token.as_ref();
        let any_private =
            any_private.filter(|_| !PUBLIC.iter().any(|known| host.eq_ignore_ascii_case(known)));
        self.tokens.get(host).or(any_private)
    }
}

/// A place may be relative to the URL that named it.
pub(super) fn resolved(base: &Url, place: &str) -> String {
    let is_relative = place.starts_with('/') || place.starts_with("./") || place.starts_with("../");
    match base.join(place) {
        // Joining would take the folder behind // for a part of the path, and keep it as it is.
        Ok(url) if is_relative => url.into(),
        Ok(_) | Err(_) => place.to_owned(),
    }
}

/// `TF_TOKEN_my__registry_example_com` is for `my-registry.example.com`.
fn host_of_variable(name: &str) -> String {
    name.replace("__", "-").replace('_', ".")
}

fn secret(value: &OsStr) -> Option<Secret<String>> {
    let value = value.to_str().filter(|value| !value.is_empty())?;
    Some(Secret::new(value.to_owned()))
}

fn tokens_of_login(text: &str) -> BTreeMap<String, Secret<String>> {
    let json: Value = serde_json::from_str(text).unwrap_or_default();
    let hosts = json.get("credentials").and_then(Value::as_object);
    let tokens = hosts.into_iter().flatten().filter_map(|(host, entry)| {
        let token = entry.get("token")?.as_str()?;
        Some((host.clone(), Secret::new(token.to_owned())))
    });
    tokens.collect()
}

/// `credentials "example.com" { token = "…" }`
fn tokens_of_configuration(text: &str) -> BTreeMap<String, Secret<String>> {
    let source = Source::new("configuration", text);
    let body = parse(&source, &Limits::default()).body;
    let tokens = body.blocks_of("credentials").filter_map(|block| {
        let token = block.body.attribute("token")?.expression.as_string()?;
        let host = block.labels.first()?.text.to_string();
        Some((host, Secret::new(token.to_owned())))
    });
    tokens.collect()
}

impl fmt::Debug for TokenFiles<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenFiles").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_by_their_host() {
        let files = TokenFiles {
            login: Some(
                r#"{"credentials": {
                    "a.example.org": {"token": "login-a"}, "b.example.org": {"token": "login-b"},
                    "c.example.org": {"token": "login-c"}
                }}"#,
            ),
            configuration: Some(
                "plugin_cache_dir = \"/x\"\ncredentials \"b.example.org\" {\n  token = \"file-b\"\n}\n",
            ),
        };
        let environment = Environment::from_iter([
            ("TF_TOKEN_a_example_org", "variable-a"),
            ("TF_TOKEN_my__own_example_org", "variable-own"),
            ("TF_TOKEN_empty_example_org", ""),
        ]);
        let registries = Registries::new("r.example.org", &environment, files);
        let token = |host| {
            registries
                .token_for(host)
                .map(|token| token.expose().as_str())
        };
        assert_eq!(token("a.example.org"), Some("variable-a"));
        assert_eq!(token("b.example.org"), Some("file-b"));
        assert_eq!(token("c.example.org"), Some("login-c"));
        assert_eq!(token("my-own.example.org"), Some("variable-own"));
        assert_eq!(token("empty.example.org"), None);
    }

    #[test]
    fn terragrunts_variables_name_the_registry_and_its_token() {
        let environment = Environment::from_iter([
            ("TG_TF_REGISTRY_TOKEN", "t"),
            ("TG_TF_DEFAULT_REGISTRY_HOST", "r.example.org"),
        ]);
        let files = TokenFiles {
            login: Some("not json"),
            configuration: Some("not { configuration"),
        };
        let registries = Registries::new("registry.terraform.io", &environment, files);
        assert_eq!(registries.default_host, "r.example.org");
        let token = registries.token_for("any.example.org").unwrap();
        assert_eq!(token.expose(), "t");
    }

    #[test]
    fn a_token_that_names_no_host_is_not_for_public_registries() {
        let environment = Environment::from_iter([
            ("TG_TF_REGISTRY_TOKEN", "private"),
            ("TF_TOKEN_registry_terraform_io", "own"),
        ]);
        let registries = Registries::new("x", &environment, TokenFiles::default());
        let token = |host| registries.token_for(host).map(Secret::expose);
        assert_eq!(token("registry.opentofu.org"), None);
        assert_eq!(
            token("registry.terraform.io").map(String::as_str),
            Some("own")
        );
    }

    #[test]
    fn places_may_be_relative() {
        let base = Url::parse("https://r.org/v1/modules/a/b/c/1.0.0/download").unwrap();
        let resolved = |place| resolved(&base, place);
        assert_eq!(
            resolved("./m.tgz"),
            "https://r.org/v1/modules/a/b/c/1.0.0/m.tgz"
        );
        assert_eq!(resolved("/m.tgz//sub"), "https://r.org/m.tgz//sub");
        assert_eq!(
            resolved("git::https://x.org/m?ref=v1"),
            "git::https://x.org/m?ref=v1"
        );
        assert_eq!(resolved("https://x.org/m.zip"), "https://x.org/m.zip");
    }
}
