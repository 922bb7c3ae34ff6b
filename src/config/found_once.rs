//! What is found out once, and may be asked for by whoever is about to find it out.
//!
//! The path of an include may call a function that looks at the includes; a `config_path` may read a
//! file that speaks of dependencies. Such a question gets no answer instead of going round in a ring.

use std::cell::{Cell, OnceCell};

/// A value that is found out when it is first asked for.
#[derive(Debug)]
pub(crate) struct FoundOnce<T> {
    value: OnceCell<T>,
    is_sought: Cell<bool>,
}

impl<T> Default for FoundOnce<T> {
    fn default() -> Self {
        Self {
            value: OnceCell::new(),
            is_sought: Cell::new(false),
        }
    }
}

impl<T: Clone> FoundOnce<T> {
    /// The value, or nothing while it is being found out.
    pub(crate) fn get(&self, find: impl FnOnce() -> T) -> Option<T> {
        if let Some(value) = self.value.get() {
            return Some(value.clone());
        }
        if self.is_sought.replace(true) {
            return None;
        }
        let value = find();
        self.is_sought.set(false);
        Some(self.value.get_or_init(|| value).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::FoundOnce;

    #[test]
    fn whoever_finds_it_out_gets_no_answer_from_itself() {
        let memo = FoundOnce::default();
        let found = memo.get(|| {
            assert_eq!(memo.get(|| 1), None);
            2
        });
        assert_eq!((found, memo.get(|| 3)), (Some(2), Some(2)));
    }
}
