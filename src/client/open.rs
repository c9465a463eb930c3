//! Opening a community: by its link, by an entry of a list.

use super::asked::is_in_own_network;
use super::folder::FolderLink;
use super::known::KnownPage;
use super::link::{given_url, keys_in};
use super::opened::{OpenError, OpenFault, OpenOptions, Opened};
use super::read_request::ReadRequest;
use super::succession::Walk;
use super::{Action, Byway, HomeLink, Note, OpmlEntry};
use crate::community::Home;
use crate::exposure::Exposure;
use crate::signed::KeyFingerprint;

impl Byway {
    /// Reads a community over whichever route works first, or from the store if none works.
    ///
    /// Several calls at the same time that ask for the same (the link's address, the exposure, the options) are one
    /// reading, and each gets its result. Other readings of one community take turns. The call ends within
    /// [`Builder::timeout`](super::Builder::timeout), whatever it waits for. To cancel it, drop the future: what it
    /// sent is ended, unless another call shares it.
    ///
    /// A token is sent over one route at a time. What is read is kept, together with the exposure with which it was
    /// read. From then on this is the least one (see [`Byway`]).
    ///
    /// A signed community that moved leads to its successor, if both sides sign the move, several keys of the old one
    /// were needed for it, and a week has passed. The successor is read over routes that are not direct until the user opens
    /// its own link or says yes ([`Byway::follow`]). A note tells of each move, followed or not ([`Note::Move`]). What was
    /// read of the old community stays in the store.
    ///
    /// `file:///PATH#byway:ID` is the folder of a mirror on this device, for example on a memory card. It is verified as any mirror is,
    /// nothing is sent, and what is genuine is kept. A folder is not remembered: it is read when the user names it, and
    /// nothing that was read leads to one.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub async fn open(&self, link: &str) -> Result<Opened, OpenError> {
        self.open_with(link, OpenOptions::default()).await
    }

    /// The same, with options.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub async fn open_with(&self, link: &str, how: OpenOptions) -> Result<Opened, OpenError> {
        self.open_link(link, how, Asks::Link).await.map_err(|error| error.in_language(self.language()))
    }

    /// Reads a community of a list, as [`Byway::open_with`] does. That contacts its address, and may do so directly.
    ///
    /// Nothing tells the reader's own list from a stranger's. So what a list says of the communities is believed in the stricter direction
    /// alone: an address that its maker never asked for ([`OpmlEntry::unasked`]) is not contacted directly, and neither are the further
    /// mirrors of an entry, whatever it says of them. An address of this device or of the reader's own network is not contacted unless its
    /// community is kept already. Opening the community's own link asks for those.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub async fn open_listed(&self, entry: &OpmlEntry, how: OpenOptions) -> Result<Opened, OpenError> {
        let how = OpenOptions { allow_direct: how.allow_direct && !entry.unasked, ..how };
        if !how.offline
            && is_in_own_network(&entry.link.home)
            && self.inner.store.at(&entry.link.home).await.map_err(OpenError::untried)?.community.is_none()
        {
            return Err(OpenError::untried(OpenFault::OwnNetwork).in_language(self.language()));
        }
        let asks = if entry.unasked { Asks::Nothing } else { Asks::Home };
        let opened = self.open_link(&entry.address(), how, asks).await;
        opened.map_err(|error| error.in_language(self.language()))
    }

    async fn open_link(&self, link: &str, how: OpenOptions, asks: Asks) -> Result<Opened, OpenError> {
        if let Some(folder) = FolderLink::of(link).filter(|_| matches!(asks, Asks::Link)) {
            return Box::pin(self.open_folder(folder.map_err(OpenError::untried)?, how)).await;
        }
        let HomeLink { home, exposure, mirrors } = self.read_link(link).await?;
        let how = OpenOptions { exposure: how.exposure.max(exposure), ..how };
        // What the link itself asks for, without the floors of what is known under its address.
        let stated = link.parse::<HomeLink>().map_or(Exposure::Open, |link| link.exposure);
        if stated > Exposure::Open && !how.offline {
            // The reading may fail, and the next link to the same community may say nothing of an exposure.
            for home in [&home].into_iter().chain(&mirrors) {
                let link = HomeLink::new(home.clone(), stated);
                self.raise_exposure(&link).await.map_err(OpenError::untried)?;
            }
        }
        // A person opens the addresses of this link. That says nothing of the others that the community has.
        let named = [home.clone()].into_iter().chain(mirrors).filter(|_| home.signed_community().is_some());
        let (asked, beside): (Vec<Home>, Vec<Home>) = named.partition(|one| match asks {
            Asks::Link => true,
            Asks::Home => *one == home,
            Asks::Nothing => false,
        });
        if let Some(id) = home.signed_community().filter(|_| !asked.is_empty() && !how.offline) {
            self.inner.store.ask(id, asked.clone()).await.map_err(OpenError::untried)?;
        }
        if !how.offline {
            self.inner.store.is_own_now(&home).await.map_err(OpenError::untried)?;
        }
        let until = self.inner.net.now() + self.inner.timeout;
        let mut request = ReadRequest { beside, ..ReadRequest::of(how, Action::Open).asked(asked) };
        if !how.offline {
            request.until = self.until_it_leads_on(&home, until).await;
        }
        let mut opened = self.read_home(&home, request).await?;
        self.compare_keys(keys_in(link), &mut opened).await;
        Ok(Box::pin(self.follow_moves(opened, how, Walk::of_open(until))).await)
    }

    /// Notes it if the root keys of the community never were those that its link names.
    pub(super) async fn compare_keys(&self, keys: Option<KeyFingerprint>, opened: &mut Opened) {
        if let Some(keys) = keys
            && self.chain_of(&opened.community.id).await.is_some_and(|chain| !chain.has_named(keys))
        {
            opened.notes.push(Note::LinkKeys);
        }
    }

    /// The home that a link leads to, and the exposure of everything that it names: the link may be that of one
    /// community's post on another one's page.
    pub(super) async fn read_link(&self, link: &str) -> Result<HomeLink, OpenFault> {
        let HomeLink { home, exposure, mirrors } = link.parse()?;
        let named = match given_url(link) {
            Ok(url) => self.inner.store.page(KnownPage { url, published: false }).await?.floor,
            Err(_) => Exposure::Open,
        };
        Ok(HomeLink { mirrors, ..HomeLink::new(home, exposure.max(named)) })
    }
}

/// For which addresses of a link opening it asks.
#[derive(Clone, Copy)]
enum Asks {
    /// For all: a person opens the link.
    Link,
    /// For the first one alone: a list has the link.
    Home,
    Nothing,
}
