//! Time, order and concurrency: what runs when, and how it ends.

pub mod event;
pub mod outcome;
pub mod queue;
