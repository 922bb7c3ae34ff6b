//! Files, time and chance, as functions of the language may see them from one file.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use terrane_hcl::{PathKind, World, WorldError};

use super::scope::View;
use super::surroundings::EntryKind;
use super::trace::ReadKind;
use crate::model::paths::absolute;

impl View<'_> {
    fn data_path(&self, path: &str) -> Utf8PathBuf {
        absolute(self.scope.base_folder(), path)
    }

    fn kind_of(&self, folder: &Utf8Path, name: &str, kind: EntryKind) -> Option<PathKind> {
        match kind {
            EntryKind::File => Some(PathKind::File),
            EntryKind::Folder => Some(PathKind::Folder),
            EntryKind::Other => Some(PathKind::Other),
            EntryKind::Link => {
                let target = self.evaluation.reader.look(&folder.join(name));
                target.ok().flatten()
            }
        }
    }
}

impl World for View<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, WorldError> {
        let limit = self.evaluation.options.limits.files_per_unit;
        let path = self.data_path(path);
        if let Some(reason) = self.evaluation.trace.refuses_to_read(&path, limit) {
            return Err(WorldError::Other(reason));
        }
        let bytes = self.evaluation.reader.data(&path)?;
        self.evaluation.trace.read(&path, ReadKind::Data);
        Ok(bytes.to_vec())
    }

    fn look(&self, path: &str) -> Result<Option<PathKind>, WorldError> {
        self.evaluation.reader.look(&self.data_path(path))
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, PathKind)>, WorldError> {
        let folder = self.data_path(folder);
        let most = self.evaluation.options.limits.language.collection_items;
        let mut names = Vec::new();
        let surroundings = self.evaluation.reader.surroundings();
        let mut too_many = false;
        surroundings.list(&folder, &mut |entry| {
            too_many |= names.len() as u64 >= most;
            if let (Some(name), false) = (entry.name, too_many) {
                names.push((name.to_owned(), entry.kind));
            }
        })?;
        if too_many {
            return Err(WorldError::Other(format!(
                "the folder has more than {most} entries, which is the limit"
            )));
        }
        let known = names.into_iter().filter_map(|(name, kind)| {
            let kind = self.kind_of(&folder, &name, kind)?;
            Some((name, kind))
        });
        Ok(known.collect())
    }

    fn base_folder(&self) -> Result<String, WorldError> {
        Ok(self.scope.base_folder().to_string())
    }

    fn home_folder(&self) -> Result<String, WorldError> {
        let home = self.evaluation.reader.surroundings().home_folder();
        home.map(Utf8PathBuf::into_string)
            .ok_or(WorldError::NotFound)
    }

    fn now(&self) -> Result<Duration, WorldError> {
        Ok(self.evaluation.reader.surroundings().now())
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), WorldError> {
        self.evaluation.reader.surroundings().random(buffer);
        Ok(())
    }
}
