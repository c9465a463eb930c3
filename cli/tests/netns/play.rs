//! One row, played twice: by the library in the virtual lab, and by the program with real packets.

use std::time::Duration;

use byway::{Byway, Language, Reachability, Roots, Strategy, VkToken};
use byway_lab::Lab;
use serde_json::Value;

use crate::catching;
use crate::rows::{Deed, Row, Told};
use crate::scene::{Run, Stage};

/// The result of a row.
struct Played {
    told: Told,
    /// The rule that decided.
    rule: String,
    /// How long the program ran for its verdict; zero in the virtual lab.
    took: Duration,
    /// What a failure should show.
    account: String,
}

impl std::fmt::Display for Played {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} [{}]\n{}", self.told, self.rule, self.account)
    }
}

/// Plays a row on both sides, and returns the result in one line, or the error.
pub(crate) fn judge(row: &Row) -> Result<String, String> {
    let virtually = virtually(row);
    let expected = row.virtually.as_ref().map_or(&row.told, |(told, _)| told);
    if !virtually.told.meets(expected) {
        return Err(format!("the virtual lab says: {virtually}\nexpected: {expected}"));
    }
    let stage = Stage::set(&row.scene);
    let really = catching(|| really(row, &stage)).map_err(|why| format!("{why}\n{}", stage.logs()))?;
    if !really.told.meets(&row.told) {
        return Err(format!("packets say: {really}\nexpected: {}\n{}", row.told, stage.logs()));
    }
    match &row.virtually {
        Some((told, why)) => Ok(format!("{} [{}]; the virtual lab says {told}: {why}", really.told, really.rule)),
        None if virtually.told == really.told => {
            Ok(format!("{} [{}] {:.1} s", really.told, really.rule, really.took.as_secs_f64()))
        }
        None => Err(format!("packets say: {really}\nthe virtual lab says: {virtually}")),
    }
}

/// In the virtual lab.
fn virtually(row: &Row) -> Played {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let lab = Lab::new();
        (row.scene.setup)(&lab);
        (row.scene.in_its_place)(&lab);
        let byway = async |ways: &[&str]| {
            let ways: Vec<Strategy> = ways.iter().map(|way| way.parse().unwrap()).collect();
            let roots = Roots::from_certificates(&lab.ca_der()).unwrap();
            let token = VkToken::service("token");
            Byway::builder().strategies(ways).roots(roots).vk_token(token).net(lab.client()).build().await.unwrap()
        };
        let open = async |ways: &[&str], name| match byway(ways).await.open(&format!("vk.com/{name}")).await {
            Ok(opened) => played(&opened.reachability, Some(summary(&opened.community.name, opened.posts.len()))),
            Err(error) => played(error.reachability().unwrap(), Some(error.code().to_owned())),
        };
        match row.deed {
            Deed::Page(url) => {
                let reachability = byway(row.ways).await.probe(url).await.unwrap();
                let got = byway(row.ways).await.get(url).await.ok();
                let read = got.map(|got| String::from_utf8_lossy(&got.response.body).into_owned());
                played(&reachability, read)
            }
            Deed::Community(name) => open(row.ways, name).await,
            Deed::Moving(name) => {
                open(&row.ways[..1], name).await;
                open(&row.ways[1..], name).await
            }
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
        took: Duration::ZERO,
        account,
    }
}

/// With real packets.
fn really(row: &Row, stage: &Stage) -> Played {
    match row.deed {
        Deed::Page(url) => {
            let probe = stage.byway(row.ways, &["probe", url, "--json"]);
            let get = stage.byway(row.ways, &["get", url, "--json"]);
            let read = get.json()["body"].as_str().map(str::to_owned);
            let mut played = told(&probe, &probe.json(), true, read);
            played.account += &get.to_string();
            let expected = if played.told.read.is_some() { [0, 3].contains(&get.code) } else { get.code == 4 };
            assert!(expected, "the exit code of `get` is {}\n{get}", get.code);
            played
        }
        Deed::Community(name) => open(row.ways, name, stage),
        Deed::Moving(name) => {
            open(&row.ways[..1], name, stage);
            open(&row.ways[1..], name, stage)
        }
    }
}

fn open(ways: &[&str], name: &str, stage: &Stage) -> Played {
    let run = stage.byway(ways, &["open", &format!("vk.com/{name}"), "--json", "--vk-token-of", "app"]);
    let document = run.json();
    let name = document["community"]["name"].as_str();
    let posts = document["posts"].as_array().map_or(0, Vec::len);
    let fault = word(&document["error"]["code"]);
    // Content that the platform refuses is not reached, although the platform answered.
    let reached = fault.is_none();
    told(&run, &document["reachability"], reached, name.map(|name| summary(name, posts)).or(fault))
}

/// Reads the program's document, whose exit code must say the same.
fn told(run: &Run, reachability: &Value, reached: bool, read: Option<String>) -> Played {
    let verdict = &reachability["verdict"];
    let told = Told {
        code: word(&verdict["code"]).unwrap_or_else(|| panic!("no verdict: {run}")),
        layer: word(&verdict["layer"]),
        by: word(&reachability["reached_by"]),
        read,
    };
    let exit = match told.by.as_deref().filter(|_| reached) {
        Some(way) if way.starts_with("direct:") => 0,
        Some(_) => 3,
        None => 4,
    };
    assert_eq!(run.code, exit, "the exit code\n{run}");
    Played { told, rule: word(&verdict["rule"]).unwrap_or_default(), took: run.took, account: run.to_string() }
}

fn word(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The part of a community that is compared.
fn summary(name: &str, posts: usize) -> String {
    format!("{name}, {posts} {}", if posts == 1 { "post" } else { "posts" })
}
