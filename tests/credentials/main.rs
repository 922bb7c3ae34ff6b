//! The credentials thread from outside: real sockets, real shells, real processes.

#![expect(
    clippy::disallowed_methods,
    reason = "tests start programs and look at files"
)]

mod bench;
mod endpoint;
mod helper;
mod lab;
mod secrecy;
