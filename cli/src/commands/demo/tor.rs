//! `byway demo --tor`: a real Tor network, of processes of this machine, and a community that only it reaches.
//!
//! Here nothing is virtual but the censor: the community's site and the censor that cuts its name are the lab's, on sockets of
//! loopback, and Tor's relays, exits and onion service are the real ones ([`byway_lab::private_tor`]). Byway's own Tor starts
//! as it would anywhere.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use byway::{Byway, Destination, EngineEventKind, Language, Roots, Strategy, TorNetwork};
use byway_lab::private_tor::{self, PrivateTor, PrivateTorError, Resolve};
use byway_lab::{Lab, Options, Page};

use super::step::{Outcome, Step};
use super::{Document, telling};
use crate::document;
use crate::exit::Exit;
use crate::people::People;
use crate::screen::{self, Screen};
use crate::words;
use crate::wrong::Wrong;

pub(crate) async fn run(json: bool, language: Language) -> Result<Exit, Wrong> {
    let people = People::new(Screen::of_process(json), language);
    let mut steps = Vec::new();
    let told = |text: String| {
        if !json {
            screen::out(text.as_bytes());
        }
    };
    told(people.faintly(people.word(words::DEMO_TOR_IS), ""));
    let mut done = |step| {
        told(telling::whole(&step, &people));
        steps.push(step);
    };
    if let Err(error) = Box::pin(play(language, &mut done)).await {
        let missing = error.downcast_ref().is_some_and(|error| matches!(error, PrivateTorError::Missing { .. }));
        let word = if missing { words::DEMO_TOR_MISSING } else { words::DEMO_BROKE };
        return Err(Wrong(word.in_(language).to_owned()));
    }
    if json {
        document::print(&Document { steps: steps.iter().map(|step| step.document(language)).collect() });
    } else {
        told(format!("\n{}", people.faintly(people.word(words::DEMO_TOR_END), "")));
    }
    Ok(Exit::Reached)
}

/// Why the demo could not finish.
type Broken = Box<dyn Error + Send + Sync>;

async fn play(language: Language, done: &mut (dyn FnMut(Step) + Send)) -> Result<(), Broken> {
    let folder = tempfile::tempdir()?;
    let lab = Lab::new();
    let site = lab.host(NAME).at(&SITE.to_string()).https().http();
    let _ = site.page("/feed", Page::new(feed(language)).header("content-type", "application/rss+xml"));
    lab.censor().when_sni(NAME).reset();
    let served = lab.serve(&Options { ca_file: folder.path().join("ca.pem"), ..Options::default() }).await?;
    let no_port = "the site has no port";
    let direct = served.seen(IpAddr::V4(SITE), 443).ok_or(no_port)?;
    let plain = served.abroad(IpAddr::V4(SITE), 80).ok_or(no_port)?;
    let tor = start(plain).await?;

    let builder = || -> Result<_, Broken> {
        let roots = Roots::from_certificates(lab.ca_pem().as_bytes())?;
        let here = Destination::new(NAME, direct.port())?;
        Ok(Byway::builder().language(language).roots(roots).resolve(here, direct.ip()))
    };
    let link = format!("https://{NAME}:{}/feed", direct.port());
    let byway = builder()?.strategy(Strategy::direct()).build().await?;
    done(opened(&byway, words::DEMO_TOR_CUT, &link, "direct:").await);

    let network = TorNetwork::from_json(&tor.arti)?;
    let strategies = [Strategy::direct(), "tor:".parse()?];
    let byway = builder()?.strategies(strategies).tor_network(network).build().await?;
    done(opened(&byway, words::DEMO_TOR_READS, &link, "direct: -s tor:").await);
    let onion = format!("http://{}/feed", tor.onion);
    done(opened(&byway, words::DEMO_TOR_ONION, &onion, "tor:").await);
    byway.suspend().await?;
    // Its processes are waited for.
    tokio::task::spawn_blocking(move || drop(tor)).await?;
    Ok(())
}

async fn start(plain: SocketAddr) -> Result<PrivateTor, Broken> {
    let mut options = private_tor::Options::new(NAME, plain);
    options.names = match plain.ip() {
        IpAddr::V4(address) => Resolve::by(move |name| (name == NAME).then_some(address)),
        IpAddr::V6(_) => Resolve::by(|_| None),
    };
    Ok(tokio::task::spawn_blocking(move || PrivateTor::start(&options)).await??)
}

/// Opens a community, with what is said of Tor's start meanwhile.
async fn opened(byway: &Byway, title: words::Label, link: &str, strategies: &str) -> Step {
    let mut events = byway.engine_events();
    let outcome = match byway.open(link).await {
        Ok(opened) => Outcome::Opened(Box::new(opened)),
        Err(error) => Outcome::NotOpened(error),
    };
    let mut said: Vec<String> = Vec::new();
    while let Some(event) = events.try_next() {
        if matches!(event.kind, EngineEventKind::TorStarts { .. }) {
            let sentence = event.sentence(byway.language());
            if said.last() != Some(&sentence) {
                said.push(sentence);
            }
        }
    }
    let command = format!("byway open {link} -s {strategies}");
    Step { date: words::DEMO_TOR_NOW, title, command, said, outcome }
}

/// What the community publishes.
fn feed(language: Language) -> String {
    let (name, post) = (words::DEMO_NAME.in_(language), words::DEMO_POST_NEW.in_(language));
    format!(
        "<rss version=\"2.0\"><channel><title>{name}</title><link>https://{NAME}/</link><item><title>{post}</title>\
         <guid>1</guid><pubDate>Tue, 15 Nov 2016 05:00:00 GMT</pubDate></item></channel></rss>"
    )
}

const NAME: &str = "zavod.example";
const SITE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
