//! Bans, hints and known blocks, from the flags of `byway community charter`.

use byway::Language;
use byway::publisher::{BannedKey, HostHint, PublishError, StatedRestriction, Statement};
use jiff::Timestamp;

use crate::args::{StatedArgs, YesNo};
use crate::moments::moment;
use crate::words;
use crate::wrong::{Wrong, unended};

/// The further parts of a charter that the flags name.
pub(super) struct Stated<'a> {
    args: &'a StatedArgs,
    banned: Vec<BannedKey>,
    unbanned: Vec<BannedKey>,
    hints: Vec<HostHint>,
    restrictions: Vec<StatedRestriction>,
}

impl<'a> Stated<'a> {
    pub(super) fn read(args: &'a StatedArgs, now: Timestamp, language: Language) -> Result<Self, Wrong> {
        let since = args.banned_since.as_deref();
        let since = since.map_or(Ok(now), |text| moment("--banned-since", text, language))?;
        let keys = |flag: &str, texts: &[String]| {
            let key = |text: &String| {
                let wrong = |error: PublishError| Wrong(format!("{flag}: {}", unended(error.sentence(language))));
                BannedKey::new(text, since).map_err(wrong)
            };
            texts.iter().map(key).collect::<Result<Vec<_>, Wrong>>()
        };
        let hint =
            |text: &String| hint_of(text).ok_or_else(|| Wrong(format!("--hint: {}", words::NO_HINT.in_(language))));
        Ok(Self {
            args,
            banned: keys("--ban", &args.ban)?,
            unbanned: keys("--unban", &args.unban)?,
            hints: args.hint.iter().map(hint).collect::<Result<_, _>>()?,
            restrictions: args.restriction.iter().map(|text| restriction_of(text)).collect(),
        })
    }

    /// Puts them where the earlier ones were.
    pub(super) fn put_into(&self, next: &mut Statement) {
        let Self { args, banned, unbanned, hints, restrictions } = self;
        if let Some(answer) = args.members_may_post {
            next.members_may_post = answer == YesNo::Yes;
        }
        let named = |key: &BannedKey| banned.iter().chain(unbanned).any(|other| other.key() == key.key());
        next.banned.retain(|key| !named(key));
        next.banned.extend(banned);
        if args.no_relays || !args.relay.is_empty() {
            next.relays.clone_from(&args.relay);
        }
        if args.no_hints || !hints.is_empty() {
            next.hints.clone_from(hints);
        }
        if args.no_hints || !args.resolver.is_empty() {
            next.resolvers.clone_from(&args.resolver);
        }
        if args.no_restrictions || !restrictions.is_empty() {
            next.restrictions.clone_from(restrictions);
        }
    }
}

/// `HOST=IP,IP`
fn hint_of(text: &str) -> Option<HostHint> {
    let (host, addresses) = text.split_once('=')?;
    let addresses = addresses.split(',').map(|address| address.trim().parse().ok()).collect::<Option<Vec<_>>>()?;
    Some(HostHint { host: host.trim().to_owned(), addresses })
}

/// `JURISDICTION; AUTHORITY; NUMBER; DATE; TEXT`, or a text alone.
fn restriction_of(text: &str) -> StatedRestriction {
    let parts: Vec<&str> = text.splitn(5, ';').map(str::trim).collect();
    let known = |part: &str| Some(part.to_owned()).filter(|part| !matches!(part.as_str(), "-" | ""));
    match parts[..] {
        [jurisdiction, authority, number, date, text] => StatedRestriction {
            text: text.to_owned(),
            jurisdiction: known(jurisdiction),
            authority: known(authority),
            number: known(number),
            date: known(date),
        },
        _ => StatedRestriction { text: text.trim().to_owned(), ..StatedRestriction::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_four_short_fields_or_none() {
        let whole = restriction_of("RU; РКН; -; 2026-11-30; The page; all of it");
        assert_eq!((whole.jurisdiction.as_deref(), whole.number), (Some("RU"), None));
        assert_eq!((whole.date.as_deref(), &*whole.text), (Some("2026-11-30"), "The page; all of it"));
        let alone = restriction_of("The page; since May");
        assert_eq!(alone, StatedRestriction { text: "The page; since May".to_owned(), ..StatedRestriction::default() });
        assert_eq!(hint_of("zavod.example=203.0.113.1,2001:db8::1").map(|hint| hint.addresses.len()), Some(2));
        assert_eq!(hint_of("zavod.example=here"), None);
    }
}
