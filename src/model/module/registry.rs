//! Modules of a registry: `tfr://HOST/NAMESPACE/NAME/PROVIDER?version=VERSION`.

use super::{ModuleAddress, ModuleAddressError, ModuleSource, Parts};

/// One version of a module in a registry.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RegistrySource {
    /// `None` is the public registry of whichever engine runs.
    pub host: Option<String>,
    pub namespace: String,
    pub name: String,
    pub provider: String,
    pub version: String,
}

impl RegistrySource {
    pub(super) fn canonical(&self) -> String {
        let Self {
            host,
            namespace,
            name,
            provider,
            version: _,
        } = self;
        let host = host.as_deref().unwrap_or_default();
        format!("tfr://{host}/{namespace}/{name}/{provider}")
    }
}

pub(super) fn parse(parts: Parts<'_>) -> Result<ModuleAddress, ModuleAddressError> {
    let path = parts
        .source
        .strip_prefix("tfr://")
        .ok_or(ModuleAddressError::Registry)?;
    let segments: Vec<&str> = path.split('/').collect();
    let &[host, namespace, name, provider] = segments.as_slice() else {
        return Err(ModuleAddressError::Registry);
    };
    let version = parts.query.get("version").unwrap_or_default();
    if [namespace, name, provider, version].contains(&"") {
        return Err(ModuleAddressError::Registry);
    }
    let source = ModuleSource::Registry(RegistrySource {
        host: Some(host.to_owned()).filter(|host| !host.is_empty()),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        provider: provider.to_owned(),
        version: version.to_owned(),
    });
    parts.address(source)
}
