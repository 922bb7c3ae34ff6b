//! Archives that are well made, hostile or broken.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use camino_tempfile::Utf8TempDir;
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// One member of an archive, as hostile as it may be.
#[derive(Clone, Copy)]
struct Member<'a> {
    path: &'a str,
    kind: EntryType,
    content: &'a [u8],
    link: &'a str,
}

fn file<'a>(path: &'a str, content: &'a [u8]) -> Member<'a> {
    Member {
        path,
        kind: EntryType::Regular,
        content,
        link: "",
    }
}

fn link<'a>(path: &'a str, kind: EntryType, link: &'a str) -> Member<'a> {
    Member {
        kind,
        link,
        ..file(path, b"")
    }
}

/// Writes the names as they are: the library would refuse the bad ones.
fn tar(members: &[Member<'_>]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for member in members {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..member.path.len()].copy_from_slice(member.path.as_bytes());
        header.as_old_mut().linkname[..member.link.len()].copy_from_slice(member.link.as_bytes());
        header.set_entry_type(member.kind);
        header.set_mode(if member.content.starts_with(b"#!") {
            0o755
        } else {
            0o600
        });
        header.set_size(member.content.len() as u64);
        header.set_cksum();
        builder.append(&header, member.content).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (path, content) in members {
        writer
            .start_file(*path, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

struct Unpacked {
    scratch: Utf8TempDir,
    result: Result<(), UnpackError>,
}

impl Unpacked {
    fn new(bytes: &[u8], kind: ArchiveKind, limits: &UnpackLimits) -> Self {
        let scratch = Utf8TempDir::new().unwrap();
        let archive = scratch.path().join("archive");
        fs::write(&archive, bytes).unwrap();
        let folder = scratch.path().join("folder");
        fs::create_dir(&folder).unwrap();
        let result = unpack(&archive, kind, &folder, limits);
        Self { scratch, result }
    }

    fn path(&self, path: &str) -> Utf8PathBuf {
        self.scratch.path().join("folder").join(path)
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn refusal(&self) -> String {
        self.result.as_ref().unwrap_err().to_string()
    }
}

fn unpack_tar(members: &[Member<'_>]) -> Unpacked {
    Unpacked::new(&tar(members), ArchiveKind::Tar, &UnpackLimits::default())
}

#[test]
fn tar_and_zip_come_out_the_same() {
    let members = [file("./m/main.tf", b"code"), file("m/run.sh", b"#!/bin/sh")];
    let limits = UnpackLimits::default();
    let plain = tar(&members);
    for (bytes, kind) in [
        (gz(&plain), ArchiveKind::TarGz),
        (plain, ArchiveKind::Tar),
        (
            zip(&[("m/main.tf", b"code"), ("m/run.sh", b"#!/bin/sh")]),
            ArchiveKind::Zip,
        ),
    ] {
        let unpacked = Unpacked::new(&bytes, kind, &limits);
        assert!(unpacked.result.is_ok(), "{kind:?}: {:?}", unpacked.result);
        assert_eq!(unpacked.text("m/main.tf"), "code");
        assert_eq!(unpacked.text("m/run.sh"), "#!/bin/sh");
        assert_eq!(kind_of_bytes(&bytes), Some(kind));
    }
}

#[test]
fn what_may_be_executed_stays_so() {
    let unpacked = unpack_tar(&[file("a.sh", b"#!/bin/sh"), file("b.tf", b"")]);
    let mode = |path| {
        fs::metadata(unpacked.path(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!((mode("a.sh"), mode("b.tf")), (0o755, 0o644));
}

#[test]
fn paths_that_leave_are_refused() {
    for path in ["../evil", "a/../../evil", "/etc/evil", "a/.."] {
        let refused = unpack_tar(&[file(path, b"x")]).refusal();
        assert!(refused.contains(path), "{path}: {refused}");
    }
    let bytes = zip(&[("../evil", b"x")]);
    let unpacked = Unpacked::new(&bytes, ArchiveKind::Zip, &UnpackLimits::default());
    assert!(unpacked.refusal().contains("../evil"));
    assert!(!unpacked.scratch.path().join("evil").exists());
}

#[test]
fn links_within_are_made_and_others_refused() {
    let symlink = EntryType::Symlink;
    let unpacked = unpack_tar(&[
        link("a/link", symlink, "../b/main.tf"),
        file("b/main.tf", b"code"),
    ]);
    assert_eq!(unpacked.text("a/link"), "code");
    for target in ["/etc/passwd", "../../x", "b/../../x"] {
        let refused = unpack_tar(&[link("a/link", symlink, target)]).refusal();
        assert!(refused.contains(target), "{target}: {refused}");
    }
}

#[test]
fn nothing_is_written_through_a_link() {
    let unpacked = unpack_tar(&[
        link("a", EntryType::Symlink, "b"),
        file("a/x.tf", b"through"),
        file("b/x.tf", b"own"),
    ]);
    assert!(unpacked.result.is_err(), "a is a link and a folder");
    assert_eq!(unpacked.text("b/x.tf"), "own");
}

#[test]
fn a_hard_link_is_a_copy_of_what_came_before() {
    let unpacked = unpack_tar(&[file("a.tf", b"code"), link("b.tf", EntryType::Link, "a.tf")]);
    assert_eq!(unpacked.text("b.tf"), "code");
    let refused = unpack_tar(&[link("b.tf", EntryType::Link, "../outside")]).refusal();
    assert!(refused.contains("../outside"));
    let refused = unpack_tar(&[link("b.tf", EntryType::Link, "gone")]).refusal();
    assert!(refused.contains("b.tf is a link to nothing"), "{refused}");
}

#[test]
fn devices_are_refused() {
    for kind in [EntryType::Char, EntryType::Block, EntryType::Fifo] {
        let refused = unpack_tar(&[link("dev", kind, "")]).refusal();
        assert!(
            refused.starts_with("it holds dev, which is neither"),
            "{refused}"
        );
    }
}

#[test]
fn an_archive_that_grows_without_end_is_refused() {
    let limits = UnpackLimits {
        bytes: 1 << 20,
        harmless: 1 << 10,
        ..UnpackLimits::default()
    };
    let zeros = vec![0; 4 << 20];
    let bomb = gz(&tar(&[file("zeros", &zeros)]));
    assert!(bomb.len() < 40 << 10, "it is small: {}", bomb.len());
    let refused = Unpacked::new(&bomb, ArchiveKind::TarGz, &limits).refusal();
    assert_eq!(refused, "it unpacks to more than 1048576 bytes");

    let limits = UnpackLimits { ratio: 2, ..limits };
    let bomb = zip(&[("zeros", &zeros)]);
    let refused = Unpacked::new(&bomb, ArchiveKind::Zip, &limits).refusal();
    assert_eq!(
        refused,
        format!("it unpacks to more than {} bytes", 2 * bomb.len())
    );
}

#[test]
fn too_many_files_and_too_long_paths_are_refused() {
    let limits = UnpackLimits {
        files: 2,
        path: 10,
        ..UnpackLimits::default()
    };
    let many = tar(&[file("a", b""), file("b", b""), file("c", b"")]);
    let refused = Unpacked::new(&many, ArchiveKind::Tar, &limits).refusal();
    assert_eq!(refused, "it holds more than 2 files");
    let long = tar(&[file("a/b/c/d/e/f", b"")]);
    let refused = Unpacked::new(&long, ArchiveKind::Tar, &limits).refusal();
    assert_eq!(refused, "it holds a path of more than 10 bytes");
}

#[test]
fn what_is_no_archive_is_refused() {
    for kind in [ArchiveKind::TarGz, ArchiveKind::Zip, ArchiveKind::Tar] {
        let page = b"<html>not found</html>".repeat(100);
        let refused = Unpacked::new(&page, kind, &UnpackLimits::default()).refusal();
        assert!(refused.starts_with("it cannot be unpacked"), "{refused}");
        assert_eq!(kind_of_bytes(&page), None);
    }
    let whole = gz(&tar(&[file("a", &[7; 4096])]));
    let half = &whole[..whole.len() / 2];
    let cut = Unpacked::new(half, ArchiveKind::TarGz, &UnpackLimits::default());
    assert!(cut.refusal().starts_with("it cannot be unpacked"));
}
