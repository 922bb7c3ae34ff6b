//! Shared work by key: whoever asks while an answer is on its way waits for that same answer.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::hash::Hash;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};

/// Work under way, by key. It keeps nothing: an answer is gone once all who asked have it.
pub(super) struct SingleFlight<K, V: Clone>(
    RefCell<HashMap<K, Shared<LocalBoxFuture<'static, V>>>>,
);

impl<K: Clone + Eq + Hash, V: Clone> SingleFlight<K, V> {
    pub(super) fn new() -> Self {
        Self(RefCell::new(HashMap::new()))
    }

    /// Joins the work of that key, or starts it. Work whose every waiter has gone is taken up
    /// again by the next one who asks.
    pub(super) async fn join<W>(&self, key: &K, start: impl FnOnce() -> W) -> V
    where
        W: Future<Output = V> + 'static,
    {
        let mine = self
            .0
            .borrow_mut()
            .entry(key.clone())
            .or_insert_with(|| start().boxed_local().shared())
            .clone();
        let answer = mine.clone().await;
        let mut under_way = self.0.borrow_mut();
        // A later asker may have started the next round already.
        if under_way
            .get(key)
            .is_some_and(|current| current.ptr_eq(&mine))
        {
            under_way.remove(key);
        }
        answer
    }
}

impl<K, V: Clone> fmt::Debug for SingleFlight<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleFlight")
            .field("under_way", &self.0.borrow().len())
            .finish()
    }
}
