//! Time, order and concurrency: what runs when, and how it ends.

pub mod attend;
pub mod claims;
pub mod dispatcher;
pub mod event;
pub mod ladder;
pub mod mocked_plan;
pub mod outcome;
pub mod queue;
pub mod signals;
pub mod unit_handle;
pub mod unit_run;
pub mod work_dir;
