//! `byway community publish`: brings a folder, a bucket or a WebDAV folder to the newest state.

use std::path::Path;

use byway::Language;
use byway::publisher::{Publisher, RemoteScope};
use byway::upload::{UploadCredentials, UploadError, UploadTarget, UploadTargetError, Uploaded, Uploader};
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::admins;
use super::opening::say_frozen;
use crate::args::{AdminArgs, RouteArgs, ServerArgs};
use crate::exit::Exit;
use crate::files;
use crate::people::People;
use crate::plain::line;
use crate::screen::{self, Screen, say};
use crate::served::{self, Secret};
use crate::setup;
use crate::words::{self, Label};
use crate::wrong::{Wrong, unended, wrong_folder};

/// Where to publish, and how.
pub(super) struct Target<'a> {
    pub(super) into: &'a str,
    pub(super) server: &'a ServerArgs,
    pub(super) routes: &'a RouteArgs,
    pub(super) take_in: bool,
    pub(super) replace: bool,
    pub(super) admin: &'a AdminArgs,
}

pub(super) async fn to(
    mut community: Publisher,
    publish: &Target<'_>,
    now: Timestamp,
    language: Language,
) -> Result<Exit, Wrong> {
    if publish.into.contains("://") {
        return to_server(community, publish, now, language).await;
    }
    let (into, earlier) = (Path::new(publish.into), community.frozen(now));
    if publish.take_in {
        community.take_in(into, now).map_err(wrong_folder(into, language))?;
    }
    let written = if publish.replace { community.publish_over(into, now) } else { community.publish(into, now) };
    wrote(publish.into, written.map_err(wrong_folder(into, language))?.changed, language);
    say_if_frozen_there(&community, earlier, now, language);
    admins::say_recovery(&community, publish.admin, now, language);
    Ok(Exit::Reached)
}

/// Refuses a secret where everyone could fetch it, and a target folder around the community's own one.
pub(super) fn keep_apart(into: &str, server: &ServerArgs, admin: &AdminArgs, language: Language) -> Result<(), Wrong> {
    let credentials = server.credentials.as_deref().map(|path| ("--credentials", path));
    let passphrase = admin.passphrase_file.as_deref().map(|path| ("--passphrase-file", path));
    let keys = ("--keys", admin.keys.as_path());
    let secrets: Vec<Secret<'_>> = [Some(keys), passphrase, credentials].into_iter().flatten().collect();
    if into.contains("://") {
        return served::keep_out(&secrets, &[&admin.dir], language);
    }
    served::keep_out(&secrets, &[Path::new(into), &admin.dir], language)?;
    if served::is_above(Path::new(into), &admin.dir) {
        return Err(Wrong(format!("--into {into}: {}", words::INTO_ABOVE.in_(language))));
    }
    Ok(())
}

async fn to_server(
    mut community: Publisher,
    publish: &Target<'_>,
    now: Timestamp,
    language: Language,
) -> Result<Exit, Wrong> {
    let (into, earlier) = (Path::new(publish.into), community.frozen(now));
    let uploader = uploader(publish.into, publish.server, publish.routes, language).await?;
    let all = publish.server.check_all || publish.take_in;
    let scope = if all { RemoteScope::All } else { RemoteScope::Changed };
    let remote = match uploader.look(&community, scope, now).await {
        Ok(remote) => remote,
        Err(error) => return failed(&error, publish.into, language),
    };
    if publish.take_in {
        community.take_in_remote(&remote, now).map_err(wrong_folder(into, language))?;
    }
    let plan = community.plan(&remote, publish.replace, now).map_err(wrong_folder(into, language))?;
    say_if_frozen_there(&community, earlier, now, language);
    admins::say_recovery(&community, publish.admin, now, language);
    match uploader.send(plan).await {
        Ok(uploaded) => {
            wrote(publish.into, uploaded.changed, language);
            Ok(Exit::Reached)
        }
        Err(error) => failed(&error, publish.into, language),
    }
}

/// Says that the target has a freeze which the admin's folder did not have when it was opened: it was taken in.
fn say_if_frozen_there(community: &Publisher, earlier: Option<Timestamp>, now: Timestamp, language: Language) {
    if community.frozen(now) != earlier {
        say_frozen(community, now, language);
    }
}

/// What publishes to a server, by the routes that are allowed.
pub(super) async fn uploader(
    into: &str,
    server: &ServerArgs,
    routes: &RouteArgs,
    language: Language,
) -> Result<Uploader, Wrong> {
    let target = target(into, server, language)?;
    let credentials = credentials(server, &target, language)?;
    let byway = setup::byway_for_uploads(routes, language).await?;
    let uploader = Uploader::new(&byway, target).with_direct(routes.allow_direct);
    Ok(match credentials {
        Some(credentials) => uploader.with_credentials(credentials),
        None => uploader,
    })
}

/// How the publishing of a freeze ended.
pub(super) fn frozen(uploaded: Result<Uploaded, UploadError>, into: &str, language: Language) -> Result<Exit, Wrong> {
    match uploaded {
        Ok(_) => {
            say(words::FROZEN.in_(language));
            Ok(Exit::Reached)
        }
        Err(error) => failed(&error, into, language),
    }
}

fn target(into: &str, server: &ServerArgs, language: Language) -> Result<UploadTarget, Wrong> {
    let wrong = |flag: &str| {
        let flag = flag.to_owned();
        move |error: UploadTargetError| Wrong(format!("{flag}: {}", unended(error.sentence(language))))
    };
    let mut target = into.parse::<UploadTarget>().map_err(wrong("--into"))?;
    if let Some(endpoint) = &server.s3_endpoint {
        target = target.with_endpoint(endpoint).map_err(wrong("--s3-endpoint"))?;
    }
    if let Some(region) = &server.s3_region {
        target = target.with_region(region).map_err(wrong("--s3-region"))?;
    }
    Ok(target)
}

/// The credentials, from the file or, only if that is asked for, from the environment. They never come from an argument:
/// every process can see those.
fn credentials(
    server: &ServerArgs,
    target: &UploadTarget,
    language: Language,
) -> Result<Option<UploadCredentials>, Wrong> {
    let wrong = |whence: &str, what: &str| Wrong(format!("{whence}: {}", unended(what.to_owned())));
    if let Some(path) = &server.credentials {
        let whence = path.display().to_string();
        if files::is_for_others(path) {
            return Err(wrong(&whence, words::OPEN_TO_OTHERS.in_(language)));
        }
        let bytes = Zeroizing::new(files::read(path, CREDENTIALS_BYTES, language)?);
        let text = std::str::from_utf8(&bytes).map_err(|_| wrong(&whence, words::NO_UTF8.in_(language)))?;
        return UploadCredentials::parse(text).map(Some).map_err(|error| wrong(&whence, &error.sentence(language)));
    }
    if !server.credentials_from_env {
        return Ok(None);
    }
    let read = |name: &str| std::env::var(name).map(Zeroizing::new);
    let given = |name: &str| read(name).map_err(|_| wrong(name, words::NOT_SET.in_(language)));
    let made = if target.is_bucket() {
        let token = read("AWS_SESSION_TOKEN").ok().filter(|token| !token.is_empty());
        let token = token.as_ref().map(|token| token.as_str());
        UploadCredentials::key(&given("AWS_ACCESS_KEY_ID")?, &given("AWS_SECRET_ACCESS_KEY")?, token)
    } else {
        UploadCredentials::login(&given("BYWAY_DAV_USER")?, &given("BYWAY_DAV_PASSWORD")?)
    };
    made.map(Some).map_err(|error| wrong("--credentials-from-env", &error.sentence(language)))
}

/// Nothing was reached: what that means, as for `get`. Anything else is said in one sentence.
fn failed(error: &UploadError, into: &str, language: Language) -> Result<Exit, Wrong> {
    let reachability = match error {
        UploadError::Unreached(error) => error.reachability(),
        _ => None,
    };
    let Some(reachability) = reachability else {
        return Err(Wrong(format!("{}: {}", line(into), unended(error.sentence(language)))));
    };
    let screen = Screen::of_process(false);
    screen::err(&People::new(screen.of_errors(), language).probe(reachability));
    say(&error.sentence(language));
    Ok(Exit::NotReached)
}

fn wrote(into: &str, changed: usize, language: Language) {
    let said: Label = words::FILES_WRITTEN;
    screen::out(format!("{}: {} {changed}\n", line(into), said.in_(language)).as_bytes());
}

/// Session tokens have about 1,000 bytes.
const CREDENTIALS_BYTES: u64 = 16 * 1024;
