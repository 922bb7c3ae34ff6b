//! What reading a tree comes to, told by whole trees.

mod landing_zone;
