//! Tables of folders, accounts and roles that lie beside the units: `terrane.hcl`'s own, and one that
//! another tool has.

use camino::{Utf8Path, Utf8PathBuf};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::UnitClaims;
use crate::model::{AccountId, RoleClaim, UnitPath};

/// All tables that are there.
#[derive(Clone, Debug, Default)]
pub struct RoleMap {
    pub tables: Vec<RoleTable>,
}

#[derive(Clone, Debug)]
pub struct RoleTable {
    /// The stronger ones first.
    pub rows: Vec<RoleRow>,
    pub takes: Takes,
}

/// Which of the rows that cover a unit count for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Takes {
    EveryRow,
    /// The first one, and those that cover everything.
    FirstRow,
}

#[derive(Clone, Debug)]
pub struct RoleRow {
    pub covers: Covers,
    pub claims: Vec<RoleClaim>,
}

#[derive(Clone, Debug)]
pub enum Covers {
    Everything,
    Account(AccountId),
    Folders(FolderPattern),
}

/// Folders, and all that lies below them.
#[derive(Clone, Debug)]
pub struct FolderPattern {
    /// Where paths begin, absolute.
    under: Utf8PathBuf,
    globs: GlobSet,
}

impl FolderPattern {
    /// Patterns of paths that begin in `under`; `*` stays within a folder's name. The numbers that
    /// order folders may be left out.
    pub fn new<'p>(
        under: &Utf8Path,
        patterns: impl IntoIterator<Item = &'p str>,
    ) -> Result<Self, globset::Error> {
        let mut globs = GlobSetBuilder::new();
        for pattern in patterns {
            let whole = pattern.trim_start_matches("./").trim_end_matches('/');
            let folder = whole.strip_suffix("/**").unwrap_or(whole);
            for glob in [folder.to_owned(), format!("{folder}/**")] {
                globs.add(GlobBuilder::new(&glob).literal_separator(true).build()?);
            }
        }
        Ok(Self {
            under: under.to_owned(),
            globs: globs.build()?,
        })
    }

    fn covers(&self, folder: &Utf8Path) -> bool {
        let Ok(below) = folder.strip_prefix(&self.under) else {
            return false;
        };
        let alias = UnitPath::new(below).alias();
        self.globs.is_match(below) || self.globs.is_match(alias)
    }
}

impl RoleMap {
    /// What the tables claim for a unit.
    pub(super) fn claims_of(&self, unit: &UnitClaims) -> Vec<RoleClaim> {
        let mut claims = Vec::new();
        for table in &self.tables {
            let mut is_decided = false;
            for row in &table.rows {
                let counts = match &row.covers {
                    Covers::Everything => true,
                    Covers::Account(account) => {
                        let folder = unit.account.as_ref();
                        folder.is_some_and(|folder| folder.account == *account)
                    }
                    Covers::Folders(pattern) => {
                        let covered = !is_decided && pattern.covers(&unit.folder);
                        is_decided |= covered && table.takes == Takes::FirstRow;
                        covered
                    }
                };
                if counts {
                    claims.extend(row.claims.iter().cloned());
                }
            }
        }
        claims
    }
}
