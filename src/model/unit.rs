//! Units by name and by number.

use std::fmt;
use std::ops::{Index, IndexMut};

use camino::Utf8Path;

/// A unit's name: the path of its folder from the root of the estate, `/`-separated.
///
/// The unit in the root itself is `.`; a unit outside the root keeps its leading `../`, as
/// Terragrunt prints it. Ordered by its text, which is the order in which units are listed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitPath(Box<str>);

impl UnitPath {
    /// Takes a path that is already relative to the root and free of `.` and inner `..` segments.
    pub fn new(relative: &Utf8Path) -> Self {
        let text = relative.as_str();
        Self(if text.is_empty() { "." } else { text }.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn as_path(&self) -> &Utf8Path {
        Utf8Path::new(&self.0)
    }

    /// The last segment, which filters call the unit's name.
    pub fn name(&self) -> &str {
        self.as_path().file_name().unwrap_or(&self.0)
    }

    /// The first segment: in a landing zone the account's folder, such as `1-dev`.
    pub fn top_folder(&self) -> &str {
        self.0.split('/').next().unwrap_or(&self.0)
    }

    /// The path as people type it: each segment without the number that orders it, so
    /// `0-shared/transit_gateway` is also `shared/transit_gateway`.
    pub fn alias(&self) -> String {
        let segments: Vec<&str> = self.0.split('/').map(without_number).collect();
        segments.join("/")
    }
}

/// Drops the `0-` of `0-shared`; a segment that is nothing but a number stays whole.
fn without_number(segment: &str) -> &str {
    let rest = segment.trim_start_matches(|c: char| c.is_ascii_digit());
    match rest.strip_prefix('-') {
        Some(name) if rest.len() < segment.len() && !name.is_empty() => name,
        _ => segment,
    }
}

impl fmt::Display for UnitPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for UnitPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The number of a unit within one estate; numbers follow the order of unit paths.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UnitIx(u32);

impl UnitIx {
    pub fn new(index: usize) -> Self {
        Self(u32::try_from(index).expect("an estate has fewer than four billion units"))
    }

    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One value for every unit of an estate, looked up by [`UnitIx`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnitMap<T>(Vec<T>);

impl<T> UnitMap<T> {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, unit: UnitIx) -> Option<&T> {
        self.0.get(unit.index())
    }

    pub fn indices(&self) -> impl DoubleEndedIterator<Item = UnitIx> + use<T> {
        (0..self.0.len()).map(UnitIx::new)
    }

    pub fn values(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (UnitIx, &T)> {
        self.0
            .iter()
            .enumerate()
            .map(|(index, value)| (UnitIx::new(index), value))
    }

    pub fn map<U>(&self, each: impl FnMut(&T) -> U) -> UnitMap<U> {
        UnitMap(self.0.iter().map(each).collect())
    }
}

impl<T> FromIterator<T> for UnitMap<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl<T> Index<UnitIx> for UnitMap<T> {
    type Output = T;

    fn index(&self, unit: UnitIx) -> &T {
        &self.0[unit.index()]
    }
}

impl<T> IndexMut<UnitIx> for UnitMap<T> {
    fn index_mut(&mut self, unit: UnitIx) -> &mut T {
        &mut self.0[unit.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_drops_the_number_of_every_segment() {
        let alias = |path: &str| UnitPath::new(Utf8Path::new(path)).alias();
        assert_eq!(alias("0-shared/transit_gateway"), "shared/transit_gateway");
        assert_eq!(alias("live/10-prod/2-vpc"), "live/prod/vpc");
        assert_eq!(alias("2024/7-"), "2024/7-");
    }

    #[test]
    fn the_unit_in_the_root_is_called_dot() {
        assert_eq!(UnitPath::new(Utf8Path::new("")).as_str(), ".");
    }
}
