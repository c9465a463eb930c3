//! One reading of a community at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as Gate, OwnedMutexGuard};

/// Lets readings of one community through one after another, and those of different communities side by side.
///
/// Two taps on one community are two readings: the second begins when the first has ended, with the exposure that the
/// first left behind.
#[derive(Default)]
pub(super) struct Gates(Mutex<HashMap<String, Weak<Gate<()>>>>);

impl Gates {
    /// Waits for a turn with what is called `name`. The turn ends when the guard is dropped.
    pub(super) async fn turn(&self, name: &str) -> OwnedMutexGuard<()> {
        let gate = {
            let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            gates.retain(|_, gate| gate.strong_count() > 0);
            match gates.get(name).and_then(Weak::upgrade) {
                Some(gate) => gate,
                None => {
                    let gate = Arc::new(Gate::new(()));
                    gates.insert(name.to_owned(), Arc::downgrade(&gate));
                    gate
                }
            }
        };
        gate.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn turns_with_one_name_follow_each_other_and_those_with_two_do_not() {
        let gates = Gates::default();
        let first = gates.turn("a").await;
        assert!(gates.turn("a").now_or_never().is_none());
        assert!(gates.turn("b").now_or_never().is_some());
        drop(first);
        assert!(gates.turn("a").now_or_never().is_some());
    }
}
