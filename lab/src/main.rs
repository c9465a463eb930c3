//! `byway-lab serve`: the internet in a box on real sockets. Says where everything is as one JSON document on standard
//! output, and in words on standard error; runs until standard input closes, or SIGINT or SIGTERM comes.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use byway_lab::{Lab, Options, VkState, add_rule};
use clap::{Parser, Subcommand};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

#[derive(Parser)]
#[command(name = "byway-lab", version, about = "A small internet in a box, with a censor")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts hosts, a VK-shaped platform, proxies, resolvers and a censor on loopback addresses.
    Serve(Serve),
}

#[derive(clap::Args)]
struct Serve {
    /// What the censor does, CONDITIONS:ACTION, e.g. sni=vk.com:reset or addr=vk.com,port=443:swallow. May be repeated.
    #[arg(long = "censor", value_name = "RULE")]
    censor: Vec<String>,
    /// Another web host with this text as its page, e.g. news.example=hello. May be repeated.
    #[arg(long = "host", value_name = "NAME=TEXT")]
    hosts: Vec<String>,
    /// What the VK-shaped platform knows, as JSON; a small community is made up without it.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Real ports count up from here; free ones are taken without it.
    #[arg(long, value_name = "PORT")]
    port_base: Option<u16>,
    /// Where the lab's certificate authority is written.
    #[arg(long, value_name = "FILE", default_value = "byway-lab-ca.pem")]
    ca_file: PathBuf,
    /// Goes on when standard input closes.
    #[arg(long)]
    ignore_stdin: bool,
    /// Does not say on standard error what happens.
    #[arg(long)]
    quiet: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Command::Serve(serve) = Arguments::parse().command;
    match run(serve).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "byway-lab: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(serve: Serve) -> Result<(), String> {
    let lab = internet(&serve)?;
    if !serve.quiet {
        lab.watch(|event| {
            let _ = writeln!(io::stderr(), "{event}");
        });
    }
    let options = Options { port_base: serve.port_base, ca_file: serve.ca_file.clone() };
    let served =
        lab.serve(&options).await.map_err(|error| format!("the lab cannot be put on real sockets: {error}"))?;
    let text = serde_json::to_string_pretty(&served.document).unwrap_or_default();
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(|error| error.to_string())?;
    drop(stdout);
    let _ = writeln!(
        io::stderr(),
        "The lab runs. Its authority is in {}. Try:\n  {}\nIt ends with Ctrl-C{}.",
        serve.ca_file.display(),
        served.document["example"].as_str().unwrap_or("byway --help"),
        if serve.ignore_stdin { "" } else { ", or when standard input closes" },
    );
    until_told(serve.ignore_stdin).await.map_err(|error| error.to_string())
}

/// The lab that is served: a platform, a site, proxies in two countries, a Tor, a resolver abroad.
fn internet(serve: &Serve) -> Result<Lab, String> {
    let lab = Lab::new();
    let vk = lab.vk();
    match &serve.state {
        Some(path) => vk.set_state(read_state(path)?),
        None => {
            let event = vk.event("byway_event", 1_798_797_600, 1_798_804_800).name("An evening").id(2000);
            vk.community("byway_club").id(1000).name("The club").organises(&event).post("Hello.").post_object(json!({
                "id": 2, "date": 1_793_534_400, "text": "Come to the evening.", "type": "post",
                "attachments": [{ "type": "event", "event": { "id": 2000, "time": 1_798_797_600, "text": "An evening" } }],
            }));
        }
    }
    lab.host("news.example").https().http().page("/", "<title>News</title>All is well.");
    for host in &serve.hosts {
        let (name, text) = host.split_once('=').ok_or_else(|| format!("`{host}` is no NAME=TEXT"))?;
        lab.host(name).https().http().page("/", text.to_owned());
    }
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab.socks5("login.de").at("198.51.100.8").country("de").password("user", "password");
    lab.http_proxy("proxy.fi").at("198.51.100.9").country("fi");
    lab.tor();
    lab.onion("bywaybywaybywaybywaybywaybywaybywaybywaybywaybywaybyway.onion").page("/", "The mirror.");
    lab.resolver("198.51.100.53");
    for rule in &serve.censor {
        add_rule(&lab, rule).map_err(|error| error.to_string())?;
    }
    Ok(lab)
}

fn read_state(path: &std::path::Path) -> Result<VkState, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{} is no state of the platform: {error}", path.display()))
}

async fn until_told(ignore_stdin: bool) -> io::Result<()> {
    let (closed, stdin) = oneshot::channel::<()>();
    // A thread, not tokio's stdin: its read cannot be given up, and would hold the runtime's end. Real time only.
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock().by_ref(), &mut io::sink());
        drop(closed);
    });
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
        _ = stdin, if !ignore_stdin => Ok(()),
    }
}
