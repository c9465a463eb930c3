//! A reader that takes the steps of a story with this crate.

use std::collections::BTreeMap;

use byway::internals::signed::{
    Admission, Chain, ChainError, Content, Digest, DocumentKind, Envelope, EventError, Extension, FileReader, Follow,
    Freeze, HeadError, HeadStep, Heads, Role, RouteList, Succession, succession, trust,
};
use byway::jiff::Timestamp;
use byway::{RoutePack, RoutePackError};
use serde_json::{Value, json};

use crate::merged::{Shown, taken};
use crate::story::{Deed, Story};

/// The result of each step.
pub(crate) fn results(story: &Story) -> Vec<Value> {
    let mut reader = Reader {
        chain: None,
        other: None,
        heads: Heads::default(),
        freeze: None,
        content: None,
        shown: Shown::default(),
    };
    let steps = story.steps.iter();
    steps.map(|step| reader.take(story.community, Timestamp::from_second(step.now).unwrap(), &step.deed)).collect()
}

struct Reader {
    chain: Option<Chain>,
    other: Option<Chain>,
    heads: Heads,
    freeze: Option<Freeze>,
    content: Option<Content>,
    shown: Shown,
}

impl Reader {
    fn take(&mut self, community: Digest, now: Timestamp, deed: &Deed) -> Value {
        if let Some(chain) = &mut self.chain {
            chain.correct(now);
        }
        match deed {
            Deed::Charter(text) => json!(charter(&mut self.chain, community, text, now)),
            Deed::OtherCharter { community, charter: text } => json!(charter(&mut self.other, *community, text, now)),
            Deed::Head(text) => json!(self.head(text, now)),
            Deed::Freeze(text) => json!(self.freeze(text, now)),
            Deed::Line(text) => json!(self.line(text, now)),
            Deed::File { name, text } => self.file(name, text, now),
            Deed::Trust => {
                let trust = trust(self.chain(), &self.heads, self.freeze.as_ref(), now);
                let reasons: Vec<_> = trust.reasons.iter().map(|reason| reason.code()).collect();
                json!({"state": trust.state.code(), "reasons": reasons})
            }
            Deed::Routes(text) => json!(self.routes(text, now)),
            Deed::Proposal(text) => crate::proposals::read(text),
            Deed::Cards(text) => crate::admins::restored(text),
            Deed::LongFile { name, pieces } => counted(self.file(name, &pieces.text(), now)),
            Deed::LongCharter(pieces) => json!(charter(&mut self.chain, community, &pieces.text(), now)),
            Deed::Content => self.shown.items(),
            Deed::Link(text) => crate::carried::read_link(text),
            Deed::Bundle(text) => crate::carried::read_bundle(text),
            Deed::LongBundle(pieces) => crate::carried::read_bundle(&pieces.text()),
            Deed::Approval { proposal, line } => crate::carried::approved(proposal, line),
            Deed::Keys(text) => crate::carried::read_keys(text),
            Deed::Walk(known) => crate::merged::walked(self.chain(), known, now),
            Deed::Succession => related(succession(self.chain(), self.other.as_ref().unwrap(), now)),
        }
    }

    fn chain(&self) -> &Chain {
        self.chain.as_ref().unwrap()
    }

    fn head(&mut self, text: &str, now: Timestamp) -> &'static str {
        let envelope = match Envelope::parse(text.as_bytes(), DocumentKind::Head) {
            Ok(envelope) => envelope,
            Err(error) => return error.code(),
        };
        let chain = self.chain.as_mut().unwrap();
        let taken = self.heads.accept(chain, &envelope, now);
        if let (Ok(HeadStep::Newer), Some(head)) = (taken, self.heads.newest()) {
            chain.has_head(head.issued, now);
        }
        match taken {
            Ok(HeadStep::Newer) => "newer",
            Ok(HeadStep::Known) => "known",
            Err(error) => error.code(),
        }
    }

    fn freeze(&mut self, text: &str, now: Timestamp) -> &'static str {
        let envelope = match Envelope::parse(text.as_bytes(), DocumentKind::Freeze) {
            Ok(envelope) => envelope,
            Err(error) => return error.code(),
        };
        let chain = self.chain.as_mut().unwrap();
        match Freeze::verify(&envelope, chain, now) {
            Ok(freeze) => {
                chain.take_freeze(freeze);
                self.heads.take_freeze(chain);
                self.freeze = chain.freeze().copied();
                "frozen"
            }
            Err(error) => error.code(),
        }
    }

    fn routes(&self, text: &str, now: Timestamp) -> &'static str {
        let envelope = match crate::admins::opened(text) {
            Ok(envelope) => envelope,
            Err(code) => return code,
        };
        let verified = match (RouteList::read(&envelope), &self.chain) {
            (Err(error), _) => Err(error),
            (Ok(_), None) => Err(RoutePackError::OtherCommunity),
            (Ok(_), Some(chain)) => RouteList::verify(&envelope, chain, self.freeze.as_ref(), now),
        };
        let strategies = match verified {
            Ok(list) => list.strategies,
            Err(error) => return error.code(),
        };
        let may_have = |text: &String| text.parse().is_ok_and(|strategy| RoutePack::may_have(&strategy));
        if strategies.iter().all(may_have) { "routes" } else { RoutePackError::Strategy.code() }
    }

    fn line(&mut self, text: &str, now: Timestamp) -> &'static str {
        let chain = self.chain.as_ref().unwrap();
        let admission = Admission::new(chain, self.heads.newest().unwrap(), self.freeze.as_ref(), now);
        let content = self.content.get_or_insert_with(|| Content::new(chain.id().community_id().unwrap(), "x"));
        let shown = &mut self.shown;
        let admitted = admission.admit(text.as_bytes());
        role(admitted.and_then(|(event, role)| taken(content, shown, &event, role).map(|()| role)))
    }

    fn file(&mut self, name: &str, text: &str, now: Timestamp) -> Value {
        if self.heads.dispute().is_some() {
            return json!({"end": HeadError::Disputed.code()});
        }
        let head = self.heads.newest().unwrap();
        let admission = Admission::new(self.chain(), head, self.freeze.as_ref(), now);
        let mut reader = FileReader::new(admission, head.file(name).unwrap());
        let mut lines = Vec::new();
        let mut sink = |line: Result<_, EventError>| lines.push(role(line.map(|(_, role)| role)));
        let end = match reader.push(text.as_bytes(), &mut sink) {
            Ok(()) => reader.finish(&mut sink),
            Err(error) => Err(error),
        };
        match end {
            Ok(()) => json!({"end": "whole", "lines": lines}),
            // How many lines were read before the error depends on the size of the pieces.
            Err(error) => json!({"end": error.code()}),
        }
    }
}

/// The result of a file with its lines counted by their results.
fn counted(mut result: Value) -> Value {
    if let Some(lines) = result.get_mut("lines") {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        lines
            .as_array()
            .unwrap()
            .iter()
            .for_each(|line| *counts.entry(line.as_str().unwrap().into()).or_default() += 1);
        *lines = json!(counts);
    }
    result
}

fn charter(chain: &mut Option<Chain>, community: Digest, text: &str, now: Timestamp) -> &'static str {
    let envelope = match Envelope::parse(text.as_bytes(), DocumentKind::Charter) {
        Ok(envelope) => envelope,
        Err(error) => return error.code(),
    };
    let Some(chain) = chain else {
        return match Chain::begin(community, &envelope, now) {
            Ok(begun) => {
                *chain = Some(begun);
                "begun"
            }
            Err(error) => error.code(),
        };
    };
    extension(chain.extend(&envelope, now))
}

fn extension(result: Result<Extension, ChainError>) -> &'static str {
    match result {
        Ok(Extension::Newer) => "newer",
        Ok(Extension::Known) => "known",
        Ok(Extension::Recovering) => "recovering",
        Ok(Extension::RecoveryEnded) => "recovery_ended",
        Err(error) => error.code(),
    }
}

fn role(result: Result<Role, EventError>) -> &'static str {
    match result {
        Ok(Role::Community) => "community",
        Ok(Role::Moderator) => "moderator",
        Ok(Role::Member) => "member",
        Err(error) => error.code(),
    }
}

fn related(succession: Succession) -> Value {
    match succession {
        Succession::TwoSided { follow: Follow::ByItself { at }, .. } => json!({"by_itself": at.as_second()}),
        Succession::TwoSided { follow: Follow::Asked, .. } => json!("asked"),
        Succession::OldSideOnly => json!("old_side_only"),
        Succession::NewSideOnly => json!("new_side_only"),
        Succession::Disputed => json!("disputed"),
        Succession::None => json!("none"),
    }
}
