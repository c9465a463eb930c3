//! `byway-lab serve`: the internet in a box on real sockets. Says where everything is as one JSON document on standard
//! output, and in words on standard error; runs until standard input closes, or SIGINT or SIGTERM comes.
//!
//! `byway-lab serve --at-true-addresses` and `byway-lab censor` are its two halves for network namespaces: the machines
//! at their own addresses, and the censor on a router in front of them. Each writes its nftables rules to standard
//! output once it is ready.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use byway_lab::private_tor::{self, PrivateTor, Resolve};
use byway_lab::{Ask, Lab, Options, Page, VkState, add_rule};
use clap::{Parser, Subcommand};
use serde_json::{Value, json};
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
    /// Stands as the censor on a router, and writes the nftables rules that lead the client's packets to it.
    Censor(Border),
    /// Lists the addresses that a namespace must have for `serve --at-true-addresses`.
    Addresses(Internet),
}

/// What is in the box.
#[derive(clap::Args)]
struct Internet {
    /// What the censor does, CONDITIONS:ACTION, e.g. sni=vk.com:reset or addr=vk.com,port=443:swallow. May be repeated.
    #[arg(long = "censor", value_name = "RULE")]
    censor: Vec<String>,
    /// Another web host with this text as its page, e.g. news.example=hello. May be repeated.
    #[arg(long = "host", value_name = "NAME=TEXT")]
    hosts: Vec<String>,
    /// Another web host with the files of this folder, as they are when they are asked for, e.g. zavod.example=zavod. May
    /// be repeated.
    #[arg(long = "folder", value_name = "NAME=DIR")]
    folders: Vec<String>,
    /// Another web host whose folder is written by WebDAV, by the user `anna` with the password `word`, and read by anyone. May be
    /// repeated.
    #[arg(long = "webdav", value_name = "NAME=DIR")]
    webdav: Vec<String>,
    /// What the VK-shaped platform knows, as JSON; a small community is made up without it.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

/// How long it runs, and what it says.
#[derive(clap::Args)]
struct Running {
    /// Goes on when standard input closes.
    #[arg(long)]
    ignore_stdin: bool,
    /// Does not say on standard error what happens.
    #[arg(long)]
    quiet: bool,
}

#[derive(clap::Args)]
struct Border {
    #[command(flatten)]
    internet: Internet,
    #[command(flatten)]
    running: Running,
    /// The router's interface where the client's packets come in.
    #[arg(long, value_name = "NAME")]
    towards_client: String,
}

#[derive(clap::Args)]
struct Serve {
    #[command(flatten)]
    internet: Internet,
    #[command(flatten)]
    running: Running,
    /// At the addresses and ports that URLs name, which this network namespace must have, without the censor; writes
    /// nftables rules instead of the JSON document.
    #[arg(long, conflicts_with = "port_base")]
    at_true_addresses: bool,
    /// Real ports count up from here; free ones are taken without it.
    #[arg(long, value_name = "PORT")]
    port_base: Option<u16>,
    /// Where the lab's certificate authority is written.
    #[arg(long, value_name = "FILE", default_value = "byway-lab-ca.pem")]
    ca_file: PathBuf,
    /// Starts a private Tor network beside it, by the `tor` of this machine; the document's `tor.network` is what a Tor client takes
    /// to use it. Its exits reach the hosts past the censor.
    #[arg(long, conflicts_with = "at_true_addresses")]
    private_tor: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let ended = match Arguments::parse().command {
        Command::Serve(options) if options.at_true_addresses => serve_at_true_addresses(options).await,
        Command::Serve(options) => serve(options).await,
        Command::Censor(options) => stand_between(options).await,
        Command::Addresses(internet) => addresses(&internet),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "byway-lab: {error}");
            ExitCode::from(2)
        }
    }
}

async fn serve(options: Serve) -> Result<(), String> {
    let lab = internet(&options.internet)?;
    let running = options.running;
    running.tell(&lab);
    let mut served = lab
        .serve(&Options { port_base: options.port_base, ca_file: options.ca_file.clone() })
        .await
        .map_err(|error| format!("the lab cannot be put on real sockets: {error}"))?;
    // It runs as long as this is held.
    let tor = if options.private_tor { Some(private_tor(&served.document).await?) } else { None };
    if let Some(tor) = &tor {
        served.document["tor"] = json!({ "network": tor.arti, "onion": tor.onion });
    }
    say(&serde_json::to_string_pretty(&served.document).unwrap_or_default())?;
    let _ = writeln!(
        io::stderr(),
        "The lab runs. Its authority is in {}. Try:\n  {}\nIt ends with Ctrl-C{}.",
        options.ca_file.display(),
        served.document["example"].as_str().unwrap_or("byway --help"),
        if running.ignore_stdin { "" } else { ", or when standard input closes" },
    );
    running.until_told().await
}

/// A private Tor network whose exits reach the hosts of the document.
async fn private_tor(document: &Value) -> Result<PrivateTor, String> {
    let hosts: Vec<&Value> = document["hosts"].as_array().into_iter().flatten().collect();
    let named = |host: &&Value| Some((host["name"].as_str()?.to_owned(), host["origin"].as_str()?.parse().ok()?));
    let origins: BTreeMap<String, Ipv4Addr> = hosts.iter().filter_map(named).collect();
    let plain = hosts.iter().filter(|host| host["name"] == REQUESTS).find_map(|host| {
        let mut urls = host["urls"].as_array()?.iter().filter_map(Value::as_str);
        let port =
            urls.find_map(|url| url.strip_prefix("http://")?.trim_end_matches('/').rsplit(':').next()?.parse().ok())?;
        Some(SocketAddr::from((*origins.get(REQUESTS)?, port)))
    });
    let mut options = private_tor::Options::new(REQUESTS, plain.ok_or("the document has no site for Tor's exits")?);
    options.names = Resolve::by(move |name| origins.get(name).copied());
    let started = tokio::task::spawn_blocking(move || PrivateTor::start(&options)).await;
    started.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

async fn serve_at_true_addresses(options: Serve) -> Result<(), String> {
    let lab = internet(&options.internet)?;
    options.running.tell(&lab);
    let rules = lab.serve_at_true_addresses(&options.ca_file).await;
    say(&rules.map_err(|error| format!("the machines cannot stand here: {error}"))?)?;
    options.running.until_told().await
}

async fn stand_between(options: Border) -> Result<(), String> {
    let lab = internet(&options.internet)?;
    options.running.tell(&lab);
    let rules = lab.stand_between(&options.towards_client).await;
    say(&rules.map_err(|error| format!("the censor cannot stand here: {error}"))?)?;
    options.running.until_told().await
}

fn addresses(options: &Internet) -> Result<(), String> {
    let lab = internet(options)?;
    say(&lab.addresses().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn say(text: &str) -> Result<(), String> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", text.trim_end()).and_then(|()| stdout.flush()).map_err(|error| error.to_string())
}

/// The lab to serve: a platform, a site, proxies in two countries, a Tor, a resolver abroad.
fn internet(serve: &Internet) -> Result<Lab, String> {
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
    requests_host(&lab);
    for host in &serve.hosts {
        let (name, text) = host.split_once('=').ok_or_else(|| format!("`{host}` is no NAME=TEXT"))?;
        lab.host(name).https().http().page("/", text.to_owned());
    }
    for host in &serve.folders {
        let (name, folder) = host.split_once('=').ok_or_else(|| format!("`{host}` is no NAME=DIR"))?;
        let folder = PathBuf::from(folder);
        lab.host(name).https().http().app(move |ask: &Ask| file(&folder, &ask.path));
    }
    for host in &serve.webdav {
        let (name, folder) = host.split_once('=').ok_or_else(|| format!("`{host}` is no NAME=DIR"))?;
        lab.host(name).https().http().webdav(Path::new(folder), "anna", "word");
    }
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab.socks5("login.de").at("198.51.100.8").country("de").password("user", "password");
    lab.http_proxy("proxy.fi").at("198.51.100.9").country("fi");
    lab.tor();
    lab.onion("bywaybywaybywaybywaybywaybywaybywaybywaybywaybywaybyway.onion").page("/", "The mirror.");
    lab.resolver("198.51.100.53").named("dns.example").tls().https();
    for rule in &serve.censor {
        add_rule(&lab, rule).map_err(|error| error.to_string())?;
    }
    Ok(lab)
}

/// The site of [`requests_host`].
const REQUESTS: &str = "http.example";

/// A site for HTTP clients: redirects, a slow body, a body that stalls, a cookie, and an answer that echoes the request
/// or redirects to the requested place.
fn requests_host(lab: &Lab) {
    lab.host(REQUESTS)
        .https()
        .http()
        .page("/hello", "Hello.")
        .redirect("/redirect", "/hello")
        .redirect("/circle", "/circle")
        .page("/missing", Page::new("There is no such page.").status(404))
        .page("/slow", Page::new(vec![b'.'; SLOW_PIECE * 20]).slowly(SLOW_PIECE, SLOW_PAUSE).chunked())
        .page("/stall", Page::new(vec![b'.'; 2 * STALL]).stall_after(STALL))
        .page("/silent", Page::new("Late.").after(SILENCE))
        .page("/cookie", Page::new("Take one.").header("set-cookie", "seen=yes; Path=/; Secure"))
        .app(|ask: &Ask| {
            let given = |name: &str| ask.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let page = Page::new(ask.body.clone())
                .header("x-method", ask.method.as_str())
                .header("x-repeated", given("x-repeat"))
                .header("x-cookie", given("cookie"));
            match given("x-location") {
                "" => page,
                target => page.status(302).header("location", target),
            }
        });
}

/// A file of a folder, of which no other file is shown.
fn file(folder: &Path, path: &str) -> Page {
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
    let path = path.trim_start_matches('/');
    match path.split('/').all(plain).then(|| std::fs::read(folder.join(path))) {
        Some(Ok(bytes)) => Page::new(bytes),
        _ => Page::new("There is no such file.").status(404),
    }
}

/// A piece of a slow body. It is below the rate at which a client waits for more before it shows anything.
const SLOW_PIECE: usize = 8 << 10;

/// The pause after each piece: twenty pieces take four seconds, so a test sees the first before the last.
const SLOW_PAUSE: Duration = Duration::from_millis(200);

/// How much of a stalling body comes: more than a client buffers before it shows anything.
const STALL: usize = 128 << 10;

/// Longer than a client waits for a head.
const SILENCE: Duration = Duration::from_secs(3600);

fn read_state(path: &Path) -> Result<VkState, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{} is no state of the platform: {error}", path.display()))
}

impl Running {
    /// Prints events, if that is wanted.
    fn tell(&self, lab: &Lab) {
        if !self.quiet {
            lab.watch(|event| {
                let _ = writeln!(io::stderr(), "{event}");
            });
        }
    }

    async fn until_told(&self) -> Result<(), String> {
        until_told(self.ignore_stdin).await.map_err(|error| error.to_string())
    }
}

async fn until_told(ignore_stdin: bool) -> io::Result<()> {
    let (closed, stdin) = oneshot::channel::<()>();
    // This is a thread and not tokio's stdin, whose read cannot be cancelled and would delay the runtime's end. It is
    // used in real time only.
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
