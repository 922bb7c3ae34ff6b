//! Where a unit's working folder lies, and whether what lies there is what its address names.
//!
//! Names are Terragrunt's, so that folders it has made are found and used, and the other way
//! round: `<download folder>/<unit>/<source>/<folder behind //>`.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use camino::{Utf8Path, Utf8PathBuf};
use sha1::{Digest as _, Sha1};

use crate::model::ModuleAddress;
use crate::model::file_names::DOWNLOAD_FOLDER;

/// Which version of a remote source lies in a folder: in a file that Terragrunt reads and writes.
pub const VERSION_FILE: &str = ".terragrunt-source-version";

/// An empty file in a working folder that asks for an `init`: code was written or removed there
/// since the last one. Terragrunt reads and writes it, too.
pub const INIT_REQUIRED: &str = ".terragrunt-init-required";

/// The places of one unit with one source.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CachePlace {
    /// Holds all of the source.
    pub root: Utf8PathBuf,
    /// The module's folder below the root; empty where the source is the module.
    pub subfolder: Utf8PathBuf,
}

impl CachePlace {
    /// `download_folder` and `unit_folder` are absolute, and clean as the shell shows them.
    pub fn new(
        download_folder: &Utf8Path,
        unit_folder: &Utf8Path,
        address: &ModuleAddress,
    ) -> Self {
        let root = download_folder
            .join(name_for(unit_folder.as_str()))
            .join(name_for(&address.canonical_source()));
        Self {
            root,
            subfolder: address.subfolder.clone(),
        }
    }

    /// Where terraform runs.
    pub fn working_folder(&self) -> Utf8PathBuf {
        // Joining an empty path would leave a slash at the end.
        if self.subfolder.as_str().is_empty() {
            self.root.clone()
        } else {
            self.root.join(&self.subfolder)
        }
    }

    pub fn version_file(&self) -> Utf8PathBuf {
        self.root.join(VERSION_FILE)
    }
}

/// The download folder of a unit.
pub fn download_folder(unit_folder: &Utf8Path, wished: Option<&Utf8Path>) -> Utf8PathBuf {
    unit_folder.join(wished.unwrap_or(Utf8Path::new(DOWNLOAD_FOLDER)))
}

/// What the version file of a remote source holds.
pub fn remote_version(address: &ModuleAddress) -> String {
    name_for(&address.query.canonical())
}

/// 27 letters that stand for a text.
fn name_for(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha1::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(unit: &str, source: &str) -> CachePlace {
        let address = ModuleAddress::parse(source, unit.into()).unwrap();
        CachePlace::new("/dl".into(), unit.into(), &address)
    }

    /// Names that Terragrunt printed in public logs.
    #[test]
    fn names_are_those_of_terragrunt() {
        let source_of = |source| place("/u", source).root.file_name().unwrap().to_owned();
        assert_eq!(
            source_of(
                "git::https://github.com/terraform-aws-modules/terraform-aws-vpc//modules/vpc-endpoints?ref=v6.0.1"
            ),
            "rLDNduzmcT3lplh503Th9HcsUyk"
        );
        assert_eq!(
            source_of(
                "git@github.com:gruntwork-io/terragrunt-infrastructure-modules-example.git?ref=v0.8.0"
            ),
            "9KdFiGzs0Psssz02yWzKhq8EFFM"
        );
        assert_eq!(
            source_of("tfr:///juju/controller/juju?version=0.0.1-rc6"),
            "HNznUV3e8tF-4FGhKFzd35jXtDg"
        );
        let local = place("/home/asd/_git/fake-vpc/LIVE/vpc1", "../../terraform/vpc");
        assert_eq!(
            local.root,
            "/dl/SdKwSZ7_uBgPamt1v_tz5Jyc2Ac/jlnY2jvd0WykwrUKoiSp5Nvcduw"
        );
    }

    #[test]
    fn the_working_folder_is_the_folder_behind_the_slashes() {
        let deep = place("/u", "../m//net/vpc");
        assert_eq!(deep.working_folder(), deep.root.join("net/vpc"));
        let flat = place("/u", "../m");
        assert_eq!(flat.working_folder(), flat.root);
        assert_eq!(flat.root, deep.root);
    }

    #[test]
    fn another_version_goes_to_the_same_place() {
        let version = |text| remote_version(&ModuleAddress::parse(text, "/u".into()).unwrap());
        let (one, two) = ("git::https://x.org/m?ref=v1", "git::https://x.org/m?ref=v2");
        assert_eq!(place("/u", one), place("/u", two));
        assert_ne!(version(one), version(two));
        assert_eq!(version(one).len(), 27);
    }

    #[test]
    fn download_folders_start_at_the_unit() {
        let folder = |wished: Option<&str>| download_folder("/u".into(), wished.map(Utf8Path::new));
        assert_eq!(folder(None), "/u/.terragrunt-cache");
        assert_eq!(folder(Some("/var/dl")), "/var/dl");
        assert_eq!(folder(Some("dl")), "/u/dl");
    }
}
