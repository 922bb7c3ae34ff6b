//! Which name may have been meant.

/// The name nearest to the one that was written, if it is near enough to be a slip.
pub fn closest<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let most = written.chars().count() / 3;
    let distance =
        |name: &str| strsim::damerau_levenshtein(&written.to_lowercase(), &name.to_lowercase());
    names
        .take(MOST_NAMES)
        .map(|name| (distance(name), name))
        .filter(|(distance, name)| *distance <= most && *name != written)
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
        let names = ["private_subnets", "public_subnets", "vpc_id", "a"];
        for (written, meant) in [
            ("private_subnetz", Some("private_subnets")),
            ("vpcid", Some("vpc_id")),
            ("VPC_ID", Some("vpc_id")),
            ("region", None),
            ("b", None),
            ("A", Some("a")),
        ] {
            assert_eq!(closest(written, names.into_iter()), meant, "{written}");
        }
    }
}
