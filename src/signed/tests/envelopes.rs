use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn envelope() -> Envelope {
    signed(&charter(), &[1, 2])
}

fn parsed(value: &Value) -> Result<Envelope, EnvelopeError> {
    Envelope::parse(value.to_string().as_bytes(), DocumentKind::Charter)
}

#[test]
fn an_envelope_is_read_as_it_was_written() {
    let envelope = envelope();
    assert_eq!(Envelope::parse(envelope.to_json().as_bytes(), DocumentKind::Charter), Ok(envelope.clone()));
    assert_eq!(Charter::read(&envelope), Ok(charter()));
    assert_eq!(
        Envelope::parse(envelope.to_json().as_bytes(), DocumentKind::Head),
        Err(EnvelopeError::Kind),
        "a charter is not passed off as a head"
    );
}

#[test]
fn each_damage_to_an_envelope_has_its_error() {
    let good: Value = serde_json::from_str(&envelope().to_json()).unwrap();
    assert!(parsed(&good).is_ok());
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut value = good.clone();
        change(&mut value);
        parsed(&value)
    };
    let cases: [(&dyn Fn(&mut Value), EnvelopeError); 11] = [
        (&|v| v["extra"] = json!(1), EnvelopeError::Form),
        (&|v| v["payload"] = json!(7), EnvelopeError::Form),
        (&|v| v["payloadType"] = json!("application/json"), EnvelopeError::Kind),
        (&|v| v["payload"] = json!("e30"), EnvelopeError::Base64),
        (&|v| v["payload"] = json!("e31="), EnvelopeError::Base64),
        (&|v| v["signatures"] = json!([]), EnvelopeError::SignatureCount),
        (&|v| v["signatures"] = Value::Array(vec![v["signatures"][0].clone(); 33]), EnvelopeError::SignatureCount),
        (&|v| v["signatures"][1] = v["signatures"][0].clone(), EnvelopeError::RepeatedSigner),
        (&|v| v["signatures"][0]["keyid"] = json!("zz"), EnvelopeError::Key),
        (&|v| v["signatures"][0]["keyid"] = json!(key(1).public().to_string().to_uppercase()), EnvelopeError::Key),
        (&|v| v["signatures"][0]["sig"] = json!("AAAA"), EnvelopeError::SignatureLength),
    ];
    for (number, (change, error)) in cases.into_iter().enumerate() {
        assert_eq!(changed(change), Err(error), "case {number}");
    }
    let large = vec![b' '; DocumentKind::Charter.max_envelope() + 1];
    assert_eq!(Envelope::parse(&large, DocumentKind::Charter), Err(EnvelopeError::TooLarge));
    let mut full = good;
    full["payload"] = json!("A".repeat(4 * DocumentKind::Charter.max_payload().div_ceil(3)) + "AAAA");
    assert_eq!(parsed(&full), Err(EnvelopeError::TooLarge));
}

#[test]
fn a_changed_signature_list_is_the_same_document() {
    let (mut one, other) = (signed(&charter(), &[1, 2]), signed(&charter(), &[3, 2]));
    assert_eq!(one.digest(), other.digest());
    one.add_signature(&key(2));
    assert_eq!(one, signed(&charter(), &[1, 2]), "no key signs twice");
}

#[test]
fn a_signature_counts_for_its_key_and_document_alone() {
    let envelope = envelope();
    assert_eq!(envelope.signers(&public(&[1, 2, 3])), public(&[1, 2]));
    assert_eq!(envelope.signers(&public(&[3, 4])), []);
    let mut value: Value = serde_json::from_str(&envelope.to_json()).unwrap();
    value["signatures"][0]["sig"] = value["signatures"][1]["sig"].clone();
    assert_eq!(parsed(&value).unwrap().signers(&public(&[1, 2])), public(&[2]), "the signature of another");
    let payload = br#"{"format":1}"#.to_vec();
    let charter = Envelope::sign(DocumentKind::Charter, payload.clone(), &keys(&[1]));
    let mut value: Value = serde_json::from_str(&charter.to_json()).unwrap();
    value["payloadType"] = json!(DocumentKind::Freeze.media_type());
    let freeze = Envelope::parse(value.to_string().as_bytes(), DocumentKind::Freeze).unwrap();
    assert_eq!((freeze.payload(), freeze.signers(&public(&[1]))), (&payload[..], vec![]), "the type is signed");
}

#[test]
fn keys_are_points_of_the_curve_in_one_spelling() {
    let text = key(1).public().to_string();
    assert_eq!(text.parse(), Ok(key(1).public()));
    for wrong in [text.to_uppercase(), "0".repeat(64), "f".repeat(64), text[1..].to_owned(), format!("{text}0")] {
        assert_eq!(wrong.parse::<PublicKey>(), Err(KeyTextError), "{wrong}");
    }
    assert!(SigningKey::from_bytes(Zeroizing::new([0; 32])).is_none());
    assert!(SigningKey::from_bytes(Zeroizing::new([255; 32])).is_none());
    assert_ne!(SigningKey::generate().unwrap().public(), SigningKey::generate().unwrap().public());
    assert_eq!(
        format!("{:?} {:?} {:?}", key(1), key(1).public(), Digest::of(b"")),
        "SigningKey(..) PublicKey(..) Digest(..)"
    );
}

#[test]
fn the_digest_of_a_first_charter_is_an_id_and_back() {
    let digest = Digest::of(b"");
    let id = digest.community_id().unwrap();
    assert_eq!(id.as_str(), "byway:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(Digest::of_community(&id), Some(digest));
    assert_eq!(Digest::of_community(&crate::community::CommunityId::vk(7)), None);
}

proptest! {
    #[test]
    fn a_changed_byte_of_a_document_voids_its_signatures(place in any::<prop::sample::Index>(), bit in 0..8u8) {
        let envelope = envelope();
        let mut payload = envelope.payload().to_vec();
        let place = place.index(payload.len());
        payload[place] ^= 1 << bit;
        let mut value: Value = serde_json::from_str(&envelope.to_json()).unwrap();
        value["payload"] = json!(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &payload));
        let changed = parsed(&value).unwrap();
        prop_assert_eq!(changed.signers(&public(&[1, 2, 3])), []);
        prop_assert_ne!(changed.digest(), envelope.digest());
    }

    #[test]
    fn random_bytes_are_no_envelope(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for kind in [DocumentKind::Charter, DocumentKind::Head, DocumentKind::Freeze] {
            prop_assert!(Envelope::parse(&bytes, kind).is_err());
        }
    }
}
