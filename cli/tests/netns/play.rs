//! One row, played twice: by the library in the virtual lab, and by the program with real packets.

use byway::sentences::Language;
use byway::source::vk::VkToken;
use byway::transport::Strategy;
use byway::wire::tls::Roots;
use byway::{Byway, Reachability};
use byway_lab::Lab;
use serde_json::Value;

use crate::rows::{Deed, Row, Told};
use crate::scene::{Run, Stage};

/// What a row came to.
pub(crate) struct Played {
    pub(crate) told: Told,
    /// The rule that decided, and what a failed assertion should show.
    pub(crate) rule: String,
    pub(crate) account: String,
}

/// In the virtual lab.
pub(crate) fn virtually(row: &Row) -> Played {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let lab = Lab::new();
        (row.scene.setup)(&lab);
        (row.scene.in_its_place)(&lab);
        let byway = || {
            let ways: Vec<Strategy> = row.ways.iter().map(|way| way.parse().unwrap()).collect();
            let mut roots = Roots::default();
            roots.authoritative.push(lab.ca_der());
            let token = VkToken::service("token");
            Byway::builder().strategies(ways).roots(roots).vk_token(token).net(lab.client()).build().unwrap()
        };
        match row.deed {
            Deed::Page(url) => {
                let reachability = byway().probe(url).await.unwrap();
                let got = byway().get(url).await.ok();
                let read = got.map(|got| String::from_utf8_lossy(&got.response.body).into_owned());
                played(&reachability, read)
            }
            Deed::Community(name) => match byway().open(&format!("vk.com/{name}")).await {
                Ok(opened) => played(&opened.reachability, Some(summary(&opened.community.name, opened.posts.len()))),
                Err(error) => played(error.reachability().unwrap(), None),
            },
        }
    })
}

fn played(reachability: &Reachability, read: Option<String>) -> Played {
    let verdict = &reachability.verdict;
    let mut account = format!("{}\n", reachability.sentence(Language::En));
    for attempt in &reachability.attempts {
        let (stage, outcome) = (attempt.stage, attempt.outcome.code());
        account +=
            &format!("{} {stage} {outcome} {:?} {:?}\n", attempt.strategy.redacted(), attempt.address, attempt.took);
    }
    Played {
        told: Told {
            code: word(&serde_json::to_value(verdict.code).unwrap()).unwrap(),
            layer: word(&serde_json::to_value(verdict.layer).unwrap()),
            by: reachability.reached_by.as_ref().map(Strategy::redacted),
            read,
        },
        rule: verdict.rule.to_string(),
        account,
    }
}

/// With real packets.
pub(crate) fn really(row: &Row, stage: &Stage) -> Played {
    match row.deed {
        Deed::Page(url) => {
            let probe = stage.byway(row.ways, &["probe", url, "--json"]);
            let get = stage.byway(row.ways, &["get", url, "--json"]);
            let read = get.json()["body"].as_str().map(str::to_owned);
            let mut played = told(&probe, probe.json(), read);
            played.account += &get.to_string();
            let expected = if played.told.read.is_some() { [0, 3].contains(&get.code) } else { get.code == 4 };
            assert!(expected, "the exit code of `get` is {}\n{get}", get.code);
            played
        }
        Deed::Community(name) => {
            let link = format!("vk.com/{name}");
            let open = stage.byway(row.ways, &["open", &link, "--json", "--vk-token-of", "app"]);
            let document = open.json();
            let name = document["community"]["name"].as_str();
            let read = name.map(|name| summary(name, document["posts"].as_array().map_or(0, Vec::len)));
            told(&open, document["reachability"].clone(), read)
        }
    }
}

/// From the program's document, whose exit code must say the same.
fn told(run: &Run, reachability: Value, read: Option<String>) -> Played {
    let verdict = &reachability["verdict"];
    let told = Told {
        code: word(&verdict["code"]).unwrap_or_else(|| panic!("no verdict: {run}")),
        layer: word(&verdict["layer"]),
        by: word(&reachability["reached_by"]),
        read,
    };
    let exit = match told.by.as_deref() {
        Some(way) if way.starts_with("direct:") => 0,
        Some(_) => 3,
        None => 4,
    };
    assert_eq!(run.code, exit, "the exit code\n{run}");
    Played { told, rule: word(&verdict["rule"]).unwrap_or_default(), account: run.to_string() }
}

fn word(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// What of a community is compared.
fn summary(name: &str, posts: usize) -> String {
    format!("{name}, {posts} {}", if posts == 1 { "post" } else { "posts" })
}
