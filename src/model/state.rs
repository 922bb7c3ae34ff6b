//! Where a unit's state lies, and what was read from it.

mod location;
mod outputs;

pub use location::{Lock, NotReadDirectly, S3State, StateLocation, StateLocationError};
pub use outputs::{MissingOutput, Origin, OutputValue, Outputs, StateVersion};
