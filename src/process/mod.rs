//! Children: "run this program here; its words go to these files; this is how I say stop; tell me
//! how it ended."
//!
//! The sole place that starts a process. It has never heard of terraform, units or roles.
//!
//! Three ways to run a program, for three kinds of work:
//! - [`Child::start`]: in a session of its own, words into files. For whatever may change things: if
//!   terrane dies, the child goes on and its files stay whole. (A pipe would break with its reader
//!   and take the child along in the middle of its work.)
//! - [`Child::start_attached`]: on our terminal, for one command that may ask questions.
//! - `capture`: short commands whose answer is wanted in memory, within limits of time and size.

mod capture;
mod child;
mod follower;
mod program;

pub use capture::{
    CaptureError, CaptureLimits, Captured, capture, capture_blocking, capture_telling,
};
pub use child::{Child, WordFiles};
pub use follower::{Follower, Progress};
pub use program::{Environment, Program, StartError};
