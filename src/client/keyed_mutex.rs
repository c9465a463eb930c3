//! One mutex for each key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Mutexes by name. A mutex that nobody holds or waits for takes no memory.
#[derive(Default)]
pub(super) struct KeyedMutex(Mutex<HashMap<String, Weak<AsyncMutex<()>>>>);

impl KeyedMutex {
    /// Waits for the mutex of this name. Callers get it in the order of their calls. It is released when the guard is
    /// dropped.
    pub(super) async fn lock(&self, name: &str) -> OwnedMutexGuard<()> {
        let mutex = {
            let mut mutexes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            mutexes.retain(|_, mutex| mutex.strong_count() > 0);
            match mutexes.get(name).and_then(Weak::upgrade) {
                Some(mutex) => mutex,
                None => {
                    let mutex = Arc::new(AsyncMutex::new(()));
                    mutexes.insert(name.to_owned(), Arc::downgrade(&mutex));
                    mutex
                }
            }
        };
        mutex.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_name_is_held_once_and_two_names_side_by_side() {
        let mutexes = KeyedMutex::default();
        let first = mutexes.lock("a").await;
        assert!(mutexes.lock("a").now_or_never().is_none());
        assert!(mutexes.lock("b").now_or_never().is_some());
        drop(first);
        assert!(mutexes.lock("a").now_or_never().is_some());
    }
}
