//! Every spelling of a source, and what is refused.

use insta::assert_debug_snapshot;

use super::*;

fn parse(text: &str) -> ModuleAddress {
    ModuleAddress::parse(text, "/live/app".into()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> String {
    let refused = ModuleAddress::parse(text, "/live/app".into());
    refused.expect_err(text).to_string()
}

/// Canonical source, folder and query in one line.
fn read(text: &str) -> String {
    let address = parse(text);
    format!(
        "{} | {} | {}",
        address.canonical_source(),
        address.subfolder,
        address.query.canonical()
    )
}

#[test]
fn folders_start_at_the_unit() {
    assert_eq!(
        read("../../modules//net/vpc"),
        "file:///modules | net/vpc | "
    );
    assert_eq!(read("../modules/vpc"), "file:///live/modules/vpc |  | ");
    assert_eq!(read("modules"), "file:///live/app/modules |  | ");
    assert_eq!(read("/mods/./a/../b//c/"), "file:///mods/b | c | ");
    assert_eq!(read("file:///mods//c"), "file:///mods | c | ");
    assert_eq!(read("../../../../../.."), "file:/// |  | ");
}

#[test]
fn no_source_is_the_units_own_folder() {
    assert_eq!(ModuleAddress::unit_folder("/live/app".into()), parse("."));
    assert_eq!(parse(".").local_folder(), Some(Utf8Path::new("/live/app")));
}

#[test]
fn all_spellings_of_a_repository_are_one() {
    let canonical = "git::https://github.com/acme/net.git | vpc | ref=v1";
    for text in [
        "github.com/acme/net//vpc?ref=v1",
        "github.com/acme/net.git//vpc?ref=v1",
        "github.com/acme/net/vpc?ref=v1",
        "git::https://github.com/acme/net.git//vpc?ref=v1",
        "git::github.com/acme/net//vpc?ref=v1",
        "https://github.com/acme/net.git//vpc?ref=v1",
    ] {
        assert_eq!(read(text), canonical, "{text}");
    }
}

#[test]
fn the_form_of_scp_is_ssh() {
    let canonical = "git::ssh://git@github.com/acme/net.git | vpc | ref=v1";
    for text in [
        "git@github.com:acme/net.git//vpc?ref=v1",
        "git::git@github.com:acme/net.git//vpc?ref=v1",
        "git::git@github.com:/acme/net.git//vpc?ref=v1",
        "git::ssh://git@github.com/acme/net.git//vpc?ref=v1",
        "ssh://git@github.com/acme/net.git//vpc?ref=v1",
    ] {
        assert_eq!(read(text), canonical, "{text}");
    }
    assert_eq!(
        read("git::alice@example.org:net.git"),
        "git::ssh://alice@example.org/net.git |  | "
    );
}

#[test]
fn a_repository_may_lie_on_this_machine() {
    assert_eq!(
        read("git::file:///repos/mods//net?ref=main"),
        "git::file:///repos/mods | net | ref=main"
    );
    assert_eq!(read("git::../mods//net"), "git::file:///live/mods | net | ");
}

#[test]
fn git_gets_its_reference_and_depth() {
    assert_debug_snapshot!(parse("git::https://example.org/m.git//a?ref=release%2F1&depth=1").source, @r#"
    Git(
        GitSource {
            url: https://example.org/m.git,
            reference: Some(
                "release/1",
            ),
            depth: Some(
                1,
            ),
        },
    )
    "#);
}

#[test]
fn what_git_could_take_for_an_option_or_a_program_is_refused() {
    assert_eq!(
        refused("git::https://example.org/m.git?ref=--upload-pack=touch%20x"),
        "ref = \"--upload-pack=touch x\" is not the name of a branch, a tag or a commit"
    );
    assert_eq!(
        refused("git::ext::sh -c touch%20x"),
        "git::ext:: is not a way to fetch modules that terrane knows"
    );
    assert_eq!(
        refused("git::fd://7/x"),
        "git::fd:// is not a way to fetch modules that terrane knows"
    );
    assert_eq!(
        refused("git::https://example.org/m.git?depth=all"),
        "depth = \"all\" is not a number"
    );
}

#[test]
fn archives_are_known_by_their_name_or_by_a_parameter() {
    let kind = |text| match parse(text).source {
        ModuleSource::Archive(archive) => archive.kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(kind("https://x.org/m.zip//a"), Some(ArchiveKind::Zip));
    assert_eq!(kind("https://x.org/m.tgz"), Some(ArchiveKind::TarGz));
    assert_eq!(
        kind("https://x.org/m?archive=tar.gz"),
        Some(ArchiveKind::TarGz)
    );
    assert_eq!(kind("https://x.org/m.zip?archive=false"), None);
    assert_eq!(kind("https://x.org/vpc"), None);
    assert_eq!(
        refused("https://x.org/m.tar.xz"),
        "archives of kind xz cannot be unpacked, only zip, tar and tar.gz"
    );
}

#[test]
fn checksums_are_taken_with_and_without_their_name() {
    let digits = "AB".repeat(32);
    for text in [format!("sha256:{digits}"), digits.clone()] {
        let address = parse(&format!("https://x.org/m.zip?checksum={text}"));
        let ModuleSource::Archive(archive) = address.source else {
            panic!("not an archive")
        };
        let checksum = archive.checksum.unwrap();
        assert_eq!(
            (&*checksum.algorithm, &*checksum.hex),
            ("sha256", &*"ab".repeat(32))
        );
    }
    assert!(refused("https://x.org/m.zip?checksum=md5:abc").contains("sha256 or sha512"));
}

#[test]
fn objects_in_s3_have_several_spellings() {
    let place = |text| match parse(text).source {
        ModuleSource::S3(object) => format!(
            "{} {} {} {}",
            object.bucket,
            object.key,
            object.region,
            object.endpoint.unwrap_or_default()
        ),
        other => panic!("{other:?}"),
    };
    let found = "b.x m/v1.zip eu-west-1 ";
    assert_eq!(
        place("s3::https://s3-eu-west-1.amazonaws.com/b.x/m/v1.zip"),
        found
    );
    assert_eq!(
        place("s3::https://s3.eu-west-1.amazonaws.com/b.x/m/v1.zip"),
        found
    );
    assert_eq!(
        place("s3::https://b.x.s3.eu-west-1.amazonaws.com/m/v1.zip"),
        found
    );
    assert_eq!(place("b.x.s3-eu-west-1.amazonaws.com/m/v1.zip"), found);
    assert_eq!(
        place("s3::https://s3.amazonaws.com/b/k.zip"),
        "b k.zip us-east-1 "
    );
    assert_eq!(
        place("s3::http://127.0.0.1:9000/b/k.zip?region=eu-west-1"),
        "b k.zip eu-west-1 http://127.0.0.1:9000"
    );
    assert!(refused("s3::https://s3.amazonaws.com/only-a-bucket").contains("s3::https://"));
}

#[test]
fn a_registry_module_names_its_version() {
    assert_eq!(
        read("tfr:///acme/vpc/aws//modules/endpoints?version=5.1.0"),
        "tfr:///acme/vpc/aws | modules/endpoints | version=5.1.0"
    );
    assert_eq!(
        read("tfr://registry.example.org/acme/vpc/aws?version=5.1.0"),
        "tfr://registry.example.org/acme/vpc/aws |  | version=5.1.0"
    );
    for text in [
        "tfr:///acme/vpc/aws",
        "tfr:///acme/vpc?version=1",
        "tfr://vpc",
    ] {
        assert!(refused(text).contains("tfr://HOST"), "{text}");
    }
}

#[test]
fn what_cannot_be_fetched_is_named() {
    for text in [
        "hg::https://x.org/m",
        "gcs::https://x",
        "oci://x/y",
        "smb://x/y",
    ] {
        let scheme = &text[..text.find(':').unwrap()];
        assert!(refused(text).starts_with(scheme), "{text}");
    }
    assert_eq!(refused("  "), "the source is empty");
    assert_eq!(
        refused("../mods//../other"),
        "the folder behind //, ../other, leaves the source"
    );
}

#[test]
fn passwords_are_not_shown() {
    let address = parse("git::https://me:hunter2@example.org/m.git//a?ref=v1");
    assert_eq!(
        address.to_string(),
        "git::https://me:***@example.org/m.git//a?ref=v1"
    );
    assert!(!format!("{address:?}").contains("hunter2"));
    let ModuleSource::Git(git) = address.source else {
        panic!("not git")
    };
    assert_eq!(git.url.expose(), "https://me:hunter2@example.org/m.git");
    assert_eq!(git.url.host(), "example.org");
}

#[test]
fn only_harmless_parameters_are_shown_and_ours_stay_here() {
    let address = parse("https://x.org/m?archive=zip&token=hunter2&ref=v1");
    assert_eq!(
        address.to_string(),
        "https://x.org/m?archive=zip&token=***&ref=v1"
    );
    assert_eq!(address.query.for_server(), "token=hunter2&ref=v1");
}

#[test]
fn odd_characters_of_a_folder_are_escaped_as_in_a_url() {
    assert_eq!(read("/a b/(c)"), "file:///a%20b/%28c%29 |  | ");
    assert_eq!(read("/a/(c)"), "file:///a/(c) |  | ");
    assert_eq!(read("/größe"), "file:///gr%C3%B6%C3%9Fe |  | ");
}
