//! Which streams may share a circuit: those with one label, and no others.

use std::collections::HashMap;

use arti_client::IsolationToken;

/// The labels that are kept apart. Past this many, all labels get new circuits: more circuits, never shared ones.
const LABELS: usize = 1024;

/// Arti's token for each label. Streams with different tokens share no circuit.
#[derive(Debug, Default)]
pub(super) struct Circuits(HashMap<String, IsolationToken>);

impl Circuits {
    pub(super) fn token(&mut self, label: &str) -> IsolationToken {
        if self.0.len() >= LABELS && !self.0.contains_key(label) {
            self.0.clear();
        }
        *self.0.entry(label.to_owned()).or_insert_with(IsolationToken::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_labels_ever_have_one_token() {
        let mut circuits = Circuits::default();
        let first = circuits.token("first");
        assert_eq!(circuits.token("first"), first, "one label keeps its circuit");
        let mut seen = vec![first];
        let labels = (0..2 * LABELS).map(|label| label.to_string()).chain(["first".to_owned()]);
        for label in labels {
            let token = circuits.token(&label);
            assert!(!seen.contains(&token), "{label} shares a circuit, or has an old one that was given up");
            seen.push(token);
        }
        assert!(circuits.0.len() <= LABELS);
    }
}
