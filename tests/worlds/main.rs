//! What goes wrong with identities, from outside: the real program, an AWS in a lab that says no,
//! and a stand-in for terraform that takes both of its identities and writes down what it saw.
//!
//! After each wrong world the same is asked: what the message says, the exit code, that nothing of
//! the account that was denied was started, that the others went on, that no lock and no process
//! is left, and that no key is anywhere but where it belongs.
#![expect(
    clippy::disallowed_methods,
    reason = "tests set the scene: they write trees, start the program and read what it left"
)]

mod asked;
mod busy;
mod confined;
mod denied;
mod ended;
mod endings;
mod estate;
mod many;
mod plan_role;
mod real;
mod secrets;
