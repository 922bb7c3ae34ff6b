//! What the fuzz targets share: a generator of texts, a host, and the tree of a text as a text.

pub mod generate;
pub mod host;
pub mod tree;
