//! `byway community key | approve | recover | freeze`: what several admins decide together.

use std::path::{Path, PathBuf};

use byway::publisher::{
    Approvals, CommunityKeys, KeyChanges, MAX_PROPOSAL_BYTES, Proposal, PublicKeys, PublishError, Publisher, QrCode,
    Statement, place_freeze, place_recovery,
};
use byway::{KeyFileError, KeyFingerprint, Language};
use jiff::Timestamp;

use crate::args::{AdminArgs, KeyCommand, PartArgs, ProposeArgs};
use crate::exit::Exit;
use crate::keys::KeySource;
use crate::moments::moment;
use crate::plain::{line, shell_word};
use crate::screen::{self, Screen, say, say_commands};
use crate::wrong::{Wrong, cannot, unended, wrong_file, wrong_folder as wrong};
use crate::{files, served, words};

/// Makes or shows the keys of one admin.
pub(super) fn key(command: &KeyCommand, language: Language) -> Result<Exit, Wrong> {
    let (keys, is_new) = match command {
        KeyCommand::New { keys, passphrase_file } => {
            if files::itself(keys).is_ok_and(|found| found.is_some()) {
                return Err(of_keys(&KeyFileError::Exists, keys, language));
            }
            (made(keys, passphrase_file.clone(), words::PASSPHRASE_OF_NEW_KEYS, language)?, true)
        }
        KeyCommand::Show { keys, passphrase_file } => (opened_keys(keys, passphrase_file.clone(), language)?, false),
    };
    let public = keys.public();
    let mut out = format!("{public}\n\n");
    let [decides, publishes, writes] = public.fingerprints();
    for (word, print) in [(words::KEY_DECIDES, decides), (words::KEY_PUBLISHES, publishes), (words::KEY_WRITES, writes)]
    {
        out.push_str(&format!("{}: {print}\n", word.in_(language)));
    }
    screen::out(out.as_bytes());
    if is_new {
        say(words::KEYS_MADE.in_(language));
    }
    Ok(Exit::Reached)
}

pub(super) fn made(
    path: &Path,
    passphrase_file: Option<PathBuf>,
    prompt: words::Label,
    language: Language,
) -> Result<CommunityKeys, Wrong> {
    keep_out_of_communities(path, passphrase_file.as_deref(), language)?;
    let passphrase = key_source(passphrase_file, language).new_passphrase(prompt)?;
    if passphrase.expose().chars().count() < SHORT_PASSPHRASE {
        say(words::PASSPHRASE_SHORT.in_(language));
    }
    CommunityKeys::create(path, passphrase).map_err(|error| of_keys(&error, path, language))
}

/// Who gets which part, from the flags.
pub(super) fn key_changes(parts: &PartArgs, removed: &[String], language: Language) -> Result<KeyChanges, Wrong> {
    let read = |flag: &str, lines: &[String]| -> Result<Vec<PublicKeys>, Wrong> {
        let read = |line: &String| {
            line.parse().map_err(|error: PublishError| Wrong(format!("{flag}: {}", unended(error.sentence(language)))))
        };
        lines.iter().map(read).collect()
    };
    let mut changes = KeyChanges::default();
    changes.root = read("--root-key", &parts.root_key)?;
    changes.threshold = parts.threshold.map(u64::from);
    changes.publishers = read("--publisher", &parts.publisher)?;
    changes.moderators = read("--moderator", &parts.moderator)?;
    changes.recovery = read("--recovery", &parts.recovery)?;
    changes.recovery_threshold = parts.recovery_threshold.map(u64::from);
    changes.recovery_days = parts.recovery_days.map(u64::from);
    // What errors and proposals show is the fingerprint of one key.
    let (keys, people): (Vec<_>, Vec<_>) =
        removed.iter().cloned().partition(|text| KeyFingerprint::parse(text).is_some());
    changes.removed = read("--remove", &people)?;
    changes.removed_keys = keys.iter().filter_map(|text| KeyFingerprint::parse(text)).collect();
    if !changes.removed_keys.is_empty() {
        say(words::ONE_KEY_REMOVED.in_(language));
    }
    Ok(changes)
}

/// Writes a proposal that these keys have signed, and shows what it would change.
pub(super) fn propose(
    file: &Path,
    proposing: &ProposeArgs,
    by: &Proposer<'_>,
    proposal: &Proposal,
    language: Language,
) -> Result<Exit, Wrong> {
    let Proposer { dir, keys, fingerprint, .. } = *by;
    served::keep_out(&[("--propose", file)], &[dir], language)?;
    // What could not be written is not noted as signed, or its second try would be its own rival.
    let bytes = proposal.to_bytes();
    let written = files::ready(file, &bytes, files::Written::Proposal, language)?;
    Approvals::beside(keys).note(proposal, proposing.instead).map_err(|error| refused(&error, keys, language))?;
    written.named()?;
    show(proposal, Timestamp::now(), language);
    let path = |path: &Path| shell_word(&path.display().to_string());
    let (file, dir, keys) = (path(file), path(dir), path(by.publishes.unwrap_or(keys)));
    // The others have the file under its name, and their own folder and keys.
    let with_folder = if proposal.is_founding() { "" } else { " --dir DIR" };
    let approve = format!("byway community approve FILE{with_folder} --keys KEYS");
    let (then, enact) = if proposal.is_recovery() {
        (words::PROPOSED_RECOVERY, format!("byway community recover --proposal {file} --dir {dir}"))
    } else {
        (words::PROPOSED_THEN, format!("byway community publish --proposal {file} --dir {dir} --keys {keys}"))
    };
    say_commands(
        &format!("{} {fingerprint}. {}", words::YOURS.in_(language), words::PROPOSED.in_(language)),
        [&approve],
    );
    say_commands(then.in_(language), [&enact]);
    Ok(Exit::Reached)
}

/// Who proposes something.
#[derive(Clone, Copy)]
pub(super) struct Proposer<'a> {
    pub(super) dir: &'a Path,
    /// The file with the keys that sign.
    pub(super) keys: &'a Path,
    pub(super) fingerprint: KeyFingerprint,
    /// The file with the keys that publish it, where these are others.
    pub(super) publishes: Option<&'a Path>,
}

/// Shows a proposal before anything is asked, and signs it.
pub(super) fn approve(
    file: &Path,
    keys: Option<&Path>,
    dir: Option<&Path>,
    (instead, qr): (bool, bool),
    passphrase_file: Option<PathBuf>,
    language: Language,
) -> Result<Exit, Wrong> {
    let now = Timestamp::now();
    let mut proposal = read(file, &[], language)?;
    if let Some(dir) = dir
        && !proposal.is_founding()
    {
        proposal.compare(dir, now).map_err(wrong(dir, language))?;
    }
    show(&proposal, now, language);
    let is_alone = dir.is_none() && !proposal.is_founding();
    let Some(path) = keys else {
        if is_alone {
            say(words::PROPOSAL_ALONE.in_(language));
        }
        return Ok(Exit::Reached);
    };
    if is_alone {
        return Err(Wrong(format!("--dir: {}", unended(PublishError::ProposalUncompared.sentence(language)))));
    }
    let keys = opened_keys(path, passphrase_file, language)?;
    proposal.approve(&keys, dir, now).map_err(wrong(file, language))?;
    let bytes = proposal.to_bytes();
    let written = files::ready(file, &bytes, files::Written::Proposal, language)?;
    Approvals::beside(path).note(&proposal, instead).map_err(|error| refused(&error, path, language))?;
    written.named()?;
    let approval = proposal.approval(&keys).unwrap_or_default();
    let mut out = format!("{approval}\n");
    if qr && let Ok(code) = QrCode::of(&approval) {
        out.push_str(&format!("\n{}", code.terminal(Screen::of_process(false).watched)));
    }
    screen::out(out.as_bytes());
    let yours = format!("{} {}.", words::YOURS.in_(language), keys.fingerprint());
    say(&format!("{yours} {} {}", missing(&proposal, language), words::APPROVED.in_(language)));
    Ok(Exit::Reached)
}

/// Puts a proposal in force.
pub(super) fn enacted(
    proposal: &Path,
    approvals: &[String],
    admin: &AdminArgs,
    is_published: bool,
    now: Timestamp,
    language: Language,
) -> Result<Publisher, Wrong> {
    let mut proposal = read(proposal, approvals, language)?;
    let compared = if proposal.is_founding() { Ok(()) } else { proposal.compare(&admin.dir, now) };
    // Another file may have come back than the one that was signed here.
    show(&proposal, now, language);
    compared.map_err(wrong(&admin.dir, language))?;
    let keys = opened_keys(&admin.keys, admin.passphrase_file.clone(), language)?;
    let community = Publisher::open_with(&admin.dir, keys, &proposal, now, language);
    let community = community.map_err(|error| of_proposal(&error, admin, language))?;
    if proposal.is_founding() {
        screen::out(format!("{}\n", community.link(byway::Exposure::Open, now)).as_bytes());
    }
    if proposal.is_founding() {
        say(words::FOUNDED_BY_SEVERAL.in_(language));
    } else if is_published {
        say(words::IN_FORCE.in_(language));
    } else {
        say(&format!("{} {}", words::IN_FORCE.in_(language), words::PUBLISH_IT.in_(language)));
    }
    Ok(community)
}

/// Why a proposal is not made or put in force. The flag about the clock is for what one admin signs alone.
pub(super) fn of_proposal(error: &PublishError, admin: &AdminArgs, language: Language) -> Wrong {
    let Wrong(mut said) = wrong(&admin.dir, language)(error.clone());
    if admin.clock_is_right && matches!(error, PublishError::Clock { .. }) {
        said.push_str(&format!(" {}", words::CLOCK_OF_PROPOSALS.in_(language)));
    }
    Wrong(said)
}

/// What `recover` does.
pub(super) struct Recovering<'a> {
    pub(super) parts: &'a PartArgs,
    pub(super) proposal: Option<&'a Path>,
    pub(super) approvals: &'a [String],
    pub(super) veto: bool,
    pub(super) proposing: &'a ProposeArgs,
    pub(super) dir: &'a Path,
    pub(super) keys: Option<&'a Path>,
    pub(super) passphrase_file: Option<PathBuf>,
}

pub(super) fn recover(what: Recovering<'_>, now: Timestamp, language: Language) -> Result<Exit, Wrong> {
    let Recovering { parts, proposal, approvals, veto, proposing, dir, keys, passphrase_file } = what;
    if let Some(file) = proposal {
        let proposal = read(file, approvals, language)?;
        show(&proposal, now, language);
        let until = place_recovery(dir, &proposal, now).map_err(wrong(dir, language))?;
        say(&format!("{} {}.", words::RECOVERY_PLACED.in_(language), until.strftime("%Y-%m-%d %H:%M UTC")));
        return Ok(Exit::Reached);
    }
    let path = keys.unwrap_or(Path::new(""));
    let changes = key_changes(parts, &[], language)?;
    let keys = opened_keys(path, passphrase_file, language)?;
    if veto && proposing.propose.is_none() {
        let mut community = Publisher::open(dir, keys, now, language).map_err(wrong(dir, language))?;
        let same = community.statement(now);
        community.restate(&same, now).map_err(|error| refused(&error, dir, language))?;
        say(words::VETOED.in_(language));
        return Ok(Exit::Reached);
    }
    let made = if veto {
        let same = Statement::of(dir, now).map_err(wrong(dir, language))?;
        Proposal::restating(dir, &keys, &same, now)
    } else {
        Proposal::recovering(dir, &keys, &changes, now)
    };
    let made = made.map_err(wrong(dir, language))?;
    match &proposing.propose {
        Some(file) => {
            let by = Proposer { dir, keys: path, fingerprint: keys.fingerprint(), publishes: None };
            propose(file, proposing, &by, &made, language)
        }
        None => Err(refused(&PublishError::TooFewSigned, dir, language)),
    }
}

/// Prepares a freeze.
pub(super) fn prepare_freeze(
    file: &Path,
    after: Option<&str>,
    dir: &Path,
    keys: &Path,
    passphrase_file: Option<PathBuf>,
    language: Language,
) -> Result<Exit, Wrong> {
    // A freeze that enough have signed ends the community for good, and anyone who has it can publish it.
    served::keep_out(&[("--prepare", file)], &[dir], language)?;
    let now = Timestamp::now();
    let after = after.map_or(Ok(now), |text| moment("--after", text, language))?;
    let keys = opened_keys(keys, passphrase_file, language)?;
    let freeze = Proposal::freezing(dir, &keys, after, now).map_err(wrong(dir, language))?;
    files::replace(file, &freeze.to_bytes(), files::Written::Proposal, language)?;
    show(&freeze, now, language);
    say(words::FREEZE_MADE.in_(language));
    Ok(Exit::Reached)
}

/// Publishes a freeze.
pub(super) fn publish_freeze(file: &Path, into: &Path, language: Language) -> Result<Exit, Wrong> {
    let (freeze, now) = (read(file, &[], language)?, Timestamp::now());
    show(&freeze, now, language);
    place_freeze(into, &freeze, now).map_err(wrong(into, language))?;
    say(words::FROZEN.in_(language));
    Ok(Exit::Reached)
}

/// Says that a recovery waits, and how the admins object to it.
pub(super) fn say_recovery(community: &Publisher, admin: &AdminArgs, now: Timestamp, language: Language) {
    let Some(recovery) = community.recovery(now) else { return };
    let list = |keys: &[KeyFingerprint]| keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let sentence = format!(
        "{} {}, {} {}; {} {}. {}",
        words::RECOVERY_WAITS.in_(language),
        recovery.until.strftime("%Y-%m-%d %H:%M UTC"),
        words::RECOVERY_BY.in_(language),
        list(&recovery.signers),
        words::RECOVERY_FOR.in_(language),
        list(&recovery.root),
        words::RECOVERY_OBJECT.in_(language)
    );
    let (dir, keys) = (shell_word(&admin.dir.display().to_string()), shell_word(&admin.keys.display().to_string()));
    let object = format!("byway community recover --veto --propose veto.proposal --dir {dir} --keys {keys}");
    say_commands(&sentence, [&object]);
}

/// An error of a change, with the flag that helps.
pub(super) fn refused(error: &PublishError, path: &Path, language: Language) -> Wrong {
    let hint = match error {
        PublishError::TooFewSigned => Some(words::PROPOSE_IT),
        PublishError::ProposalRival => Some(words::INSTEAD_SIGNS),
        _ => None,
    };
    let hint = hint.map(|hint| format!(" {}", hint.in_(language))).unwrap_or_default();
    Wrong(format!("{}: {}{hint}", path.display(), unended(error.sentence(language))))
}

/// The keys, with some tries for a passphrase that is typed.
pub(super) fn opened_keys(
    path: &Path,
    passphrase_file: Option<PathBuf>,
    language: Language,
) -> Result<CommunityKeys, Wrong> {
    keep_out_of_communities(path, passphrase_file.as_deref(), language)?;
    if files::itself(path).is_ok_and(|found| found.is_none()) {
        return Err(of_keys(&KeyFileError::Absent, path, language));
    }
    let source = key_source(passphrase_file, language);
    for _ in 1..source.tries() {
        match CommunityKeys::open(path, source.passphrase(words::PASSPHRASE.in_(language))?) {
            Err(KeyFileError::WrongPassphrase) => say(words::PASSPHRASE_NOT_THIS.in_(language)),
            opened => return opened.map_err(|error| of_keys(&error, path, language)),
        }
    }
    let keys = CommunityKeys::open(path, source.passphrase(words::PASSPHRASE.in_(language))?);
    keys.map_err(|error| of_keys(&error, path, language))
}

/// A web server hands out every file in the folder of a community.
pub(super) fn keep_out_of_communities(
    keys: &Path,
    passphrase_file: Option<&Path>,
    language: Language,
) -> Result<(), Wrong> {
    let passphrase = passphrase_file.map(|path| ("--passphrase-file", path));
    let secrets: Vec<_> = [("--keys", keys)].into_iter().chain(passphrase).collect();
    served::keep_out(&secrets, &[], language)
}

pub(super) fn key_source(passphrase_file: Option<PathBuf>, language: Language) -> KeySource {
    KeySource { data_dir: PathBuf::new(), key_file: None, passphrase_file, language }
}

pub(super) fn of_keys(error: &KeyFileError, path: &Path, language: Language) -> Wrong {
    match error {
        KeyFileError::WrongPassphrase => Wrong(words::PASSPHRASE_NOT_THIS.in_(language).to_owned()),
        KeyFileError::Damaged | KeyFileError::NoKey => wrong_file(path, words::KEYS_ARE_NONE, language),
        KeyFileError::Io(error) => cannot(words::CANNOT_USE_FILE, path, error, language),
        error => Wrong(format!("{}: {}", path.display(), unended(error.sentence(language)))),
    }
}

pub(super) fn read(file: &Path, approvals: &[String], language: Language) -> Result<Proposal, Wrong> {
    let bytes = files::read(file, MAX_PROPOSAL_BYTES as u64, language)?;
    let mut proposal = Proposal::parse(&bytes).map_err(wrong(file, language))?;
    for approval in approvals {
        proposal
            .take_approval(approval)
            .map_err(|error| Wrong(format!("--approval: {}", unended(error.sentence(language)))))?;
    }
    Ok(proposal)
}

pub(super) fn proposer<'a>(admin: &'a AdminArgs, keys: &CommunityKeys) -> Proposer<'a> {
    Proposer { dir: &admin.dir, keys: &admin.keys, fingerprint: keys.fingerprint(), publishes: None }
}

/// Removes the key file that was made for a proposal, if there is no proposal: nobody knows these keys.
pub(super) fn kept_if_done(done: Result<Exit, Wrong>, keys: &Path, language: Language) -> Result<Exit, Wrong> {
    if done.is_err() {
        let _ = files::remove(keys, language);
    }
    done
}

/// What a proposal would change. Everything in it is text that somebody else wrote.
pub(super) fn show(proposal: &Proposal, now: Timestamp, language: Language) {
    let of = if proposal.is_founding() { words::PROPOSAL_FOUNDS } else { words::PROPOSAL_OF };
    let mut out = format!("{} “{}”\n", of.in_(language), line(&proposal.community()));
    if let Some(keys) = proposal.root_keys() {
        out.push_str(&format!("{}: {keys}\n", words::PROPOSAL_KEYS.in_(language)));
    }
    for change in proposal.changes(language, now) {
        out.push_str(&format!("  {}\n", line(&change)));
    }
    let signers: Vec<String> = proposal.signers().iter().map(ToString::to_string).collect();
    out.push_str(&format!("{}: {}\n", words::PROPOSAL_SIGNED.in_(language), signers.join(", ")));
    out.push_str(&format!("{}\n", missing(proposal, language)));
    screen::out(out.as_bytes());
}

fn missing(proposal: &Proposal, language: Language) -> String {
    match proposal.missing() {
        0 => words::PROPOSAL_ENOUGH.in_(language).to_owned(),
        missing => format!("{} {missing}.", words::PROPOSAL_MISSING.in_(language)),
    }
}

/// Shorter passphrases are found by trying in days, with a file that is in other hands.
const SHORT_PASSPHRASE: usize = 12;
