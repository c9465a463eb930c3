//! `byway demo --tor`, with the real processes that it starts.

use std::process::{Command, Output};

use serde_json::Value;

use crate::daemon::demand;

/// How often the demo is run until Tor carries everything in it.
const RUNS: usize = 5;

fn demo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_byway")).args(["demo", "--tor"]).args(arguments).output().unwrap()
}

#[test]
fn the_demo_with_tor_reads_a_cut_site_and_an_onion() {
    demand("tor", "tor");
    let mut runs = 0;
    let (told, exits) = loop {
        let output = demo(&["--json", "--lang", "ru"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let steps = told["steps"].as_array().unwrap();
        let exits: Vec<_> = steps.iter().map(|step| step["exit"].as_u64().unwrap()).collect();
        runs += 1;
        // On a busy machine a circuit may break at any time.
        if exits == [4, 3, 3] || runs == RUNS {
            break (told, exits);
        }
        eprintln!("again: {told}");
    };
    assert_eq!(exits, [4, 3, 3], "{told}");
    let steps = told["steps"].as_array().unwrap();
    assert_eq!(steps[0]["result"]["reachability"]["verdict"]["layer"], "tls", "{told}");
    assert!(steps[1]["events"].as_array().unwrap().iter().all(|event| event.as_str().unwrap().contains('%')), "{told}");
    for step in &steps[1..] {
        assert_eq!(step["result"]["reachability"]["reached_by"], "tor:", "{told}");
        assert_eq!(step["result"]["posts"].as_array().unwrap().len(), 1, "{told}");
    }
    assert!(steps[2]["command"].as_str().unwrap().contains(".onion/"), "{told}");
    assert!(steps[1]["title"].as_str().unwrap().contains("Разрешён"), "{told}");
}

#[test]
fn the_demo_says_in_one_sentence_that_tor_is_missing() {
    let tor = demand("tor", "tor").display().to_string();
    // What is no plain file is no program.
    let script = format!("mount --bind /dev/null {tor} && exec '{}' demo --tor", env!("CARGO_BIN_EXE_byway"));
    let output = Command::new("unshare").args(["--mount", "sh", "-c", &script]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), said.trim_end().lines().count()), (Some(2), 1), "{said}");
    assert!(said.contains("the program `tor`"), "{said}");
}
