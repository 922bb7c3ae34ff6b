//! Web-identity tokens: signed by an issuer whose keys the lab holds, or verified against the
//! keys that another issuer publishes. What a token's claims are worth is for STS to say.

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use thiserror::Error;

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAlgorithm {
    Es256,
    Rs256,
}

/// Where the keys of an issuer come from.
#[derive(Debug)]
pub(crate) enum IssuerKeys {
    /// The lab is the issuer. Each key is made when it is first wanted.
    Own {
        ecdsa: OnceLock<EcdsaKeyPair>,
        rsa: OnceLock<RsaKeyPair>,
    },
    /// Somebody else is; these are the public keys, by their ids.
    Published(Vec<PublishedKey>),
}

#[derive(Debug)]
pub(crate) struct PublishedKey {
    id: Option<String>,
    key: PublicKey,
}

#[derive(Debug)]
enum PublicKey {
    Ecdsa { point: Vec<u8> },
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum TokenError {
    #[error("the token is not a signed JSON web token")]
    Malformed,
    #[error("the issuer has no key by the id that the token names")]
    UnknownKey,
    #[error("the token's signature is not its issuer's")]
    WrongSignature,
}

/// A token taken apart, and not yet believed.
#[derive(Debug)]
pub(crate) struct Token {
    signed: String,
    signature: Vec<u8>,
    algorithm: TokenAlgorithm,
    key_id: Option<String>,
    claims: Value,
}

impl Token {
    pub(crate) fn parse(text: &str) -> Result<Self, TokenError> {
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let header: Value = decode_json(header)?;
        let algorithm = match header["alg"].as_str() {
            Some("ES256") => TokenAlgorithm::Es256,
            Some("RS256") => TokenAlgorithm::Rs256,
            Some(_) | None => return Err(TokenError::Malformed),
        };
        Ok(Self {
            signed: signed.to_owned(),
            signature: decode(signature)?,
            algorithm,
            key_id: header["kid"].as_str().map(str::to_owned),
            claims: decode_json(claims)?,
        })
    }

    /// Who the token says issued it: enough to find the keys, and no more.
    pub(crate) fn issuer(&self) -> &str {
        self.claims["iss"].as_str().unwrap_or_default()
    }

    /// The claims, once the signature has proved that they are the issuer's.
    pub(crate) fn verified_by(&self, keys: &IssuerKeys) -> Result<&Value, TokenError> {
        let genuine = match keys {
            IssuerKeys::Own { ecdsa, rsa } => self.is_signed_by_own(ecdsa, rsa),
            IssuerKeys::Published(published) => {
                let named = |key: &&PublishedKey| self.key_id.is_none() || key.id == self.key_id;
                let key = published.iter().find(named).ok_or(TokenError::UnknownKey)?;
                key.key.verifies(self)
            }
        };
        if genuine {
            Ok(&self.claims)
        } else {
            Err(TokenError::WrongSignature)
        }
    }

    fn is_signed_by_own(&self, ecdsa: &OnceLock<EcdsaKeyPair>, rsa: &OnceLock<RsaKeyPair>) -> bool {
        // A key that was never made has signed nothing.
        let message = self.signed.as_bytes();
        match self.algorithm {
            TokenAlgorithm::Es256 => ecdsa.get().is_some_and(|pair| {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key())
                    .verify(message, &self.signature)
                    .is_ok()
            }),
            TokenAlgorithm::Rs256 => rsa.get().is_some_and(|pair| {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key())
                    .verify(message, &self.signature)
                    .is_ok()
            }),
        }
    }
}

impl IssuerKeys {
    pub(crate) fn own() -> Self {
        Self::Own {
            ecdsa: OnceLock::new(),
            rsa: OnceLock::new(),
        }
    }

    /// Reads a JSON web key set; keys of other kinds than P-256 and RSA are passed over.
    pub(crate) fn published(key_set: &Value) -> Option<Self> {
        let keys = key_set["keys"].as_array()?;
        Some(Self::Published(
            keys.iter().filter_map(PublishedKey::parse).collect(),
        ))
    }

    /// Signs claims as this issuer. Nothing if its private keys are not the lab's.
    pub(crate) fn sign(&self, algorithm: TokenAlgorithm, claims: &Value) -> Option<String> {
        let Self::Own { ecdsa, rsa } = self else {
            return None;
        };
        let (name, key_id) = match algorithm {
            TokenAlgorithm::Es256 => ("ES256", "lab-es256"),
            TokenAlgorithm::Rs256 => ("RS256", "lab-rs256"),
        };
        let header = json!({"alg": name, "kid": key_id, "typ": "JWT"});
        let signed = format!(
            "{}.{}",
            encode(&header.to_string()),
            encode(&claims.to_string())
        );
        let signature = match algorithm {
            TokenAlgorithm::Es256 => ecdsa_signature(ecdsa, signed.as_bytes()),
            TokenAlgorithm::Rs256 => rsa_signature(rsa, signed.as_bytes()),
        };
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl PublishedKey {
    fn parse(key: &Value) -> Option<Self> {
        let number = |name: &str| decode(key[name].as_str()?).ok();
        let public_key = match key["kty"].as_str()? {
            "EC" if key["crv"] == "P-256" => PublicKey::Ecdsa {
                point: [vec![4], number("x")?, number("y")?].concat(),
            },
            "RSA" => PublicKey::Rsa {
                modulus: number("n")?,
                exponent: number("e")?,
            },
            _ => return None,
        };
        Some(Self {
            id: key["kid"].as_str().map(str::to_owned),
            key: public_key,
        })
    }
}

impl PublicKey {
    fn verifies(&self, token: &Token) -> bool {
        let message = token.signed.as_bytes();
        match (self, token.algorithm) {
            (Self::Ecdsa { point }, TokenAlgorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                    .verify(message, &token.signature)
                    .is_ok()
            }
            (
                Self::Rsa {
                    modulus: n,
                    exponent: e,
                },
                TokenAlgorithm::Rs256,
            ) => signature::RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, &token.signature)
                .is_ok(),
            (Self::Ecdsa { .. }, TokenAlgorithm::Rs256)
            | (Self::Rsa { .. }, TokenAlgorithm::Es256) => false,
        }
    }
}

fn ecdsa_signature(pair: &OnceLock<EcdsaKeyPair>, message: &[u8]) -> Vec<u8> {
    let pair = pair.get_or_init(|| {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("P-256 keys can be made")
    });
    let signature = pair
        .sign(&SystemRandom::new(), message)
        .expect("any message can be signed");
    signature.as_ref().to_vec()
}

fn rsa_signature(pair: &OnceLock<RsaKeyPair>, message: &[u8]) -> Vec<u8> {
    let pair = pair
        .get_or_init(|| rsa::KeyPair::generate(KeySize::Rsa2048).expect("RSA keys can be made"));
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        message,
        &mut signature,
    )
    .expect("any message can be signed");
    signature
}

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

fn decode(text: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| TokenError::Malformed)
}

fn decode_json(text: &str) -> Result<Value, TokenError> {
    serde_json::from_slice(&decode(text)?).map_err(|_| TokenError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7515, appendix A.3: an ES256 signature over known claims.
    #[test]
    fn the_published_es256_example_verifies_against_its_key_set() {
        let keys = IssuerKeys::published(&json!({"keys": [{
            "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }]}))
        .expect("a key set");
        let text = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
                    Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4Gawx\
                    aepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let token = Token::parse(text).expect("a token");
        assert_eq!(
            token.verified_by(&keys).expect("it is genuine")["iss"],
            "joe"
        );
    }

    #[test]
    fn a_token_of_either_algorithm_is_believed_by_its_own_issuer_only() {
        let (issuer, stranger) = (IssuerKeys::own(), IssuerKeys::own());
        for algorithm in [TokenAlgorithm::Es256, TokenAlgorithm::Rs256] {
            let text = issuer
                .sign(algorithm, &json!({"iss": "https://ci"}))
                .expect("own keys");
            let _ = stranger.sign(algorithm, &json!({})).expect("own keys");
            let token = Token::parse(&text).expect("a token");
            assert!(token.verified_by(&issuer).is_ok());
            let refused = token
                .verified_by(&stranger)
                .expect_err("another key signed it");
            assert_eq!(refused, TokenError::WrongSignature);
        }
    }

    #[test]
    fn changed_claims_void_the_signature() {
        let issuer = IssuerKeys::own();
        let text = issuer
            .sign(TokenAlgorithm::Es256, &json!({"sub": "me"}))
            .expect("own keys");
        let parts: Vec<&str> = text.split('.').collect();
        let forged = format!("{}.{}.{}", parts[0], encode("{\"sub\":\"you\"}"), parts[2]);
        let token = Token::parse(&forged).expect("a token");
        assert_eq!(
            token.verified_by(&issuer).expect_err("forged"),
            TokenError::WrongSignature
        );
    }

    #[test]
    fn a_token_without_signature_is_malformed() {
        let unsigned = format!("{}.{}.", encode("{\"alg\":\"none\"}"), encode("{}"));
        for text in ["", "a.b", "a.b.c", unsigned.as_str()] {
            assert_eq!(
                Token::parse(text).expect_err("no token"),
                TokenError::Malformed,
                "{text}"
            );
        }
    }
}
