//! Compares what two networks read of one page in cleartext.
//!
//! The method is that of OONI's Web Connectivity, with its lessons (Yadav et al. 2018, OONI's spec ts-017): a different
//! page does not prove a block. Sites answer by country, by language, by load and at random; they check for browsers,
//! ask for a login and redirect to their encrypted page. So the comparison first looks for an explanation of a
//! difference: content that the two answers share and few pages have, or a known behaviour of sites. An unexplained
//! difference is reported, and blames no one.
//!
//! Status, title, text and markup are compared ([`PageDigest`]). Headers are not: a censor's server has the same names as
//! any other. An equal title explains a difference, and does not make two pages one. The size is compared only if
//! there is nothing else, between two short texts: a notice is as long as many a page, and one page in two languages is
//! not.

use url::Host;

use super::vantage::{country, independent};
use crate::reach::{Attempt, Outcome, PageDigest};
use crate::transport::{Country, Strategy};

/// What the subject read, and what another strategy read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PageComparison {
    /// How alike they are.
    pub similarity: PageSimilarity,
    /// They are equal, byte for byte, or TLS proved both at the end of the same redirects. What is only alike may have
    /// been changed by anyone on the path.
    pub equal: bool,
    /// The first request of the chain of redirects whose answer came in cleartext.
    pub hop: u32,
    /// What the subject read at the end, or the redirect that led it elsewhere.
    pub here: PageDigest,
    /// What the other strategy read.
    pub there: PageDigest,
    /// The other strategy.
    pub by: Strategy,
}

/// How alike two answers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PageSimilarity {
    /// They are one page, or two versions of it.
    Same,
    /// They differ as a site's own answers do.
    Explained,
    /// Nothing explains the difference.
    Unexplained,
}

codes! {
    PageSimilarity {
        Same = "same",
        Explained = "explained",
        Unexplained = "unexplained",
    }
}

impl PageComparison {
    /// The host of another site that only the subject was led to.
    pub fn leads_elsewhere(&self) -> bool {
        self.similarity == PageSimilarity::Unexplained
            && self.here.leads_to.is_some()
            && self.here.leads_to != self.there.leads_to
    }
}

/// Compares what `subject` read with what the others read. `None`: no answer came in cleartext, or there is no strategy
/// to compare with.
pub fn compare_pages(subject: &Strategy, attempts: &[Attempt], here: Option<Country>) -> Option<PageComparison> {
    let own = Chain::of(subject, attempts);
    let first = own.first_in_cleartext()?;
    let asked = &first.destination.host;
    if own.ends_proved_at(asked) {
        return None;
    }
    let shown = own.shown(asked)?;
    let mut others: Vec<&Strategy> = Vec::new();
    for attempt in attempts.iter().filter(|attempt| attempt.strategy != *subject) {
        if !others.contains(&&attempt.strategy) {
            others.push(&attempt.strategy);
        }
    }
    let mut elsewhere: Option<PageComparison> = None;
    let mut nearby: Option<PageComparison> = None;
    for by in others {
        let other = Chain::of(by, attempts);
        let Some((similarity, there)) = similarity(&own, &other, asked, shown) else { continue };
        let equal = similarity == PageSimilarity::Same && own.ends_equal(&other);
        let found = PageComparison { similarity, equal, hop: first.hop, here: shown.clone(), there, by: by.clone() };
        let repeats = country(subject, here).is_some_and(|own| Some(own) == country(by, here));
        // The more similar comparison is kept: if two networks abroad read two pages, the site gives different ones.
        let slot = if independent(subject, by) && !repeats { &mut elsewhere } else { &mut nearby };
        if slot.as_ref().is_none_or(|known| found.similarity < known.similarity) {
            *slot = Some(found);
        }
    }
    // If the same network or the same country reads the same page, that proves nothing. If it reads a different page,
    // that counts.
    elsewhere.or(nearby.filter(|nearby| nearby.similarity == PageSimilarity::Unexplained))
}

/// The answers that one strategy got, redirect by redirect.
struct Chain<'a>(Vec<(&'a Attempt, &'a PageDigest)>);

impl<'a> Chain<'a> {
    fn of(strategy: &Strategy, attempts: &'a [Attempt]) -> Self {
        let mut hops: Vec<(&Attempt, &PageDigest)> = Vec::new();
        let answered = |attempt: &&Attempt| attempt.strategy == *strategy && attempt.outcome == Outcome::Proven;
        for attempt in attempts.iter().filter(answered) {
            let Some(page) = &attempt.page else { continue };
            match hops.iter_mut().find(|(known, _)| known.hop == attempt.hop) {
                Some(known) => *known = (attempt, page),
                None => hops.push((attempt, page)),
            }
        }
        hops.sort_by_key(|(attempt, _)| attempt.hop);
        Self(hops)
    }

    fn first_in_cleartext(&self) -> Option<&'a Attempt> {
        self.0.iter().map(|(attempt, _)| *attempt).find(|attempt| !attempt.tls)
    }

    /// Its last answer is a page over TLS of the site that was asked, so no one on the path wrote it.
    fn ends_proved_at(&self, asked: &Host<String>) -> bool {
        self.0.last().is_some_and(|(attempt, page)| {
            attempt.proved_name && !is_redirect(page) && same_site(asked, &attempt.destination.host)
        })
    }

    /// The page at its end, or `None` if the end was not reached.
    fn end(&self) -> Option<&'a PageDigest> {
        self.0.last().map(|(_, page)| *page).filter(|page| !is_redirect(page))
    }

    /// Both end with the same page, or at pages that TLS proved.
    fn ends_equal(&self, other: &Self) -> bool {
        let proved = |chain: &Self| chain.0.last().is_some_and(|(attempt, _)| attempt.proved_name);
        let equal = |here: &PageDigest, there: &PageDigest| here.status == there.status && here.body == there.body;
        let (here, there) = (self.end(), other.end());
        proved(self) && proved(other) || here.zip(there).is_some_and(|(here, there)| equal(here, there))
    }

    /// What the chain shows: the redirect to another site, or the page at its end.
    fn shown(&self, asked: &Host<String>) -> Option<&'a PageDigest> {
        let leads_away = |page: &&PageDigest| page.leads_to.as_ref().is_some_and(|to| !same_site(asked, to));
        self.0.iter().map(|(_, page)| *page).find(leads_away).or(self.end())
    }

    /// Where its redirects lead.
    fn targets(&self) -> impl Iterator<Item = &'a Host<String>> {
        self.0.iter().filter_map(|(_, page)| page.leads_to.as_ref())
    }
}

fn is_redirect(page: &PageDigest) -> bool {
    (300..400).contains(&page.status) && page.leads_to.is_some()
}

/// The similarity of the subject's chain to another's, and what the other read. `None` if the other is no witness: it
/// has no page, or one that says nothing about the site's.
fn similarity(
    own: &Chain<'_>,
    other: &Chain<'_>,
    asked: &Host<String>,
    shown: &PageDigest,
) -> Option<(PageSimilarity, PageDigest)> {
    let away = shown.leads_to.as_ref().filter(|to| !same_site(asked, to));
    if away.is_some_and(|away| other.targets().any(|to| same_site(away, to))) {
        let end = other.shown(asked)?;
        return Some((PageSimilarity::Same, end.clone()));
    }
    let there = other.end().filter(|page| is_witness(page))?;
    let ends_alike = own.end().map(|here| pages(here, there));
    let similarity = match (ends_alike, away) {
        (Some(PageSimilarity::Same), None) => PageSimilarity::Same,
        (Some(PageSimilarity::Same), Some(_)) if own.ends_equal(other) => PageSimilarity::Same,
        (_, Some(_)) | (None, _) => PageSimilarity::Unexplained,
        // A login, a consent page, a page for phones.
        (Some(_), None) if own.targets().next().is_some() && other.targets().next().is_none() => {
            PageSimilarity::Explained
        }
        (Some(alike), None) => alike,
    };
    Some((similarity, there.clone()))
}

/// Whether another answer can be judged by this one: it is neither a refusal, which a proxy or Tor often meets, nor a
/// check for a browser.
fn is_witness(page: &PageDigest) -> bool {
    (200..300).contains(&page.status) && !page.challenge && page.bytes > 0
}

/// The similarity of two pages; the second one is a witness.
fn pages(here: &PageDigest, there: &PageDigest) -> PageSimilarity {
    if here.status == there.status && here.body == there.body {
        return PageSimilarity::Same;
    }
    let titles = here.title.as_deref().zip(there.title.as_deref());
    let one_title = titles.is_some_and(|(here, there)| letters(here) == letters(there) && !letters(here).is_empty());
    let (words, common_words) = here.words.common(&there.words);
    let (markup, common_markup) = here.markup.common(&there.markup);
    let alike = here.elements.is_some() && here.elements == there.elements
        || words >= MOSTLY && common_words > 0
        || words >= WORDS && common_words >= FEW_WORDS
        || markup >= MARKUP && common_markup >= FEW_NAMES;
    match here.status {
        200..300 if alike => PageSimilarity::Same,
        200..300 if one_title || short_texts(here, there) => PageSimilarity::Explained,
        // A server of the site refuses, or the site asks for something that it lacks here: 401, 404, 410 and 429 come
        // from sites. 403 and 400 come from censors as often (Iran's and Saudi Arabia's notices have them).
        _ if alike || one_title || here.challenge || matches!(here.status, 401 | 404 | 410 | 429) => {
            PageSimilarity::Explained
        }
        _ => PageSimilarity::Unexplained,
    }
}

/// Two short texts of about the same size. They are too short for a comparison of words: "the group", "de groep".
fn short_texts(here: &PageDigest, there: &PageDigest) -> bool {
    let is_short = |page: &PageDigest| {
        (1..SHORT_TEXT).contains(&page.bytes) && page.title.is_none() && page.leads_to.is_none() && !page.has_elements
    };
    let (least, most) = (here.bytes.min(there.bytes), here.bytes.max(there.bytes));
    is_short(here) && is_short(there) && least as f64 >= most as f64 * SIZES
}

/// A title without its numbers: unread messages, visitors, dates.
fn letters(title: &str) -> String {
    title.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

/// Whether two hosts belong to one site: one is within the other, they share a domain below a public suffix, or they
/// have the same name in two countries (`site.com` and `site.de`).
///
/// The list of public suffixes is not used. A domain of two short last labels (`co.uk`, `com.ru`) counts as a suffix.
pub fn same_site(one: &Host<String>, other: &Host<String>) -> bool {
    let (Host::Domain(one), Host::Domain(other)) = (one, other) else { return one == other };
    let (one, other) = (one.trim_end_matches('.'), other.trim_end_matches('.'));
    let within = |inner: &str, outer: &str| inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.'));
    if one == other || within(one, other) || within(other, one) {
        return true;
    }
    match (site(one), site(other)) {
        (Some((name, suffix)), Some((other_name, other_suffix))) => {
            // Here one word stands under one country's suffix. Under another suffix the same word belongs to someone
            // else.
            name == other_name && (suffix == other_suffix || name.len() >= TELLING_NAME)
        }
        _ => false,
    }
}

/// A host's registered name and its suffix.
fn site(host: &str) -> Option<(&str, &str)> {
    let (rest, top) = host.rsplit_once('.')?;
    let (below, second) = rest.rsplit_once('.').unwrap_or(("", rest));
    let second_is_suffix = !below.is_empty() && top.len() == 2 && GENERIC.contains(&second);
    if !second_is_suffix {
        return Some((second, top));
    }
    let name = below.rsplit('.').next()?;
    Some((name, host.get(host.len() - second.len() - top.len() - 1..)?))
}

/// Second labels under which countries register sites.
const GENERIC: [&str; 12] = ["ac", "co", "com", "edu", "gob", "gov", "msk", "ne", "net", "or", "org", "spb"];

/// Shorter names are registered by different people in different countries.
const TELLING_NAME: usize = 5;

/// Bytes of one sentence.
const SHORT_TEXT: u64 = 200;

/// OONI's bound for two sizes of one page (ts-017, `body_proportion`).
const SIZES: f64 = 0.7;

/// Two texts or markups with this share in common are one page with another date.
const MOSTLY: f64 = 0.8;

/// Two texts of one language share a twentieth to a tenth of their words: the small ones.
const WORDS: f64 = 0.3;

/// In a very short text the small words alone reach that share.
const FEW_WORDS: usize = 6;

/// Names that authors choose: two sites share almost none.
const MARKUP: f64 = 0.15;

/// Many authors choose `style.css` and `main`.
const FEW_NAMES: usize = 3;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn hosts_of_one_site_are_told_from_others() {
        let host = |text: &str| Host::parse(text).unwrap();
        for (one, other, same) in [
            ("site.example", "site.example", true),
            ("site.example", "www.site.example", true),
            ("www.site.example", "m.site.example", true),
            ("site.example.", "site.example", true),
            ("example.com", "example.de", true),
            ("www.example.com", "example.co.uk", true),
            ("news.example.co.uk", "example.co.uk", true),
            ("vk.com", "vk.ru", false),
            ("one.co.uk", "two.co.uk", false),
            ("one.com.ru", "two.com.ru", false),
            ("site.example", "notsite.example", false),
            ("site.example", "site.example.warning.rt.ru", false),
            ("vk.com", "warning.rt.ru", false),
            ("site.example", "192.0.2.1", false),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
        ] {
            assert_eq!(same_site(&host(one), &host(other)), same, "{one} {other}");
            assert_eq!(same_site(&host(other), &host(one)), same, "{other} {one}");
        }
    }
}
