//! terrane from outside: real processes, real signals, real files.

mod children;
mod interrupts;
mod scene;
