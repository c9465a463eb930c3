//! The commands that README.md and the pages print.

use super::*;

/// The commands that a page prints: lines of its `sh` blocks, and code spans that read or preview a link or a page.
fn printed_commands(page: &str) -> Vec<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" # ").next().unwrap().trim().to_owned());
    let prose: Vec<&str> = text.split("```").step_by(2).collect();
    let spans = prose.iter().flat_map(|part| part.split('`').skip(1).step_by(2)).map(str::to_owned);
    let reads = |command: &String| {
        ["open", "probe", "preview", "get"].iter().any(|verb| command.starts_with(&format!("byway {verb} ")))
    };
    lines.chain(spans).filter(reads).collect()
}

#[test]
fn every_command_that_a_page_prints_is_understood() {
    for (page, least) in [("README.md", 7), ("docs/threats.md", 2)] {
        let commands = printed_commands(page);
        assert!(commands.len() >= least, "{page}: {commands:?}");
        for command in commands {
            // `preview` takes the flags of the others and sends nothing; the rest is omitted.
            let words = command.split(' ').skip(2).filter(|word| !["--redacted", "--json", "--events"].contains(word));
            let words = words.map(|word| match word {
                "LINK" => "vk.com/NAME",
                "example.org" => "https://example.org",
                _ => word,
            });
            let output = byway().env("BYWAY_VK_TOKEN", TOKEN).arg("preview").args(words).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{command}: {}", stderr(&output));
            assert!(stdout(&output).contains("Nothing was sent."), "{command}: {}", stdout(&output));
        }
    }
}
