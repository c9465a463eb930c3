//! All sources of one client, and the choice of the source for a home.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{Contacts, HttpClient, ReadOptions, ReadOutcome, Source, mirror, telegram, vk, web};
use crate::community::Home;

/// All sources of one client.
#[derive(Clone, Debug)]
pub(crate) struct Sources(Vec<Arc<dyn AnySource>>);

impl Sources {
    /// The app's own sources, and after them those for VKontakte, Telegram, mirrors and the web.
    pub(crate) fn new(own: impl IntoIterator<Item = Arc<dyn AnySource>>, vk: vk::Vk) -> Self {
        let vk: Arc<dyn AnySource> = Arc::new(vk);
        let web: Arc<dyn AnySource> = Arc::new(web::Web);
        let telegram: Arc<dyn AnySource> = Arc::new(telegram::Telegram::new());
        let mirror: Arc<dyn AnySource> = Arc::new(mirror::Mirror);
        Self(own.into_iter().chain([vk, telegram, mirror, web]).collect())
    }

    /// The first source that reads this home, or `None`.
    pub(crate) fn of(&self, home: &Home) -> Option<&dyn AnySource> {
        self.0.iter().map(AsRef::as_ref).find(|source| source.reads(home))
    }
}

/// A [`Source`] behind a pointer: the trait's own future has no size that all sources share.
pub(crate) trait AnySource: fmt::Debug + Send + Sync {
    fn reads(&self, home: &Home) -> bool;
    fn read<'a>(&'a self, home: &'a Home, how: &'a ReadOptions, http: &'a HttpClient) -> BoxFuture<'a, ReadOutcome>;
    fn contacts(&self, home: &Home) -> Contacts;
}

impl<S: Source> AnySource for S {
    fn reads(&self, home: &Home) -> bool {
        Source::reads(self, home)
    }

    fn read<'a>(&'a self, home: &'a Home, how: &'a ReadOptions, http: &'a HttpClient) -> BoxFuture<'a, ReadOutcome> {
        Box::pin(Source::read(self, home, how, http))
    }

    fn contacts(&self, home: &Home) -> Contacts {
        Source::contacts(self, home)
    }
}
