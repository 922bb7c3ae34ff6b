//! Roles from tables beside the units.

use camino::Utf8Path;

use super::*;

fn in_table(purpose: Option<Purpose>, name: &str) -> RoleClaim {
    let at = place("terrane.hcl", 2);
    let source = match purpose {
        None => ClaimSource::RoleMap(at),
        Some(_) => ClaimSource::RoleOfCommand(at),
    };
    RoleClaim {
        only_for: purpose,
        ..claim(source, name)
    }
}

fn folders(pattern: &str) -> Covers {
    Covers::Folders(FolderPattern::new(Utf8Path::new("/live"), [pattern]).expect("a pattern"))
}

/// The doer of the unit in `folder`, for planning and for applying.
fn doers(claims: &[RoleClaim], folder: &str, rows: &[RoleRow], takes: Takes) -> String {
    let unit = UnitClaims {
        folder: folder.into(),
        ..unit(claims.to_vec())
    };
    let doer = |purpose| {
        let options = RoleOptions {
            purpose,
            role_map: RoleMap {
                tables: vec![RoleTable {
                    rows: rows.to_vec(),
                    takes,
                }],
            },
            ..options()
        };
        let identity = resolve(&unit, &options).expect("an identity");
        identity.doer.chain().expect("a chain").to_string()
    };
    format!("{}, {}", doer(Purpose::Plan), doer(Purpose::Apply))
}

fn row(covers: Covers, claims: &[RoleClaim]) -> RoleRow {
    RoleRow {
        covers,
        claims: claims.to_vec(),
    }
}

#[test]
fn a_role_of_a_command_beats_a_files_role_and_a_role_for_all_commands_does_not() {
    let rows = |claims: &[RoleClaim]| vec![row(folders("1-dev"), claims)];
    let file = [claim(included(), "of-file")];
    let (plan, apply) = (Some(Purpose::Plan), Some(Purpose::Apply));
    let said = |claims: &[RoleClaim], file: &[RoleClaim]| {
        doers(file, "/live/1-dev/vpc", &rows(claims), Takes::EveryRow)
    };
    let of_commands = [in_table(plan, "reader"), in_table(apply, "writer")];
    assert_eq!(said(&of_commands, &file), "base → reader, base → writer");
    assert_eq!(
        said(&of_commands[..1], &file),
        "base → reader, base → of-file"
    );
    let of_all = [in_table(None, "of-table")];
    assert_eq!(said(&of_all, &file), "base → of-file, base → of-file");
    assert_eq!(said(&of_all, &[]), "base → of-table, base → of-table");
}

#[test]
fn a_flag_beats_the_role_of_a_command() {
    let mut by_flag = options();
    by_flag.claims.push(claim(flag(), "by-flag"));
    by_flag.role_map.tables.push(RoleTable {
        rows: vec![row(
            Covers::Everything,
            &[in_table(Some(Purpose::Apply), "writer")],
        )],
        takes: Takes::EveryRow,
    });
    let identity = resolve(&unit(vec![]), &by_flag).expect("an identity");
    assert_eq!(identity.because.doer, DoerReason::Claimed(flag()));
    assert_eq!(identity.rejected.len(), 1);
}

#[test]
fn folders_are_covered_with_all_below_and_with_or_without_their_numbers() {
    let covered = |pattern: &str, folder: &str| {
        let rows = vec![row(folders(pattern), &[in_table(None, "doer")])];
        doers(&[], folder, &rows, Takes::EveryRow).contains("doer")
    };
    for pattern in ["1-dev", "dev", "dev/", "dev/**", "1-dev/vpc", "*/vpc", "**"] {
        assert!(covered(pattern, "/live/1-dev/vpc"), "{pattern}");
    }
    for pattern in ["2-prod", "de", "*", "vpc"] {
        assert_eq!(
            covered(pattern, "/live/1-dev/vpc"),
            pattern == "*",
            "{pattern}"
        );
    }
    assert!(!covered("**", "/elsewhere/1-dev/vpc"));
}

#[test]
fn the_first_workflow_that_covers_a_folder_is_the_folders() {
    let rows = vec![
        row(folders("dev/**"), &[in_table(Some(Purpose::Plan), "first")]),
        row(folders("**"), &[in_table(Some(Purpose::Apply), "second")]),
        row(Covers::Everything, &[in_table(None, "of-hook")]),
    ];
    assert_eq!(
        doers(&[], "/live/dev/vpc", &rows, Takes::FirstRow),
        "base → first, base → of-hook"
    );
    assert_eq!(
        doers(&[], "/live/prod/vpc", &rows, Takes::FirstRow),
        "base → of-hook, base → second"
    );
}

#[test]
fn a_table_by_account_goes_by_the_account_of_the_folder() {
    let account = |id: &str| Covers::Account(id.parse().expect("an account"));
    let doer = |id: &str| {
        let options = RoleOptions {
            role_map: RoleMap {
                tables: vec![RoleTable {
                    rows: vec![row(account(id), &[in_table(None, "doer")])],
                    takes: Takes::EveryRow,
                }],
            },
            ..options()
        };
        let unit = UnitClaims {
            account: Some(FolderAccount {
                folder: "1-dev".into(),
                account: DEV.parse().expect("an account"),
                place: place("1-dev/account.hcl", 2),
            }),
            ..unit(vec![])
        };
        let identity = resolve(&unit, &options).expect("an identity");
        identity.doer.chain().expect("a chain").to_string()
    };
    assert_eq!(doer(DEV), "base → doer");
    assert_eq!(doer(SHARED), "base");
}
