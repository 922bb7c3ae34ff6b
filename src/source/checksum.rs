//! The sum of a file's bytes.
#![expect(
    clippy::disallowed_methods,
    reason = "files are read here to be summed"
)]

use std::fs::File;
use std::io::{self, Read as _};

use camino::Utf8Path;
use sha2::Digest;

/// In hexadecimal digits.
pub fn sum<D: Digest>(file: &Utf8Path) -> io::Result<String> {
    let mut file = File::open(file)?;
    let mut hash = D::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            length => hash.update(&buffer[..length]),
        }
    }
    let digits = hash.finalize();
    let hex = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
    let digits = digits.iter().flat_map(hex);
    Ok(digits.flatten().collect())
}
