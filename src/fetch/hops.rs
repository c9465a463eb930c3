//! A fetch, hop by hop: each hop is planned, raced, judged and noted by itself, until one answers and does not
//! redirect.

use std::sync::Arc;
use std::time::Duration;

use http::{StatusCode, header};
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use super::PageJudge;
use super::chain_cookies::ChainCookies;
use super::error::FetchError;
use super::exchange::{HopExchange, HopJudge, Reply, Wanted};
use super::fetched::LastRace;
use super::floors::{Bound, Raises};
use super::hop::Hop;
use super::hop_race::{HopRacer, Hopped, Prepared, RouteChoice};
use super::outgoing::{first_hop, with_cookies, with_validators};
use super::owners::Chain;
use super::redirect::{self, Bounds, RedirectError};
use super::request::{OnRaise, Request, has_credentials};
use crate::exposure::Exposure;
use crate::reach::{self, Attempt, Exchange, Finding, Fingerprints, Raced, Won};
use crate::transport::{Destination, Isolation, PrivateAddresses};

/// One fetch: its request, and its strategies.
pub(super) struct Hops<'a> {
    pub(super) racer: &'a HopRacer,
    pub(super) fingerprints: &'a Fingerprints,
    pub(super) choice: RouteChoice<'a>,
    pub(super) request: Request,
    pub(super) wanted: Wanted,
}

/// What a fetch has met, whether it has an answer or not.
#[derive(Default)]
pub(super) struct Met {
    pub(super) attempts: Vec<Attempt>,
    pub(super) urls: Vec<Url>,
    pub(super) last: Option<LastRace>,
}

/// The answer of the last hop, as far as it was wanted.
pub(super) struct Arrival {
    pub(super) hop: Hop,
    pub(super) exchange: Arc<HopExchange>,
    pub(super) reply: Box<Reply>,
    /// The finding against it, if it is the best of the refuted answers.
    pub(super) finding: Option<Finding>,
    pub(super) planned: reach::Request,
}

/// The limits of a fetch from hop to hop.
struct Bonds<'a> {
    deadline: Instant,
    bound: Bound,
    raises: Raises<'a>,
    cookies: ChainCookies,
}

impl Bonds<'_> {
    async fn rise(&mut self, url: &Url) -> Result<(), FetchError> {
        self.bound.rise(self.raises.least(url, self.deadline).await?);
        Ok(())
    }
}

/// One hop, raced to its end.
struct RacedHop {
    exchange: Arc<HopExchange>,
    planned: reach::Request,
    won: Option<Won<Box<Reply>>>,
    last: Option<LastRace>,
}

impl Hops<'_> {
    /// Follows the request to its answer. What it meets is in `met`, even if it fails.
    pub(super) async fn follow(&self, met: &mut Met) -> Result<Arrival, FetchError> {
        let request = &self.request;
        let mut hop = first_hop(request)?;
        let mut chain = Chain::new(request.owners.clone(), &request.isolation, &hop.url);
        let mut private = request.private;
        let mut bonds = self.bonds(&hop).await?;
        let mut kept_under = None;
        let own_cookies = request.cookies.is_some() || hop.headers.contains_key(header::COOKIE);
        // What is under way ends under the identity under which it began.
        let identity = self.racer.identity();
        for index in 0.. {
            met.urls.push(hop.url.clone());
            let destination = Destination::from_url(&hop.url).ok_or(FetchError::Url)?;
            let isolation = chain.isolation().at(&destination).under(identity);
            if kept_under.as_ref() != Some(&isolation) {
                bonds.cookies.clear();
                kept_under = Some(isolation.clone());
            }
            let sent = with_cookies(&hop, request, &isolation);
            let credentials = sent.credentials;
            let asked = planned(request, &sent, destination, isolation.clone(), bonds.bound, private, index);
            let RacedHop { exchange, planned, won, last: mut ended } = self.race(sent, asked, &mut bonds, met).await?;
            let finding = ended.as_ref().and_then(|ended| telling(&ended.raced));
            let refuted = ended
                .as_mut()
                .filter(|_| self.wanted == Wanted::Begun)
                .and_then(|ended| answer_with_finding(&mut ended.raced));
            met.last = ended;
            let Some(Won { mut reply, candidate }) = won else {
                if let Some(error) = request.body.failed() {
                    return Err(FetchError::Upload(error.into()));
                }
                let Some((reply, finding)) = refuted else { return Err(FetchError::Unreached { finding }) };
                return Ok(Arrival { hop, exchange, reply, finding: Some(finding), planned });
            };
            if let Some(cookies) = &request.cookies {
                cookies.keep(&hop.url, &isolation, &reply.headers);
            }

            let Some(location) = redirect::location(reply.status, &reply.headers)?.cloned() else {
                return Ok(Arrival { hop, exchange, reply, finding: None, planned });
            };
            if index >= request.limits.redirects {
                break;
            }
            if index == 0 && !candidate.leads_inward() {
                private = PrivateAddresses::Refused;
            }
            let (from, before) = (hop.url.clone(), bonds.bound.exposure);
            let bounds = Bounds { replay: request.may_repeat(), exposure: before, private };
            hop = redirect::next(Hop { credentials, ..hop }, reply.status, &location, bounds)?;
            hop.credentials = has_credentials(&hop.headers);
            chain.follow(&hop.url);
            if request.floors.is_some() {
                bonds.rise(&hop.url).await?;
                if redirect::loses_encryption(&from, &hop.url) && bonds.bound.exposure > Exposure::Open {
                    return Err(RedirectError::Downgrade.into());
                }
            }
            if hop.url.origin() == from.origin() {
                if bonds.bound.exposure != before {
                    bonds.cookies.clear();
                } else if !own_cookies {
                    bonds.cookies.keep(&candidate.route.strategy, &from, &reply.headers);
                }
                drain(&exchange, &mut reply).await;
            } else {
                bonds.cookies.clear();
            }
        }
        Err(FetchError::TooManyRedirects(request.limits.redirects))
    }

    /// The limits of the request from its first hop on.
    async fn bonds(&self, first: &Hop) -> Result<Bonds<'_>, FetchError> {
        let request = &self.request;
        let planned_for = Bound { exposure: request.exposure, avoid_direct: request.avoid_direct };
        let mut bonds = Bonds {
            deadline: Instant::now() + request.limits.total,
            bound: planned_for,
            raises: Raises::of(request.floors.as_ref()),
            cookies: ChainCookies::default(),
        };
        bonds.rise(&first.url).await?;
        if bonds.bound != planned_for {
            self.may_rise()?;
        }
        Ok(bonds)
    }

    /// Whether the request may continue with a higher exposure than planned.
    fn may_rise(&self) -> Result<(), FetchError> {
        let OnRaise::End(ended) = &self.request.raised else { return Ok(()) };
        ended.set();
        Err(FetchError::ExposureRaised)
    }

    /// Races one hop. If its page requires a higher exposure meanwhile, it starts anew.
    async fn race(
        &self,
        sent: Hop,
        mut planned: reach::Request,
        bonds: &mut Bonds<'_>,
        met: &mut Met,
    ) -> Result<RacedHop, FetchError> {
        let request = &self.request;
        let mut exchange = self.exchange(&sent, bonds)?;
        if let Some(pace) = &request.pace {
            let asked = Instant::now();
            // If the wait exceeds the deadline, the exchange finds the deadline passed, and records it.
            let _ = timeout_at(bonds.deadline, pace.ready()).await;
            if let Some(silence) = &request.idle {
                silence.postpone(asked.elapsed());
            }
        }
        let is_compared = met.urls.iter().any(|url| url.scheme() == "http");
        let judge = hop_judge(self.fingerprints, &sent.url, request.judge.clone(), self.wanted);
        let judge = Arc::new(HopJudge { is_compared, ..judge });
        loop {
            let hop = Prepared {
                choice: self.choice,
                asked: &planned,
                url: &sent.url,
                exchange: &exchange,
                judge: &judge,
                idle: request.idle.as_ref(),
                stop: request.stop.as_ref(),
            };
            let racing = self.racer.race(hop, &mut bonds.deadline, &mut met.attempts, &mut bonds.raises);
            if let Hopped::Ended(won, last) = racing.await? {
                return Ok(RacedHop { exchange, planned, won, last });
            }
            // Earlier packets were sent with a lower exposure. From now on the request uses the higher one, or ends.
            self.may_rise()?;
            if !exchange.may_begin_anew() {
                return Err(FetchError::ExposureRaised);
            }
            bonds.rise(&sent.url).await?;
            (planned.exposure, planned.avoid_direct) = (bonds.bound.exposure, bonds.bound.avoid_direct);
            bonds.cookies.clear();
            exchange = self.exchange(&sent, bonds)?;
        }
    }

    fn exchange(&self, sent: &Hop, bonds: &Bonds<'_>) -> Result<Arc<HopExchange>, FetchError> {
        let (engine, deadline) = (self.racer.engine.clone(), Some(bonds.deadline));
        let cookies = bonds.cookies.clone();
        let sent = with_validators(sent.clone(), &self.request, bonds.bound);
        let exchange = HopExchange::new(engine, sent, &self.request, self.wanted, deadline, cookies);
        exchange.map(Arc::new).ok_or(FetchError::Url)
    }
}

/// The plan's input for a hop.
pub(super) fn planned(
    request: &Request,
    hop: &Hop,
    destination: Destination,
    isolation: Isolation,
    bound: Bound,
    private: PrivateAddresses,
    index: u32,
) -> reach::Request {
    reach::Request {
        destination,
        exposure: bound.exposure,
        avoid_direct: bound.avoid_direct,
        private,
        isolation,
        replay: request.may_repeat(),
        credentials: hop.credentials,
        tls: hop.url.scheme() == "https",
        hop: index,
    }
}

/// The judge for the answer of one hop.
pub(super) fn hop_judge(fingerprints: &Fingerprints, url: &Url, judge: Arc<dyn PageJudge>, wanted: Wanted) -> HopJudge {
    let fingerprints = fingerprints.clone();
    HopJudge { url: url.clone(), judge, wanted, fingerprints, is_compared: false }
}

/// Reads the rest of a redirect's body, which is usually already there, so that its connection can be used again.
async fn drain(exchange: &Arc<HopExchange>, reply: &mut Box<Reply>) {
    let rest = async {
        let trace = crate::transport::Trace::new();
        while reply.body.len() < DRAINED_BYTES && exchange.more(reply, &trace).await.is_ok_and(|more| more) {}
    };
    let _ = timeout(DRAIN, rest).await;
}

/// The most informative answer about why the page was not reached: a statement of the platform or the law goes before
/// what someone on the path put there.
fn telling(raced: &Raced<Box<Reply>>) -> Option<Finding> {
    raced.refuted.iter().map(|(_, finding)| finding).min_by_key(|finding| rank(finding)).cloned()
}

/// The most informative of the refuted answers that can be handed out as answers, with what is held against them: a
/// refusal, an error of the host, and in cleartext, for which nobody vouches, an error or a 304 that was not asked for.
fn answer_with_finding(raced: &mut Raced<Box<Reply>>) -> Option<(Box<Reply>, Finding)> {
    let is_answer = |(won, finding): &(Won<Box<Reply>>, Finding)| match finding {
        Finding::PlatformBlocked(_) | Finding::Legal451(_) | Finding::OriginFault { .. } => true,
        Finding::Unvouched => won.reply.status.is_server_error() || won.reply.status == StatusCode::NOT_MODIFIED,
        Finding::BlockPage { .. } | Finding::CaptivePortal | Finding::ProxyAnswer { .. } => false,
    };
    let best = (0..raced.refuted.len())
        .filter(|at| raced.refuted.get(*at).is_some_and(is_answer))
        .min_by_key(|at| raced.refuted.get(*at).map(|(_, finding)| rank(finding)))?;
    let (won, finding) = raced.refuted.swap_remove(best);
    Some((won.reply, finding))
}

fn rank(finding: &Finding) -> u8 {
    match finding {
        Finding::PlatformBlocked(_) => 0,
        Finding::Legal451(_) => 1,
        Finding::BlockPage { .. } => 2,
        Finding::OriginFault { .. } => 3,
        Finding::CaptivePortal => 4,
        Finding::ProxyAnswer { .. } => 5,
        Finding::Unvouched => 6,
    }
}

/// After a longer time, a new handshake is the better choice.
const DRAIN: Duration = Duration::from_millis(50);

/// The page of a redirect has a line or two.
const DRAINED_BYTES: usize = 16 * 1024;
