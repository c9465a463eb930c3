//! The envelope of a signed document: its bytes as they were signed, and a list of signatures.
//!
//! It is the JSON envelope of DSSE 1.0 (<https://github.com/secure-systems-lab/dsse>). A signature goes over SHA-256 of
//! the pre-authentication encoding of type and payload, so the payload is never serialised again to be verified. The list
//! of signatures is not signed: signatures may be added and removed, and the document stays the same ([`Envelope::digest`]).

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::{Digest, PublicKey, Signature, SigningKey, json};

/// What a document is. The type is signed with it, so that a head can't be passed off as a charter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// A charter.
    Charter,
    /// A head.
    Head,
    /// A freeze.
    Freeze,
    /// A list of routes for a circle of people. No mirror carries it.
    Routes,
}

impl DocumentKind {
    /// The media type that the envelope names.
    pub fn media_type(self) -> &'static str {
        match self {
            DocumentKind::Charter => "application/vnd.byway.charter+json",
            DocumentKind::Head => "application/vnd.byway.head+json",
            DocumentKind::Freeze => "application/vnd.byway.freeze+json",
            DocumentKind::Routes => "application/vnd.byway.routes+json",
        }
    }

    /// The largest payload, in bytes.
    ///
    /// A charter is read by everyone on every network, so it stays small. A head lists one file a month: 96 KiB are 50
    /// years of them.
    pub fn max_payload(self) -> usize {
        match self {
            DocumentKind::Charter => 32 << 10,
            DocumentKind::Head => 96 << 10,
            DocumentKind::Freeze => 1 << 10,
            DocumentKind::Routes => 24 << 10,
        }
    }

    /// The largest envelope, in bytes: the payload in base64, and the signatures.
    pub fn max_envelope(self) -> usize {
        self.max_payload().div_ceil(3) * 4 + MAX_SIGNATURES * 256 + 1024
    }
}

/// The most signatures in an envelope: those of two full sets of root keys.
pub const MAX_SIGNATURES: usize = 32;

/// A document with its signatures. Nothing in it is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    kind: DocumentKind,
    payload: Vec<u8>,
    signatures: Vec<(PublicKey, Signature)>,
}

impl Envelope {
    /// Reads an envelope that should hold a document of this kind.
    ///
    /// # Errors
    /// See [`EnvelopeError`].
    pub fn parse(bytes: &[u8], kind: DocumentKind) -> Result<Self, EnvelopeError> {
        if bytes.len() > kind.max_envelope() {
            return Err(EnvelopeError::TooLarge);
        }
        let written: Written = json::read(bytes).ok_or(EnvelopeError::Form)?;
        if written.payload_type != kind.media_type() {
            return Err(EnvelopeError::Kind);
        }
        let payload = BASE64.decode(written.payload).map_err(|_| EnvelopeError::Base64)?;
        if payload.len() > kind.max_payload() {
            return Err(EnvelopeError::TooLarge);
        }
        if written.signatures.is_empty() || written.signatures.len() > MAX_SIGNATURES {
            return Err(EnvelopeError::SignatureCount);
        }
        let mut signatures = Vec::with_capacity(written.signatures.len());
        for WrittenSignature { keyid, sig } in written.signatures {
            let key = keyid.parse().map_err(|_| EnvelopeError::Key)?;
            let bytes = BASE64.decode(sig).map_err(|_| EnvelopeError::Base64)?;
            let bytes = bytes.try_into().map_err(|_| EnvelopeError::SignatureLength)?;
            if signatures.iter().any(|(known, _)| *known == key) {
                return Err(EnvelopeError::RepeatedSigner);
            }
            signatures.push((key, Signature::from_bytes(bytes)));
        }
        Ok(Self { kind, payload, signatures })
    }

    /// A document signed by these keys. A key that is given twice signs once.
    pub fn sign<'a>(kind: DocumentKind, payload: Vec<u8>, keys: impl IntoIterator<Item = &'a SigningKey>) -> Self {
        let mut envelope = Self { kind, payload, signatures: Vec::new() };
        keys.into_iter().for_each(|key| envelope.add_signature(key));
        envelope
    }

    /// Adds the signature of another key: the second phone approves. A key that has signed already is left out, and a wrong
    /// signature in its name is replaced.
    pub fn add_signature(&mut self, key: &SigningKey) {
        if self.signature_of(key.public()).is_none() {
            self.signatures.retain(|(known, _)| *known != key.public());
            self.signatures.push((key.public(), key.sign(&self.signed_digest())));
        }
    }

    /// Adds a signature that was made elsewhere. `false` if it is not one of this key over this document.
    pub fn admit_signature(&mut self, key: PublicKey, signature: Signature) -> bool {
        let is_signed = key.has_signed(&self.signed_digest(), &signature);
        if is_signed {
            // One that is listed already may be wrong.
            self.signatures.retain(|(known, _)| *known != key);
            self.signatures.push((key, signature));
        }
        is_signed
    }

    /// The signature of this key over the document, if the list has a valid one.
    pub fn signature_of(&self, key: PublicKey) -> Option<Signature> {
        let (_, signature) = self.signatures.iter().find(|(known, _)| *known == key)?;
        key.has_signed(&self.signed_digest(), signature).then_some(*signature)
    }

    /// Keeps the valid signatures of these keys alone.
    pub fn keep_signers(&mut self, keys: &[PublicKey]) {
        let kept = self.signers(keys);
        self.signatures.retain(|(key, _)| kept.contains(key));
    }

    /// What the document is.
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The document's bytes, as they were signed.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The digest of the payload, which names the document whatever signatures it carries.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.payload)
    }

    /// Those of these keys that signed the document. Signatures of other keys are not looked at.
    pub fn signers(&self, keys: &[PublicKey]) -> Vec<PublicKey> {
        let digest = self.signed_digest();
        let listed = self.signatures.iter().filter(|(key, _)| keys.contains(key));
        listed.filter(|(key, signature)| key.has_signed(&digest, signature)).map(|(key, _)| *key).collect()
    }

    /// Returns `true` if at least this number of the keys signed the document.
    pub fn is_signed_by(&self, keys: &[PublicKey], threshold: usize) -> bool {
        self.signers(keys).len() >= threshold
    }

    /// The envelope as it is stored and sent.
    pub fn to_json(&self) -> String {
        let signature = |(key, signature): &(PublicKey, Signature)| WrittenSignature {
            keyid: key.to_string(),
            sig: BASE64.encode(signature.as_bytes()),
        };
        let written = Written {
            payload: BASE64.encode(&self.payload),
            payload_type: self.kind.media_type().to_owned(),
            signatures: self.signatures.iter().map(signature).collect(),
        };
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// What a signature goes over: SHA-256 of DSSE's pre-authentication encoding.
    fn signed_digest(&self) -> Digest {
        Digest::of(&pre_authentication_encoding(self.kind.media_type(), &self.payload))
    }
}

/// `PAE(type, body)` of DSSE: lengths in bytes are part of it, so that no two pairs have one encoding.
fn pre_authentication_encoding(media_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut encoded = format!("DSSEv1 {} {media_type} {} ", media_type.len(), payload.len()).into_bytes();
    encoded.extend_from_slice(payload);
    encoded
}

/// The envelope's JSON. Unlike a document it has no room for additions, because nobody signs them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<WrittenSignature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSignature {
    keyid: String,
    sig: String,
}

/// Error reading an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// It is larger than any document of its kind.
    #[error("the document is larger than this format allows")]
    TooLarge,
    /// It is not an envelope.
    #[error("this is not a signed document")]
    Form,
    /// It holds a document of another kind.
    #[error("this is a signed document of another kind")]
    Kind,
    /// A part of it is not base64 in its only spelling.
    #[error("a part of the signed document is not base64")]
    Base64,
    /// It has no signature, or more than the format allows.
    #[error("the document has no signature, or too many")]
    SignatureCount,
    /// The name of a signer is not a public key.
    #[error("a signature names no key")]
    Key,
    /// A signature has another length than 64 bytes.
    #[error("a signature is not 64 bytes long")]
    SignatureLength,
    /// A key signs twice.
    #[error("one key signs the document twice")]
    RepeatedSigner,
}

codes! {
    EnvelopeError {
        TooLarge = "document_too_large",
        Form = "envelope_form",
        Kind = "document_kind",
        Base64 = "base64",
        SignatureCount = "signature_count",
        Key = "signer_key",
        SignatureLength = "signature_length",
        RepeatedSigner = "repeated_signer",
    }
}
