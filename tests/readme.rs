//! The Rust code of README.md compiles and does what it says, over the lab.
//!
//! Each `rust` block of the page stands below, word for word, as the body of a function. The first test compares them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test")]

use std::error::Error;
use std::fs;
use std::path::Path;

use byway_lab::Lab;

/// This is compiled and not run: it would leave this machine.
#[allow(dead_code, reason = "compiling it is the test")]
async fn opening(token: byway::VkToken) -> Result<(), Box<dyn Error>> {
    use byway::{Byway, Language};

    let byway = Byway::builder()
        .strategy("direct:".parse()?)
        .strategy("tor+socks5://127.0.0.1:9050".parse()?)
        .vk_token(token)
        .build()
        .await?;
    let opened = byway.open("vk.com/NAME").await?;
    for post in &opened.posts {
        println!("{}", post.text);
    }
    println!("{}", opened.reachability.sentence(Language::En));
    Ok(())
}

async fn watching(byway: &byway::Byway) {
    let mut events = byway.engine_events();
    while let Some(event) = events.next().await {
        println!("{event}"); // access 1, 250 ms: Attempt 2, through Tor: another one is silent.
    }
}

#[test]
fn every_rust_block_of_the_readme_is_compiled_here() {
    let page = read("README.md");
    let here = read("tests/readme.rs");
    let blocks: Vec<&str> =
        page.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap().trim_end()).collect();
    assert_eq!(blocks.len(), 2, "a new block gets a function of its own here");
    for block in blocks {
        let body: String =
            block.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect();
        assert!(here.contains(&body), "this block of README.md is not compiled:\n{block}");
    }
}

/// The Kotlin and Swift of the page are the code that the packaged libraries' consumers compile and run.
#[test]
fn the_other_languages_of_the_readme_are_compiled_elsewhere() {
    let page = read("README.md");
    for (language, file) in [
        ("kotlin", "bindings/kotlin/consumers/packaged/src/main/kotlin/FirstPost.kt"),
        ("swift", "bindings/swift/Consumers/first-post/Sources/first-post/FirstPost.swift"),
    ] {
        let blocks: Vec<&str> = page.split(&format!("```{language}\n")).skip(1).collect();
        assert_eq!(blocks.len(), 1, "one block of {language}");
        let block = blocks[0].split("```").next().unwrap();
        assert!(read(file).contains(block), "{file} does not hold the {language} of README.md:\n{block}");
    }
}

/// Listings of the guides that nothing compiles here. Each page says so of its own.
const OF_AN_APP: [&str; 4] =
    ["class SyncWorker(", "suspend fun openFromCard(", "repositories {", "BGTaskScheduler.shared.register("];

#[test]
fn every_listing_of_the_app_guides_is_compiled_elsewhere() {
    for (page, language, files) in [
        (
            "docs/android.md",
            "kotlin",
            [
                "bindings/kotlin/consumers/packaged/src/main/kotlin/FirstPost.kt",
                "bindings/kotlin/byway-okhttp/src/test/kotlin/Guide.kt",
            ],
        ),
        (
            "docs/ios.md",
            "swift",
            [
                "bindings/swift/Consumers/first-post/Sources/first-post/FirstPost.swift",
                "bindings/swift/Tests/BywayTests/Guide.swift",
            ],
        ),
    ] {
        let compiled: Vec<String> = files.map(|file| without_indent(&read(file))).into();
        let text = read(page);
        let blocks: Vec<&str> = text
            .split(&format!("```{language}\n"))
            .skip(1)
            .map(|rest| rest.split("```").next().unwrap())
            .filter(|block| !OF_AN_APP.iter().any(|start| block.starts_with(start)))
            .collect();
        assert!(blocks.len() > 2, "{page} has its listings");
        for block in blocks {
            let lines = without_indent(block);
            assert!(compiled.iter().any(|file| file.contains(&lines)), "{page} shows what is not compiled:\n{block}");
        }
    }
}

/// A listing stands alone on a page, and inside of a function where it is compiled.
fn without_indent(code: &str) -> String {
    code.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[tokio::test(start_paused = true)]
async fn the_line_that_the_readme_quotes_is_printed() {
    let lab = Lab::new();
    lab.host("site.example").at("203.0.113.10").https().page("/", "the page");
    lab.censor().when_sni("site.example").swallow();
    let tor = lab.tor().url();
    let roots = byway::Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let ways = ["direct:".parse().unwrap(), tor.parse().unwrap()];
    let byway = byway::Byway::builder().strategies(ways).roots(roots).net(lab.client()).build().await.unwrap();
    let mut events = byway.engine_events();
    byway.get("https://site.example/").await.unwrap();
    let told: Vec<String> = std::iter::from_fn(|| events.try_next()).map(|event| event.to_string()).collect();
    let quoted = read("README.md").split("// ").find(|rest| rest.starts_with("access 1")).unwrap().to_owned();
    let quoted = quoted.lines().next().unwrap();
    assert!(told.iter().any(|line| line == quoted), "{quoted} is not in {told:#?}");

    // The loop ends with the engine.
    let loop_of_the_readme = watching(&byway);
    assert!(tokio::time::timeout(std::time::Duration::from_secs(1), loop_of_the_readme).await.is_err());
}

fn read(page: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap()
}
