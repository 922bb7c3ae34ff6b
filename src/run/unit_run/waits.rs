//! Who waits for whose outputs, so that nobody comes to wait for itself. The units of a run stand in
//! no circle; those that are only looked at may.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::reached;
use crate::model::UnitIx;

/// Every wait that there was. A wait that is over still counts: whoever had to wait once would have
/// to again, were the outputs forgotten meanwhile.
#[derive(Debug, Default)]
pub(super) struct Waits {
    upstreams: BTreeMap<UnitIx, BTreeSet<UnitIx>>,
    waited_for: BTreeSet<UnitIx>,
}

impl Waits {
    /// Notes that `unit` waits for `upstream`; but not where it would wait for itself, which is told
    /// by `false`.
    pub(super) fn begin(&mut self, unit: UnitIx, upstream: UnitIx) -> bool {
        if unit == upstream || self.leads_to(unit, upstream) {
            return false;
        }
        self.upstreams.entry(unit).or_default().insert(upstream);
        self.waited_for.insert(upstream);
        true
    }

    fn leads_to(&self, unit: UnitIx, upstream: UnitIx) -> bool {
        // In the order of a run nobody has waited for a unit that only now asks for its upstreams,
        // and the way up may pass through most units of a repository.
        if !self.waited_for.contains(&unit) {
            return false;
        }
        let upstreams = |unit| self.upstreams.get(&unit).into_iter().flatten().copied();
        reached([upstream], usize::MAX, upstreams).contains(&unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(waits: &mut Waits, unit: usize, upstream: usize) -> bool {
        waits.begin(UnitIx::new(unit), UnitIx::new(upstream))
    }

    #[test]
    fn nobody_waits_for_itself() {
        let mut waits = Waits::default();
        assert!(!begin(&mut waits, 0, 0));
        assert!(begin(&mut waits, 0, 1));
        assert!(begin(&mut waits, 1, 2));
        assert!(begin(&mut waits, 1, 3));
        for (unit, upstream) in [(1, 0), (2, 0), (3, 0), (3, 1)] {
            assert!(!begin(&mut waits, unit, upstream), "{unit} for {upstream}");
        }
    }

    #[test]
    fn many_may_wait_for_one_and_one_for_many_in_any_order() {
        let mut waits = Waits::default();
        for (unit, upstream) in [(3, 1), (2, 1), (1, 0), (3, 2), (3, 0), (3, 1)] {
            assert!(begin(&mut waits, unit, upstream), "{unit} for {upstream}");
        }
    }

    #[test]
    fn a_wait_that_was_refused_does_not_count() {
        let mut waits = Waits::default();
        assert!(begin(&mut waits, 0, 1));
        assert!(!begin(&mut waits, 1, 0));
        assert!(begin(&mut waits, 2, 1));
        assert!(begin(&mut waits, 0, 2));
    }
}
