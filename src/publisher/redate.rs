//! A community whose newest statements are dated ahead comes back to the time.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::clock;
use super::community::{Publisher, refused};
use super::error::PublishError;
use super::files::ReadFiles as _;
use super::statement::later;
use crate::signed::{Admission, MAX_FILE_BYTES, NEWEST, Role, SignedEvent, month_file, to_minute};

impl Publisher {
    /// The date of the newest statement, if it is more than a day ahead of this clock.
    pub fn dated_ahead(&self, now: Timestamp) -> Option<Timestamp> {
        Some(clock::stated(&self.chain, &self.head, &self.events)).filter(|newest| clock::is_ahead(*newest, now))
    }

    /// Brings a community back to this clock, which is right, after another clock dated its newest statements ahead. The next head is
    /// dated now. What these keys published ahead is signed again with this time, in its order. What other keys published ahead is
    /// left out, and its number is the answer.
    ///
    /// A reader who read a post that was dated ahead keeps it with that date until then.
    ///
    /// # Errors
    /// [`PublishError::Clock`] if a charter is dated ahead, or if it is a matter of days within this month: then only waiting helps, or
    /// another community that continues this one. [`PublishError::Io`].
    pub fn redate(&mut self, now: Timestamp) -> Result<usize, PublishError> {
        let Some(newest) = self.dated_ahead(now) else { return Ok(0) };
        let wait = || PublishError::Clock { clock: now, newest: Some(newest) };
        if clock::is_ahead(self.chain.in_force(now).issued, now) {
            return Err(wait());
        }
        let day = to_minute(now).to_zoned(TimeZone::UTC).date();
        let this_month = month_file(day.year(), day.month());
        let is_ahead = |name: &str| name != NEWEST && name > this_month.as_str();
        let mut moved: Vec<SignedEvent> = Vec::new();
        for entry in self.head.files.iter().filter(|entry| is_ahead(&entry.name)) {
            let mut bytes = self.files.read(&entry.name, MAX_FILE_BYTES)?.ok_or(PublishError::Damaged)?;
            bytes.truncate(usize::try_from(entry.bytes).unwrap_or(usize::MAX));
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
            for line in lines {
                moved.push(SignedEvent::parse(line).map_err(|_| PublishError::Damaged)?);
            }
        }
        let is_moved = |event: &SignedEvent| moved.iter().any(|moved| moved.id() == event.id());
        let (gone, mut kept): (Vec<_>, Vec<_>) = self.events.iter().cloned().partition(|(event, _)| is_moved(event));
        if kept.iter().any(|(event, _)| clock::is_ahead(event.created(), now)) {
            return Err(wait());
        }
        std::mem::swap(&mut self.events, &mut kept);
        self.head.issued = to_minute(now);
        let (added, left_out) = self.signed_again(gone, now)?;
        let names: Vec<String> =
            self.head.files.iter().map(|entry| entry.name.clone()).filter(|name| is_ahead(name)).collect();
        self.head.files.retain(|entry| !is_ahead(&entry.name));
        if added.is_empty() {
            self.state(now)?
        } else {
            self.append(added, now)?
        }
        // Only now no head names them.
        names.iter().try_for_each(|name| self.files.remove(name))?;
        Ok(left_out)
    }

    /// These events, those after a time again and dated now. The number is that of events by other keys, which are left out.
    fn signed_again(
        &self,
        events: Vec<(SignedEvent, Role)>,
        now: Timestamp,
    ) -> Result<(Vec<(SignedEvent, Role)>, usize), PublishError> {
        let (mut at, mut all, mut left_out) = (self.time(None, now), Vec::new(), 0);
        for (event, role) in events {
            if !clock::is_ahead(event.created(), now) {
                all.push((event, role));
                continue;
            }
            if event.author() != self.keys.author.public() {
                left_out += 1;
                continue;
            }
            let mut tags = event.all_tags().to_vec();
            for tag in tags.iter_mut().filter(|tag| tag.first().is_some_and(|name| name == "published_at")) {
                let seconds = tag.get(1).and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
                if Timestamp::from_second(seconds).is_ok_and(|time| clock::is_ahead(time, now)) {
                    *tag = vec!["published_at".to_owned(), to_minute(at).as_second().to_string()];
                }
            }
            let again = SignedEvent::sign(&self.keys.author, at, event.kind(), tags, event.content().to_owned());
            let line = again.map_err(refused)?.to_json();
            all.push(Admission::new(&self.chain, &self.head, None, now).admit(line.as_bytes()).map_err(refused)?);
            at = later(at, SignedDuration::from_secs(1));
        }
        Ok((all, left_out))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::path::Path;

    use tempfile::TempDir;

    use super::super::files::Files;
    use super::super::mirror::Mirror;
    use super::super::{CommunityKeys, Statement};
    use super::*;
    use crate::language::Language;
    use crate::signed::{DocumentKind, Envelope, Heads};
    use crate::store::StoreKey;

    fn keys() -> CommunityKeys {
        CommunityKeys::derived(&StoreKey::from_bytes([1; 32])).unwrap()
    }

    fn at(days: i64) -> Timestamp {
        Timestamp::now() + SignedDuration::from_hours(24 * days)
    }

    fn founded(folder: &Path) -> Publisher {
        let statement = Statement { name: "Zavod".to_owned(), ..Statement::default() };
        Publisher::found(folder, keys(), &statement, at(0), Language::En).unwrap()
    }

    fn open(folder: &Path, now: Timestamp) -> Result<Publisher, PublishError> {
        Publisher::open(folder, keys(), now, Language::En)
    }

    #[test]
    fn a_clock_that_contradicts_the_folder_is_refused() {
        let folder = TempDir::new().unwrap();
        founded(folder.path()).post("one", at(0)).unwrap();
        for (days, is_refused) in [(-2, true), (0, false), (30, false), (59, false), (62, true), (3650, true)] {
            match open(folder.path(), at(days)) {
                Ok(_) => assert!(!is_refused, "{days}"),
                Err(PublishError::Clock { newest: Some(_), .. }) => assert!(is_refused, "{days}"),
                Err(error) => panic!("{days}: {error}"),
            }
        }
    }

    #[test]
    fn an_impossible_clock_founds_nothing() {
        let folder = TempDir::new().unwrap();
        let statement = Statement { name: "Zavod".to_owned(), ..Statement::default() };
        for clock in ["1970-01-05T00:00:00Z", "2019-12-31T00:00:00Z", "2099-06-01T00:00:00Z", "2226-01-01T00:00:00Z"] {
            let path = folder.path().join("zavod");
            let founded = Publisher::found(&path, keys(), &statement, clock.parse().unwrap(), Language::En);
            assert!(matches!(founded, Err(PublishError::Clock { newest: None, .. })) && !path.exists(), "{clock}");
        }
    }

    #[test]
    fn a_community_dated_ahead_comes_back_and_loses_nothing() {
        let folder = TempDir::new().unwrap();
        let mut community = founded(folder.path());
        community.post("one", at(0)).unwrap();
        let two = community.post("two", at(3650)).unwrap();
        community.edit(&two, "two, edited", at(3651)).unwrap();
        // As a reader who has the head from the future.
        let (chain, mut heads) = (community.chain.clone(), Heads::default());
        let head = |kind| Envelope::parse(&std::fs::read(folder.path().join("head.json")).unwrap(), kind).unwrap();
        heads.accept(&chain, &head(DocumentKind::Head), at(0)).unwrap();
        community.post("three", at(0)).unwrap();
        drop(community);

        assert!(matches!(open(folder.path(), at(1)), Err(PublishError::Clock { newest: Some(_), .. })));
        let mut community = Publisher::open_trusting_clock(folder.path(), keys(), at(1), Language::En).unwrap();
        assert!(community.dated_ahead(at(1)).is_some());
        assert_eq!(community.redate(at(1)).unwrap(), 0);
        assert_eq!(community.dated_ahead(at(1)), None);
        drop(community);

        heads.accept(&chain, &head(DocumentKind::Head), at(1)).unwrap();
        assert!(heads.newest().unwrap().issued <= at(1), "a reader takes the earlier date");
        let mut community = open(folder.path(), at(1)).unwrap();
        let mut texts: Vec<String> = community.content(at(1)).1.into_iter().map(|post| post.text).collect();
        texts.sort();
        assert_eq!(texts, ["one", "three", "two, edited"]);
        let mirror = Mirror::read(&Files::of(folder.path()).unwrap(), at(1)).unwrap();
        assert!(mirror.events.iter().all(|(event, _)| event.created() < at(2)));
        assert!(mirror.head.files.iter().all(|entry| folder.path().join(&entry.name).is_file()));
        community.edit(&two, "two, again", at(2)).unwrap();
    }

    #[test]
    fn nothing_dated_ahead_is_taken_in_from_another_phone() {
        let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let mut community = founded(one.path());
        community.publish(other.path(), at(0)).unwrap();
        let mut second = Publisher::open(other.path(), keys(), at(0), Language::En).unwrap();
        second.post("from the future", at(400)).unwrap();
        drop(second);
        assert!(matches!(community.take_in(other.path(), at(1)), Err(PublishError::Clock { .. })));
        assert!(community.content(at(1)).1.is_empty());
    }
}
