//! Sources from folders and from servers on loopback.

use std::fs;
use std::io::{self, Write as _};

use camino_tempfile::Utf8TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::source::cache::VERSION_FILE;
use crate::source::loopback::Server;
use crate::source::registry::TokenFiles;

fn module_zip(folder: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer
        .start_file(format!("{folder}main.tf"), options)
        .unwrap();
    writer.write_all(b"code").unwrap();
    writer.finish().unwrap().into_inner()
}

struct Scene {
    scratch: Utf8TempDir,
    sources: Sources,
}

impl Scene {
    fn new() -> Self {
        Self::with_objects(None)
    }

    fn with_objects(objects: Option<ReadObject>) -> Self {
        Self::with(objects, &[])
    }

    fn with(objects: Option<ReadObject>, variables: &[(&str, &str)]) -> Self {
        let scratch = Utf8TempDir::new().unwrap();
        let environment: Environment = variables.iter().copied().collect();
        let options = SourceOptions {
            scratch: scratch.path().join("run"),
            registries: Registries::new(
                "registry.terraform.io",
                &environment,
                TokenFiles::default(),
            ),
            environment,
            update: false,
        };
        Self {
            sources: Sources::new(options, objects),
            scratch,
        }
    }

    fn path(&self, path: &str) -> Utf8PathBuf {
        self.scratch.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    async fn get(&self, text: &str) -> Result<Rc<Source>, SourceError> {
        self.get_again(text, false).await
    }

    async fn get_again(&self, text: &str, look_again: bool) -> Result<Rc<Source>, SourceError> {
        let unit = self.path("unit");
        let address = ModuleAddress::parse(text, &unit).unwrap();
        let download_folder = unit.join(".terragrunt-cache");
        let place = CachePlace::new(&download_folder, &unit, &address);
        let wish = Wish {
            address: &address,
            place: &place,
            download_folder: &download_folder,
            include_in_copy: &[],
            exclude_from_copy: &[],
            look_again,
        };
        self.sources.get(&wish).await
    }

    async fn refusal(&self, text: &str) -> String {
        self.get(text).await.unwrap_err().to_string()
    }
}

fn names(source: &Source) -> Vec<&str> {
    let (Source::Folder { listing, .. } | Source::Fetched { listing, .. }) = source else {
        return vec!["as before"];
    };
    listing.files.keys().map(|path| path.as_str()).collect()
}

#[tokio::test]
async fn a_folder_is_looked_at_once_in_a_run() {
    let scene = Scene::new();
    scene.write("m/main.tf", "");
    let first = scene.get("../m").await.unwrap();
    scene.write("m/new.tf", "");
    let second = scene.get("../m").await.unwrap();
    assert!(Rc::ptr_eq(&first, &second));
    let third = scene.get_again("../m", true).await.unwrap();
    assert_eq!(names(&third), ["main.tf", "new.tf"]);
}

#[tokio::test]
async fn units_share_a_listing_unless_their_own_folder_lies_in_it() {
    let scene = Scene::new();
    scene.write("m/main.tf", "");
    scene.write("a/dl/x.tf", "");
    let get = async |unit: &str, source: &str, download: &str| {
        let unit = scene.path(unit);
        let address = ModuleAddress::parse(source, &unit).unwrap();
        let download_folder = unit.join(download);
        let place = CachePlace::new(&download_folder, &unit, &address);
        let wish = Wish {
            address: &address,
            place: &place,
            download_folder: &download_folder,
            include_in_copy: &[],
            exclude_from_copy: &[],
            look_again: false,
        };
        scene.sources.get(&wish).await.unwrap()
    };
    let cache = ".terragrunt-cache";
    let (a, b) = (get("a", "../m", cache).await, get("b", "../m", cache).await);
    assert!(Rc::ptr_eq(&a, &b));
    let (a, b) = (
        get("a", "..//m", cache).await,
        get("b", "..//m", cache).await,
    );
    assert!(Rc::ptr_eq(&a, &b));
    assert_eq!(names(&a), ["a/dl/x.tf", "m/main.tf"]);
    let without_own = get("a", "..//m", "dl").await;
    assert_eq!(names(&without_own), ["m/main.tf"]);
}

#[tokio::test]
async fn a_missing_folder_is_told() {
    let scene = Scene::new();
    let missing = scene.path("not-there");
    assert_eq!(
        scene.refusal("../not-there").await,
        format!("the folder {missing} is not there")
    );
}

#[tokio::test]
async fn an_archive_is_fetched_once_for_all_who_want_it() {
    let server = Server::new(|_| ("200 OK", module_zip("net/")));
    let scene = Scene::new();
    let url = format!("http://{}/m.zip", server.host);
    let wishes = [format!("{url}//net"), url.clone(), format!("{url}//net")];
    let all = wishes.iter().map(|wish| scene.get(wish));
    for source in futures_util::future::join_all(all).await {
        assert_eq!(names(&source.unwrap()), ["net/main.tf"]);
    }
    assert_eq!(server.asked(), ["/m.zip"]);
}

#[tokio::test]
async fn what_lies_in_its_place_is_not_fetched() {
    let scene = Scene::new();
    let server = Server::new(|_| ("403 Forbidden", vec![]));
    let unit = scene.path("unit");
    let text = format!("http://{}/m?archive=zip", server.host);
    let address = ModuleAddress::parse(&text, &unit).unwrap();
    let place = CachePlace::new(&unit.join(".terragrunt-cache"), &unit, &address);
    fs::create_dir_all(&place.root).unwrap();
    fs::write(place.root.join(VERSION_FILE), remote_version(&address)).unwrap();
    fs::write(place.root.join("main.tf"), "").unwrap();
    assert_eq!(names(&scene.get(&text).await.unwrap()), ["as before"]);

    let other = scene.get(&text.replace("zip", "tar")).await;
    assert!(other.is_err(), "another version has to be fetched");
    fs::remove_file(place.root.join("main.tf")).unwrap();
    assert!(scene.get(&text).await.is_err(), "no code is no module");
}

#[tokio::test]
async fn a_page_says_where_the_module_is() {
    let server = Server::new(|path| match path {
        "/by-header?terraform-get=1" => {
            ("204 No Content\r\nX-Terraform-Get: ./m.zip//top-*", vec![])
        }
        "/by-page?terraform-get=1" => (
            "200 OK",
            br#"<html><head><meta name="terraform-get" content="/m.zip"></head></html>"#.to_vec(),
        ),
        "/unnamed?terraform-get=1" | "/m.zip" => ("200 OK", module_zip("only/")),
        "/star?terraform-get=1" => ("200 OK\r\nX-Terraform-Get: http://HOST/m.zip//*", vec![]),
        _ => ("404 Not Found", vec![]),
    });
    let scene = Scene::new();
    let get = async |path: &str| scene.get(&format!("http://{}{path}", server.host)).await;
    for path in ["/by-page", "/unnamed"] {
        assert_eq!(names(&get(path).await.unwrap()), ["only/main.tf"], "{path}");
    }
    assert_eq!(names(&get("/star").await.unwrap()), ["main.tf"]);
    let missing = get("/by-header").await.unwrap_err().to_string();
    assert!(missing.contains("top-* is not there"), "{missing}");
}

#[tokio::test]
async fn a_page_may_not_name_a_folder_or_lead_round_in_circles() {
    let server = Server::new(|path| match path {
        "/folder?terraform-get=1" => ("204 No Content\r\nX-Terraform-Get: file:///etc", vec![]),
        "/circle?terraform-get=1" => ("204 No Content\r\nX-Terraform-Get: /circle", vec![]),
        "/hg?terraform-get=1" => ("204 No Content\r\nX-Terraform-Get: hg::http://x/y", vec![]),
        _ => ("200 OK", b"<html>nothing here</html>".to_vec()),
    });
    let scene = Scene::new();
    let refusal = async |path: &str| {
        let url = format!("http://{}{path}", server.host);
        scene.refusal(&url).await.replace(&format!("{url}: "), "")
    };
    assert_eq!(
        refusal("/folder").await,
        "it says that the module is in a folder of this machine: /etc"
    );
    assert_eq!(
        refusal("/circle").await,
        "one place says that the module is at another, more than 4 times"
    );
    assert_eq!(
        refusal("/hg").await,
        "it says that the module is at hg::http://x/y: hg:: is not a way to fetch modules that terrane knows"
    );
    assert_eq!(
        refusal("/other").await,
        "it is neither an archive nor a page that says where the module is"
    );
}

#[tokio::test]
async fn a_sum_must_be_the_one_that_is_wished_for() {
    let server = Server::new(|_| ("200 OK", module_zip("")));
    let scene = Scene::new();
    let url = |sum: &str| format!("http://{}/m.zip?checksum={sum}", server.host);
    let refusal = scene.refusal(&url(&"0".repeat(64))).await;
    let (_, found) = refusal.split_once("its sha256 sum is ").unwrap();
    let found = found.split(' ').next().unwrap();
    assert_eq!(names(&scene.get(&url(found)).await.unwrap()), ["main.tf"]);
    assert_eq!(server.asked(), ["/m.zip", "/m.zip"]);
}

#[tokio::test]
async fn a_registry_says_where_its_modules_are() {
    let server = Server::new(|path| match path {
        "/.well-known/terraform.json" => ("200 OK", br#"{"modules.v1": "/api/modules"}"#.to_vec()),
        "/api/modules/acme/vpc/aws/5.1.0/download" => {
            ("204 No Content\r\nX-Terraform-Get: /files/vpc.zip", vec![])
        }
        "/api/modules/acme/json/aws/1.0.0/download" => {
            ("200 OK", br#"{"location": "/files/vpc.zip"}"#.to_vec())
        }
        "/files/vpc.zip" => ("200 OK", module_zip("")),
        _ => ("404 Not Found", vec![]),
    });
    let scene = Scene::new();
    let get = async |module: &str| scene.get(&format!("tfr://{}/{module}", server.host)).await;
    for module in ["acme/vpc/aws?version=5.1.0", "acme/json/aws?version=1.0.0"] {
        assert_eq!(names(&get(module).await.unwrap()), ["main.tf"], "{module}");
    }
    let missing = get("acme/vpc/aws?version=9.9.9")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        missing.ends_with("has no module acme/vpc/aws in version 9.9.9"),
        "{missing}"
    );
}

#[tokio::test]
async fn a_registrys_token_goes_to_the_registry_alone() {
    let server = Server::new(|path| match path {
        "/.well-known/terraform.json" => ("200 OK", br#"{"modules.v1": "/v1/"}"#.to_vec()),
        "/v1/a/b/c/1.0.0/download" => ("204 No Content\r\nX-Terraform-Get: /m.zip", vec![]),
        _ => ("200 OK", module_zip("")),
    });
    let scene = Scene::with(None, &[("TG_TF_REGISTRY_TOKEN", "hunter2")]);
    let module = format!("tfr://{}/a/b/c?version=1.0.0", server.host);
    scene.get(&module).await.unwrap();
    assert_eq!(
        server.asked(),
        [
            "/.well-known/terraform.json Bearer hunter2",
            "/v1/a/b/c/1.0.0/download Bearer hunter2",
            "/m.zip"
        ]
    );
}

#[tokio::test]
async fn an_object_is_read_by_whoever_can() {
    let read: ReadObject = Rc::new(|object: S3Source, to: Utf8PathBuf| {
        async move {
            if object.key != "m.zip" {
                return Err(format!("{} has no object {}", object.bucket, object.key));
            }
            fs::write(to, module_zip("")).map_err(|error| error.to_string())
        }
        .boxed_local()
    });
    let scene = Scene::with_objects(Some(read));
    let source = scene
        .get("s3::https://s3.amazonaws.com/b/m.zip")
        .await
        .unwrap();
    assert_eq!(names(&source), ["main.tf"]);
    let refusal = scene.refusal("s3::https://s3.amazonaws.com/b/no.zip").await;
    assert!(refusal.ends_with("b has no object no.zip"), "{refusal}");
    let without = Scene::new()
        .refusal("s3::https://s3.amazonaws.com/b/m.zip")
        .await;
    assert!(
        without.ends_with("S3 is not within reach here"),
        "{without}"
    );
}

#[tokio::test]
async fn nothing_is_left_after_the_run() {
    let server = Server::new(|_| ("200 OK", module_zip("")));
    let scene = Scene::new();
    let url = format!("http://{}/m.zip", server.host);
    scene.get(&url).await.unwrap();
    let run = scene.path("run");
    assert_eq!(fs::read_dir(&run).unwrap().count(), 1);
    drop(scene.sources);
    assert_eq!(fs::read_dir(&run).unwrap().count(), 0);
}
