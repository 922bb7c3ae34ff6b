//! Entries in the order of their keys, and those of several maps and objects as one.

use std::borrow::Borrow;
use std::cmp::Ordering;

use super::Value;
use crate::Text;

type Entry = (Text, Value);

/// More sources than this are sorted together, as they may be very many.
const MERGED_SIDE_BY_SIDE: usize = 8;

impl Value {
    /// The entries of objects and maps as one object; of those with the same key the last wins.
    /// What is neither has none. Marks of the objects themselves are the caller's affair.
    pub fn merged<'v>(objects: impl IntoIterator<Item = &'v Value>) -> Self {
        let mut merged = Vec::new();
        merge_entries(objects.into_iter().filter_map(Value::entries), &mut merged);
        Self::object_in_order(merged)
    }
}

/// Puts the entries of all sources into a vector in order; each source is in order, and of entries
/// with the same key that of the last source wins.
pub(crate) fn merge_entries<'v>(
    sources: impl Iterator<Item = &'v [Entry]>,
    merged: &mut Vec<Entry>,
) {
    let mut few = [Cursor::END; MERGED_SIDE_BY_SIDE];
    let mut count = 0;
    let mut entries = 0;
    let mut sources = sources.filter(|source| !source.is_empty());
    while let Some(source) = sources.next() {
        if count == few.len() {
            let all = few.iter().map(|cursor| cursor.rest);
            let all = all.chain([source]).chain(sources).flatten();
            merged.extend(sort_by_key(all.collect()).into_iter().cloned());
            return;
        }
        few[count] = Cursor::at(source);
        count += 1;
        entries += source.len();
    }
    merged.reserve(entries);
    merge_side_by_side(&mut few[..count], merged);
}

/// Takes the entry with the least key until no source has one left.
fn merge_side_by_side(sources: &mut [Cursor<'_>], merged: &mut Vec<Entry>) {
    if let [only] = sources {
        merged.extend_from_slice(only.rest);
        return;
    }
    loop {
        let mut least = 0;
        for other in 1..sources.len() {
            let order = sources[other].order(&sources[least]);
            if order.is_eq() {
                sources[least].advance();
            }
            if order.is_le() {
                least = other;
            }
        }
        match sources.get_mut(least).and_then(Cursor::advance) {
            Some(entry) => merged.push(entry.clone()),
            None => return,
        }
    }
}

/// What is left of a source.
#[derive(Clone, Copy)]
struct Cursor<'v> {
    rest: &'v [Entry],
    /// The first bytes of the next key, which tell most keys apart, or the largest number.
    start: u32,
}

impl<'v> Cursor<'v> {
    const END: Self = Self {
        rest: &[],
        start: u32::MAX,
    };

    fn at(rest: &'v [Entry]) -> Self {
        let Some((key, _)) = rest.first() else {
            return Self::END;
        };
        let byte = |at: usize| key.as_bytes().get(at).map_or(0, |byte| u32::from(*byte));
        Self {
            rest,
            start: byte(0) << 8 | byte(1),
        }
    }

    fn advance(&mut self) -> Option<&'v Entry> {
        let (next, rest) = self.rest.split_first()?;
        *self = Self::at(rest);
        Some(next)
    }

    fn order(&self, other: &Self) -> Ordering {
        let key = |cursor: &Self| cursor.rest.first().map(|(key, _)| key.as_str());
        let starts = self.start.cmp(&other.start);
        starts.then_with(|| key(self).cmp(&key(other)))
    }
}

/// The order of two keys. Most differ in the first byte.
pub(super) fn key_order(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let firsts = a.first().cmp(&b.first());
    firsts.then_with(|| a.cmp(b))
}

/// Orders entries by key; those with the same key stay as they are among each other. Says whether
/// there are such.
pub(super) fn order_entries(entries: &mut [Entry]) -> bool {
    if entries.is_sorted_by(|a, b| key_order(&a.0, &b.0).is_lt()) {
        return false;
    }
    entries.sort_by(|a, b| key_order(&a.0, &b.0));
    entries.array_windows().any(|[a, b]| a.0 == b.0)
}

/// Orders entries, or borrowed ones, by key; the last of those with the same key stays.
pub(crate) fn sort_by_key<E: Borrow<(Text, T)>, T>(mut entries: Vec<E>) -> Vec<E> {
    fn key<'e, T: 'e, E: Borrow<(Text, T)>>(entry: &'e E) -> &'e str {
        &entry.borrow().0
    }
    if entries.is_sorted_by(|a, b| key_order(key(a), key(b)).is_lt()) {
        return entries;
    }
    entries.sort_by(|a, b| key_order(key(a), key(b)));
    entries.dedup_by(|later, kept| {
        let is_same = key(later) == key(kept);
        if is_same {
            std::mem::swap(later, kept);
        }
        is_same
    });
    entries
}
