//! The account that a unit works in, as people name it.

/// What a screen shows of an account: the folder that stands for it, and its number where one is
/// known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccountLabel {
    /// The account's folder, such as `1-dev`.
    pub folder: String,
    /// The twelve digits, where the configuration names them.
    pub id: Option<String>,
}

impl AccountLabel {
    /// Two labels mean one account when their numbers agree; without both numbers the folder
    /// decides.
    pub fn is_same_account(&self, other: &Self) -> bool {
        match (&self.id, &other.id) {
            (Some(own), Some(others)) => own == others,
            (Some(_) | None, None) | (None, Some(_)) => self.folder == other.folder,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AccountLabel;

    fn label(folder: &str, id: Option<&str>) -> AccountLabel {
        AccountLabel {
            folder: folder.into(),
            id: id.map(Into::into),
        }
    }

    #[test]
    fn the_number_decides_where_both_have_one() {
        let dev = label("1-dev", Some("234567890123"));
        assert!(dev.is_same_account(&label("dev-again", Some("234567890123"))));
        assert!(!dev.is_same_account(&label("1-dev", Some("999999999999"))));
        assert!(dev.is_same_account(&label("1-dev", None)));
        assert!(!dev.is_same_account(&label("2-stage", None)));
    }
}
