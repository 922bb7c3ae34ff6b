//! The `aws-chunked` body: data in chunks, each of which may carry a signature that continues
//! the one before it, and trailing headers such as a checksum.

use sha2::{Digest, Sha256};

use super::keyring::hex;
use super::signature::{Rejection, SigningKey};

/// What the announcement in `x-amz-content-sha256` says about the chunks.
#[derive(Debug)]
pub(crate) enum Chunks<'a> {
    Unsigned,
    Signed {
        key: &'a SigningKey,
        stamp: &'a str,
        scope: &'a str,
        seed: &'a str,
    },
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Vec<(String, String)>,
}

/// Takes the chunks apart and checks every signature on the way.
pub(crate) fn decode(encoded: &[u8], chunks: &Chunks<'_>) -> Result<Decoded, Rejection> {
    let mut decoded = Decoded::default();
    let mut rest = encoded;
    let mut previous = match chunks {
        Chunks::Unsigned => String::new(),
        Chunks::Signed { seed, .. } => (*seed).to_owned(),
    };
    loop {
        let (head, after) = line(rest)?;
        let (size, signature) = chunk_head(head)?;
        // The last chunk is empty, and what follows it are trailers, with no end of its own.
        let (data, after) = if size == 0 {
            (&[][..], after)
        } else {
            chunk_data(after, size)?
        };
        if let Chunks::Signed { .. } = chunks {
            previous = chunks.check(&previous, "PAYLOAD", data, signature)?;
        }
        decoded.body.extend_from_slice(data);
        rest = after;
        if size == 0 {
            break;
        }
    }
    read_trailers(rest, chunks, &previous, &mut decoded)?;
    Ok(decoded)
}

impl Chunks<'_> {
    /// Checks the signature of one link and gives it back for the next one to build on.
    fn check(
        &self,
        previous: &str,
        kind: &str,
        data: &[u8],
        signature: Option<&str>,
    ) -> Result<String, Rejection> {
        let Self::Signed {
            key, stamp, scope, ..
        } = self
        else {
            return Ok(String::new());
        };
        let hash = hex(&Sha256::digest(data));
        // A chunk signs an empty string beside its data; a trailer does not.
        let hashes = match kind {
            "PAYLOAD" => format!("{}\n{hash}", hex(&Sha256::digest(b""))),
            _ => hash,
        };
        let text = format!("AWS4-HMAC-SHA256-{kind}\n{stamp}\n{scope}\n{previous}\n{hashes}");
        let expected = key.sign(&text);
        if signature == Some(expected.as_str()) {
            Ok(expected)
        } else {
            Err(Rejection::WrongSignature)
        }
    }
}

fn read_trailers(
    encoded: &[u8],
    chunks: &Chunks<'_>,
    previous: &str,
    decoded: &mut Decoded,
) -> Result<(), Rejection> {
    let mut rest = encoded;
    let (mut signed, mut signature) = (String::new(), None);
    while !rest.is_empty() {
        let (text, after) = line(rest)?;
        rest = after;
        let Some((name, value)) = text.split_once(':') else {
            continue;
        };
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        if name == "x-amz-trailer-signature" {
            signature = Some(value);
        } else {
            signed.extend([name.as_str(), ":", value, "\n"]);
            decoded.trailers.push((name, value.to_owned()));
        }
    }
    if !decoded.trailers.is_empty() {
        chunks.check(previous, "TRAILER", signed.as_bytes(), signature)?;
    }
    Ok(())
}

/// `400;chunk-signature=…` gives 1024 and the signature.
fn chunk_head(head: &str) -> Result<(usize, Option<&str>), Rejection> {
    let (size, extension) = head.split_once(';').unwrap_or((head, ""));
    let size = usize::from_str_radix(size.trim(), 16).map_err(|_| Rejection::BrokenChunks)?;
    Ok((size, extension.trim().strip_prefix("chunk-signature=")))
}

fn chunk_data(encoded: &[u8], size: usize) -> Result<(&[u8], &[u8]), Rejection> {
    let (data, after) = encoded
        .split_at_checked(size)
        .ok_or(Rejection::BrokenChunks)?;
    let after = after.strip_prefix(b"\r\n").ok_or(Rejection::BrokenChunks)?;
    Ok((data, after))
}

fn line(encoded: &[u8]) -> Result<(&str, &[u8]), Rejection> {
    let end = encoded
        .windows(2)
        .position(|pair| pair == b"\r\n")
        .ok_or(Rejection::BrokenChunks)?;
    let text = std::str::from_utf8(&encoded[..end]).map_err(|_| Rejection::BrokenChunks)?;
    Ok((text, &encoded[end + 2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsigned_chunks_with_a_trailing_checksum_come_apart() {
        let encoded = b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
        let decoded = decode(encoded, &Chunks::Unsigned).expect("the body is well formed");
        assert_eq!(decoded.body, b"hello world");
        let checksum = ("x-amz-checksum-crc32".to_owned(), "DUoRhQ==".to_owned());
        assert_eq!(decoded.trailers, [checksum]);
    }

    #[test]
    fn a_body_that_ends_early_is_refused() {
        for encoded in [
            &b""[..],
            b"5\r\nhel",
            b"5\r\nhello\r\n",
            b"x\r\nhello\r\n0\r\n\r\n",
        ] {
            let error = decode(encoded, &Chunks::Unsigned).expect_err("the body is broken");
            assert_eq!(error, Rejection::BrokenChunks);
        }
    }
}
