//! What the fuzz targets share: a generator of texts, a host, and trees of texts as texts.

pub mod generate;
pub mod host;
pub mod theirs;
pub mod tree;
