//! The main job from outside, with the real terraform: a tree in a folder of its own, AWS in a lab
//! that says no, and questions to the lab's record about who did what.
//!
//! Without terraform these tests say so and pass.
#![expect(
    clippy::disallowed_methods,
    reason = "tests set the scene: they write trees, start the program and read what it left"
)]

mod caller;
mod estate;
mod expiry;
mod landing_zone;
mod policies;
mod provider;
mod role_of_command;
mod running;
mod stopping;
