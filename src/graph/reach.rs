//! What lies along edges, so many steps far. Edges may run in circles here.

use std::collections::BTreeSet;

use crate::model::UnitIx;

/// The units that are reached from `start` in at most so many steps; those of `start` are not among
/// them, whatever leads back to them.
pub fn reached<N>(
    start: impl IntoIterator<Item = UnitIx>,
    steps: usize,
    next: impl Fn(UnitIx) -> N,
) -> BTreeSet<UnitIx>
where
    N: IntoIterator<Item = UnitIx>,
{
    let mut seen: BTreeSet<UnitIx> = start.into_iter().collect();
    let mut front: Vec<UnitIx> = seen.iter().copied().collect();
    let mut found = BTreeSet::new();
    let mut left = steps;
    while !front.is_empty() && left > 0 {
        left -= 1;
        let beyond = front.into_iter().flat_map(&next);
        front = beyond.filter(|unit| seen.insert(*unit)).collect();
        found.extend(&front);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::reached;
    use crate::model::UnitIx;

    /// 0 → 1 → 2 → 0, and 2 → 3.
    fn next(unit: UnitIx) -> Vec<UnitIx> {
        let next: &[usize] = match unit.index() {
            0 => &[1],
            1 => &[2],
            2 => &[0, 3],
            _ => &[],
        };
        next.iter().copied().map(UnitIx::new).collect()
    }

    fn from_the_first(steps: usize) -> Vec<usize> {
        let found = reached([UnitIx::new(0)], steps, next);
        found.into_iter().map(UnitIx::index).collect()
    }

    #[test]
    fn steps_end_where_they_are_used_up_or_lead_back() {
        assert_eq!(from_the_first(0), [] as [usize; 0]);
        assert_eq!(from_the_first(2), [1, 2]);
        assert_eq!(from_the_first(usize::MAX), [1, 2, 3]);
    }
}
