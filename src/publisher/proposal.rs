//! A change that more than one key has to sign: one admin proposes it in a small file, others approve it, and anyone with a
//! publisher's key puts it in force.
//!
//! ```text
//! byway proposal 1
//! ENVELOPE OF THE CHARTER THAT IT CHANGES, or `-` for a founding
//! ENVELOPE OF THE NEW CHARTER, OR OF A FREEZE
//! ```

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};

use super::clock;
use super::error::PublishError;
use super::findings::Findings;
use super::keys::{CommunityKeys, fingerprint};
use crate::signed::{
    Chain, ChainError, Charter, Digest, DocumentKind, Envelope, Extension, Freeze, KeyFingerprint, PublicKey, Signature,
};

/// A change of a community that waits for signatures. It holds no secret, and can be sent through any chat.
///
/// Nobody is bound by it before enough keys have signed. What it changes is read from the two charters, and not from anything
/// that its maker says about it ([`Proposal::changes`]).
#[derive(Clone, PartialEq, Eq)]
pub struct Proposal {
    pub(super) base: Option<(Charter, Envelope)>,
    pub(super) next: Next,
    pub(super) document: Envelope,
    /// What the last comparison with a folder found.
    pub(super) found: Findings,
}

/// What is proposed.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Next {
    Charter(Box<Charter>),
    Freeze(Freeze),
}

impl Proposal {
    /// Reads a proposal, and verifies that what it proposes continues the charter in it.
    ///
    /// # Errors
    /// [`PublishError::ProposalForm`]; [`PublishError::ProposalUnknown`] if it has a part that this version does not know, and so
    /// could not show to those who sign.
    pub fn parse(bytes: &[u8]) -> Result<Self, PublishError> {
        let proposal = Self::read(bytes).ok_or(PublishError::ProposalForm)?;
        let known = match &proposal.next {
            Next::Charter(charter) => serde_json::to_vec(charter),
            Next::Freeze(freeze) => serde_json::to_vec(freeze),
        };
        match known {
            Ok(known) if known == proposal.document.payload() => Ok(proposal),
            _ => Err(PublishError::ProposalUnknown),
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_PROPOSAL_BYTES {
            return None;
        }
        let mut lines = std::str::from_utf8(bytes).ok()?.lines();
        if lines.next()? != FIRST_LINE {
            return None;
        }
        let (base, document) = (lines.next()?, lines.next()?);
        if lines.any(|line| !line.trim_matches([' ', '\t', '\r']).is_empty()) {
            return None;
        }
        let base = match base {
            "-" => None,
            base => {
                let envelope = Envelope::parse(base.as_bytes(), DocumentKind::Charter).ok()?;
                let charter = Charter::read(&envelope).ok()?;
                if !charter.root.have_signed(&envelope) {
                    return None;
                }
                Some((charter, envelope))
            }
        };
        let parsed = |kind| Envelope::parse(document.as_bytes(), kind).ok();
        let (next, document) = match parsed(DocumentKind::Charter) {
            Some(document) => (Next::Charter(Box::new(Charter::read(&document).ok()?)), document),
            None => {
                let document = parsed(DocumentKind::Freeze)?;
                (Next::Freeze(Freeze::read(&document).ok()?), document)
            }
        };
        Self::new(base, next, document)
    }

    /// `None` if it does not continue the charter, or no key that counts has signed it.
    pub(super) fn new(base: Option<(Charter, Envelope)>, next: Next, document: Envelope) -> Option<Self> {
        let follows = match (&next, &base) {
            (Next::Charter(charter), None) => charter.version == 1,
            (Next::Charter(charter), Some((before, envelope))) => {
                Some(charter.version) == before.version.checked_add(1)
                    && charter.previous == Some(envelope.digest())
                    && charter.issued >= before.issued
                    && charter.copy == before.copy
            }
            (Next::Freeze(freeze), Some((before, envelope))) => {
                // The digest of a first charter is the community's id. That of a later one is compared with a folder.
                let is_its_id = before.version > 1 || freeze.community == envelope.digest();
                freeze.charter == before.version && is_its_id
            }
            (Next::Freeze(_), None) => false,
        };
        let mut proposal = Self { base, next, document, found: Findings::default() };
        let keys = proposal.keys();
        proposal.document.keep_signers(&keys);
        (follows && !proposal.document.signers(&keys).is_empty()).then_some(proposal)
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let base = self.base.as_ref().map_or_else(|| "-".to_owned(), |(_, envelope)| envelope.to_json());
        format!("{FIRST_LINE}\n{base}\n{}\n", self.document.to_json()).into_bytes()
    }

    /// The fingerprint of the root keys before the change: the one that `byway community link` shows. `None` for a founding.
    pub fn root_keys(&self) -> Option<KeyFingerprint> {
        let (charter, _) = self.base.as_ref()?;
        Some(KeyFingerprint::of(charter.root.keys.iter().map(|key| key.to_bytes())))
    }

    /// The fingerprints of those who have signed it.
    pub fn signers(&self) -> Vec<KeyFingerprint> {
        self.document.signers(&self.keys()).iter().map(fingerprint).collect()
    }

    /// How many more have to sign it, at least.
    pub fn missing(&self) -> usize {
        let missing = |keys: &crate::signed::KeySet| {
            usize::try_from(keys.threshold)
                .unwrap_or(usize::MAX)
                .saturating_sub(self.document.signers(&keys.keys).len())
        };
        let base = self.base.as_ref().map(|(charter, _)| charter);
        let old = base.map_or(0, |charter| match &charter.recovery {
            Some(recovery) if self.is_recovery() => missing(&recovery.keys),
            _ => missing(&charter.root),
        });
        match &self.next {
            Next::Charter(charter) => old.max(missing(&charter.root)),
            Next::Freeze(_) => old,
        }
    }

    /// Whether recovery keys propose it: then it takes effect after a waiting time.
    pub fn is_recovery(&self) -> bool {
        let Some((charter, _)) = &self.base else { return false };
        let Some(recovery) = &charter.recovery else { return false };
        let Next::Charter(_) = &self.next else { return false };
        let signers = self.document.signers(&recovery.keys.keys);
        !charter.root.have_signed(&self.document) && signers.iter().any(|key| !charter.root.keys.contains(key))
    }

    /// Whether it founds a community.
    pub fn is_founding(&self) -> bool {
        self.base.is_none()
    }

    /// Signs it. It is compared with the signer's own folder of the community first, which should be up to date: a rival of the
    /// charter in force makes the community disputed for good. Only a founding has no folder yet.
    ///
    /// # Errors
    /// [`PublishError::ProposalForeign`] if these keys have no say in it; [`PublishError::ProposalUncompared`] without a folder;
    /// [`PublishError::ProposalDate`], and those of [`Proposal::compare`].
    pub fn approve(&mut self, keys: &CommunityKeys, folder: Option<&Path>, now: Timestamp) -> Result<(), PublishError> {
        if !self.keys().contains(&keys.root.public()) {
            return Err(PublishError::ProposalForeign);
        }
        match folder {
            _ if self.is_founding() => self.check_date(now)?,
            Some(folder) => self.compare(folder, now)?,
            None => return Err(PublishError::ProposalUncompared),
        }
        self.document.add_signature(&keys.root);
        Ok(())
    }

    /// The signature of these keys as one line, for a chat or a QR code. `None` if they have not signed.
    pub fn approval(&self, keys: &CommunityKeys) -> Option<String> {
        let key = keys.root.public();
        let signature = self.document.signature_of(key)?;
        let bytes = [self.document.digest().as_bytes().as_slice(), &key.to_bytes(), signature.as_bytes()].concat();
        Some(format!("{APPROVAL_SCHEME}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Takes in the line of another admin.
    ///
    /// # Errors
    /// [`PublishError::Approval`] if it was mistyped, is for another proposal, or is by a key that has no say in it.
    pub fn take_approval(&mut self, line: &str) -> Result<(), PublishError> {
        let read = || {
            let bytes = URL_SAFE_NO_PAD.decode(line.trim().strip_prefix(APPROVAL_SCHEME)?).ok()?;
            let (digest, rest) = bytes.split_first_chunk::<32>()?;
            let (key, signature) = rest.split_first_chunk::<32>()?;
            let key = PublicKey::from_bytes(key).ok()?;
            let is_ours = *digest == *self.document.digest().as_bytes() && self.keys().contains(&key);
            is_ours.then_some((key, Signature::from_bytes(signature.try_into().ok()?)))
        };
        let (key, signature) = read().ok_or(PublishError::Approval)?;
        if self.document.admit_signature(key, signature) { Ok(()) } else { Err(PublishError::Approval) }
    }

    /// Refuses a date that no honest proposal has. A charter that is dated ahead cannot be undone: none may be dated before the
    /// one that it follows. A new reader counts the waiting time of a recovery from its date.
    ///
    /// # Errors
    /// [`PublishError::ProposalDate`]; [`PublishError::Clock`] outside the years 2020 to 2097.
    pub(super) fn check_date(&self, now: Timestamp) -> Result<(), PublishError> {
        clock::check_range(now)?;
        let Next::Charter(charter) = &self.next else { return Ok(()) };
        let is_old = now.duration_since(charter.issued) > RECOVERY_AGE;
        if clock::is_ahead(charter.issued, now) || (self.is_recovery() && is_old) {
            return Err(PublishError::ProposalDate);
        }
        Ok(())
    }

    /// The charters with this one after them, and the envelope as it is published.
    ///
    /// # Errors
    /// Those of [`Proposal::fits`], and [`PublishError::TooFewSigned`].
    pub(super) fn extend(&self, chain: &Chain, now: Timestamp) -> Result<(Chain, Extension, Envelope), PublishError> {
        self.fits(chain, now)?;
        let envelope = self.published();
        let mut next = chain.clone();
        match next.extend(&envelope, now) {
            Ok(extension) => Ok((next, extension, envelope)),
            Err(ChainError::Unsigned | ChainError::NotApproved) => Err(PublishError::TooFewSigned),
            Err(_) => Err(PublishError::ProposalOutdated),
        }
    }

    /// The document with the signatures that are needed: an envelope has room for two sets of keys.
    pub(super) fn published(&self) -> Envelope {
        let mut envelope = self.document.clone();
        let mut keys = self.next_keys();
        if let Some((charter, _)) = &self.base {
            match &charter.recovery {
                Some(recovery) if !charter.root.have_signed(&envelope) => keys.extend(&recovery.keys.keys),
                _ => keys.extend(&charter.root.keys),
            }
        }
        envelope.keep_signers(&keys);
        envelope
    }

    /// Every key whose signature may count.
    fn keys(&self) -> Vec<PublicKey> {
        let mut keys = self.next_keys();
        if let Some((charter, _)) = &self.base {
            keys.extend(&charter.root.keys);
            if let (Next::Charter(_), Some(recovery)) = (&self.next, &charter.recovery) {
                keys.extend(&recovery.keys.keys);
            }
        }
        keys
    }

    fn next_keys(&self) -> Vec<PublicKey> {
        match &self.next {
            Next::Charter(charter) => charter.root.keys.clone(),
            Next::Freeze(_) => Vec::new(),
        }
    }

    /// The charter that it follows, and the document itself: two documents after one charter are rivals. Foundings follow `None`. A
    /// freeze has no rival.
    pub(super) fn place(&self) -> Option<(Option<Digest>, Digest)> {
        let Next::Charter(_) = &self.next else { return None };
        Some((self.base.as_ref().map(|(_, envelope)| envelope.digest()), self.document.digest()))
    }

    /// Whether the root key of these keys has signed it.
    pub(super) fn has_signed(&self, keys: &CommunityKeys) -> bool {
        self.document.signature_of(keys.root.public()).is_some()
    }

    /// The time for which a recovery waits, if this is one.
    pub(super) fn waits(&self) -> Option<SignedDuration> {
        self.could_wait().filter(|_| self.is_recovery())
    }

    /// The same if it could still become one: the first signature does not decide how it comes into force.
    pub(super) fn could_wait(&self) -> Option<SignedDuration> {
        let Next::Charter(_) = &self.next else { return None };
        let (charter, _) = self.base.as_ref().filter(|(charter, _)| !charter.root.have_signed(&self.document))?;
        charter.recovery.as_ref().map(|recovery| SignedDuration::from_secs(i64::try_from(recovery.wait).unwrap_or(0)))
    }
}

impl std::fmt::Debug for Proposal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proposal(..)")
    }
}

/// A week, the shortest waiting time: a recovery of that age would not wait for a new reader.
const RECOVERY_AGE: SignedDuration = SignedDuration::from_hours(7 * 24);

const FIRST_LINE: &str = "byway proposal 1";
const APPROVAL_SCHEME: &str = "byway-approval:";

/// The largest file that is read as a proposal: two envelopes of charters.
pub const MAX_PROPOSAL_BYTES: usize = 128 << 10;
