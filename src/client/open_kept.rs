//! Reading a community that is kept, by its id.
//!
//! A link that a person opens asks for the addresses in it ([`asked`](super::asked)). The device's own later readings ask for nothing: what
//! a bundle or a charter named is not contacted directly because a screen is shown again.

use super::opened::{OpenError, OpenFault, OpenOptions, Opened};
use super::read_request::ReadRequest;
use super::succession::Walk;
use super::{Action, Byway, Note};
use crate::community::{CommunityId, Home};

impl Byway {
    /// Reads a community that is kept, as [`Byway::open`] does: over whichever route works first, or from the store, and follows its
    /// moves. For a screen that is shown again, with or without the network ([`OpenOptions::offline`]).
    ///
    /// It asks for no address. Opening the text of [`Byway::link`] instead would: it would count as a link that the user opened, and hosts that
    /// only a bundle or a charter names would be contacted directly from then on.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub async fn open_kept(&self, id: &CommunityId, how: OpenOptions) -> Result<Opened, OpenError> {
        self.open_known(id, how).await.map_err(|error| error.in_language(self.language()))
    }

    async fn open_known(&self, id: &CommunityId, how: OpenOptions) -> Result<Opened, OpenError> {
        let home = self.first_home(id).await?;
        let until = self.inner.net.now() + self.inner.timeout;
        let is_asked = match home.signed_community() {
            Some(id) => self.inner.store.asked(id).await.map_err(OpenError::untried)?.covers(&home),
            None => true,
        };
        // A permission for the community says nothing of an address that the user did not ask for.
        let here = OpenOptions { allow_direct: how.allow_direct && is_asked, ..how };
        let mut request = ReadRequest::of(here, Action::Open);
        if !how.offline {
            request.until = self.until_it_leads_on(&home, until).await;
        }
        let opened = self.read_home(&home, request).await?;
        Ok(Box::pin(self.follow_moves(opened, how, Walk::of_open(until))).await)
    }

    /// Reads a community that is kept, as [`Byway::open`] does, and at once, even during a pause
    /// ([`OpenOptions::ignore_pause`]). It shows this community and no successor; what is known of a move is in the notes
    /// ([`Note::Move`]), as [`Byway::standing`] has it.
    ///
    /// Refreshes of one community at the same time are one reading, as with [`Byway::open`]. Dropping one of the
    /// futures cancels only that call.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub async fn refresh(&self, id: &CommunityId) -> Result<Opened, OpenError> {
        self.refresh_home(id).await.map_err(|error| error.in_language(self.language()))
    }

    async fn refresh_home(&self, id: &CommunityId) -> Result<Opened, OpenError> {
        let home = self.first_home(id).await?;
        let how = OpenOptions { ignore_pause: true, ..OpenOptions::default() };
        let mut opened = self.read_home(&home, ReadRequest::of(how, Action::Open)).await?;
        let known = self.standing(&opened.community.id).await.unwrap_or_default().notes;
        opened.notes.extend(known.into_iter().filter(|note| matches!(note, Note::Move(_))));
        Ok(opened)
    }

    /// The home at which a kept community is read.
    pub(super) async fn first_home(&self, id: &CommunityId) -> Result<Home, OpenFault> {
        let known = self.inner.store.of(id).await?;
        let homes = known.community.map(|kept| kept.community.homes).unwrap_or_default();
        homes.into_iter().find(|home| self.inner.sources.of(home).is_some()).ok_or(OpenFault::NotStored)
    }
}
