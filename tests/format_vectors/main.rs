//! docs/vectors/ has the cases of docs/format.md with their results, for readers in other languages.
//!
//! A file is a list of stories. A story is a list of steps that one reader takes, each with its result: it reads a charter, a
//! head, a freeze, a line, a file, a link, a bundle, what admins hand on, or is asked for a state. `UPDATE_PAGES=1 cargo test --test format_vectors` writes the
//! files anew; otherwise they are compared, and read as a stranger would read them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod admins;
mod carried;
mod chains;
mod content;
mod documents;
mod merged;
mod moves;
mod proposals;
mod reader;
mod story;

use std::fs;
use std::path::PathBuf;

use story::Story;

fn vectors() -> Vec<(&'static str, Vec<Story>)> {
    vec![
        ("envelopes", documents::envelopes()),
        ("charters", documents::charters()),
        ("heads", documents::heads()),
        ("chains", chains::chains()),
        ("states", [chains::states(), documents::freezes()].concat()),
        ("moves", moves::moves()),
        ("events", content::events()),
        ("files", content::files()),
        ("routes", admins::routes()),
        ("proposals", proposals::proposals()),
        ("cards", admins::cards()),
        ("links", carried::links()),
        ("bundles", carried::bundles()),
        ("lines", carried::lines()),
        ("merged", merged::merged()),
        ("walks", merged::walks()),
    ]
}

#[test]
fn the_vectors_are_those_of_this_format() {
    for (name, stories) in vectors() {
        let path = file(name);
        let mut text = serde_json::to_string_pretty(&stories).unwrap();
        text.push('\n');
        if std::env::var_os("UPDATE_PAGES").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == text, "{} has changed: UPDATE_PAGES=1 cargo test --test format_vectors", path.display());
    }
}

#[test]
fn the_kept_vectors_have_the_results_that_they_state() {
    for (name, _) in vectors() {
        let stories: Vec<Story> = serde_json::from_str(&fs::read_to_string(file(name)).unwrap()).unwrap();
        assert!(stories.len() >= 5, "{name}");
        for story in stories {
            for (number, (step, result)) in story.steps.iter().zip(reader::results(&story)).enumerate() {
                assert_eq!(step.result, result, "{name}: {}: step {number}", story.name);
            }
        }
    }
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("docs/vectors/{name}.json"))
}
