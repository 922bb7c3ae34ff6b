//! Which name may have been meant.

/// The name nearest to the one that was written, if it is near enough to be a slip.
pub fn closest<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let most = written.chars().count() / 3;
    let lower = written.to_lowercase();
    let length = lower.chars().count();
    let distance = |name: &str| {
        let name = name.to_lowercase();
        // So much longer or shorter, it cannot be near: nothing need be compared.
        let may_be_near = name.chars().count().abs_diff(length) <= most;
        may_be_near.then(|| strsim::damerau_levenshtein(&lower, &name))
    };
    names
        .take(MOST_NAMES)
        .filter(|name| *name != written)
        .filter_map(|name| Some((distance(name)?, name)))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, name)| name)
}

/// Of more names than this only the first are looked at.
const MOST_NAMES: usize = 5_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_names_are_not() {
        let names = ["private_subnets", "public_subnets", "vpc_id", "a", "straße"];
        for (written, meant) in [
            ("private_subnetz", Some("private_subnets")),
            ("vpcid", Some("vpc_id")),
            ("VPC_ID", Some("vpc_id")),
            ("vpc__id", Some("vpc_id")),
            ("private_subn", Some("private_subnets")),
            ("private_su", None),
            ("STRAẞE", Some("straße")),
            ("region", None),
            ("b", None),
            ("A", Some("a")),
        ] {
            assert_eq!(closest(written, names.into_iter()), meant, "{written}");
        }
    }
}
