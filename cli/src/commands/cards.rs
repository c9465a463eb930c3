//! `byway community cards | restore`: an admin's key in parts on paper. A card is printed because it was asked for, and stands in no
//! argument and no message.

use std::path::{Path, PathBuf};

use byway::publisher::{Approvals, CardError, RecoveryCard};
use byway::{KeyFileError, Language};
use zeroize::Zeroizing;

use super::admins::{keep_out_of_communities, key_source, of_keys};
use crate::exit::Exit;
use crate::screen::{self, Screen, say};
use crate::wrong::{Wrong, cannot, unended, wrong_file};
use crate::{files, served, words};

pub(super) fn make(
    keys: &Path,
    (needed, of): (u16, u16),
    into: Option<&Path>,
    passphrase_file: Option<PathBuf>,
    language: Language,
) -> Result<Exit, Wrong> {
    keep_out_of_communities(keys, passphrase_file.as_deref(), language)?;
    if let Some(dir) = into {
        served::keep_out(&[("--into", &dir.join("card-1.html"))], &[], language)?;
    }
    // The folder is made, but not those above it: a slip of the keyboard would leave a key where nobody looks for it.
    if let Some(above) = into.and_then(Path::parent)
        && !above.as_os_str().is_empty()
        && !above.is_dir()
    {
        return Err(wrong_file(above, words::NO_FOLDER, language));
    }
    if needed > of {
        return Err(Wrong(format!("--needed {needed}: {} --of {of}", words::NO_CARDS.in_(language))));
    }
    let path_of = |dir: &Path, number: u16| dir.join(format!("card-{number}.html"));
    if let Some(dir) = into {
        files::sweep_secrets(dir);
    }
    // Cards of two sets in one folder would be taken for one set.
    if let Some(dir) = into
        && let Some(taken) = (1..=MOST_CARDS).map(|number| path_of(dir, number)).find(|path| is_taken(path))
    {
        return Err(wrong_file(&taken, words::ANOTHER_FILE, language));
    }
    let byte = |number: u16| u8::try_from(number).unwrap_or(u8::MAX);
    let passphrase = key_source(passphrase_file, language).passphrase(words::PASSPHRASE.in_(language))?;
    let cards = RecoveryCard::split(keys, passphrase, byte(needed), byte(of));
    let cards = cards.map_err(|error| of_cards(&error, keys, language))?;
    if let Some(dir) = into {
        made_for_owner(dir, language)?;
    }
    let mut written: Vec<PathBuf> = Vec::new();
    for card in &cards {
        match into {
            // For the owner alone, as every file of this command.
            Some(dir) => {
                let path = path_of(dir, u16::from(card.number().0));
                let page = card.page(language);
                if let Err(wrong) = files::replace(&path, page.as_bytes(), files::Written::Secret, language) {
                    // A part of a set is of no use, and is a secret.
                    for path in &written {
                        files::remove(path, language)?;
                    }
                    return Err(wrong);
                }
                written.push(path.clone());
                screen::out(format!("{}\n", path.display()).as_bytes());
            }
            None => {
                screen::out(card.text(language, Screen::of_process(false).watched).as_bytes());
                screen::out(b"\n");
            }
        }
    }
    say(words::CARDS_MADE.in_(language));
    Ok(Exit::Reached)
}

pub(super) fn restore(
    from: &[PathBuf],
    keys: &Path,
    passphrase_file: Option<PathBuf>,
    language: Language,
) -> Result<Exit, Wrong> {
    keep_out_of_communities(keys, passphrase_file.as_deref(), language)?;
    if files::itself(keys).is_ok_and(|found| found.is_some()) {
        return Err(of_keys(&KeyFileError::Exists, keys, language));
    }
    let mut text = Zeroizing::new(String::with_capacity(ALL_CARDS));
    for path in from {
        let bytes = Zeroizing::new(files::read(path, ALL_CARDS as u64, language)?);
        let card = files::text_of(path, &bytes, language)?;
        text.push_str(card);
        text.push('\n');
    }
    let wrong = |error: CardError| of_cards(&error, keys, language);
    let cards = RecoveryCard::read_all(&text).map_err(wrong)?;
    let passphrase = key_source(passphrase_file, language).new_passphrase(words::PASSPHRASE_OF_NEW_KEYS)?;
    let restored = RecoveryCard::restore(&cards, keys, passphrase).map_err(wrong)?;
    let public = restored.public();
    screen::out(format!("{public}\n").as_bytes());
    say(&format!("{} {}.", words::RESTORED.in_(language), public.fingerprint()));
    if !Approvals::beside(keys).is_there() {
        say(words::SIGNED_LIST_LOST.in_(language));
    }
    Ok(Exit::Reached)
}

/// Makes a folder for its owner alone, if it is missing.
fn made_for_owner(dir: &Path, language: Language) -> Result<(), Wrong> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(cannot(words::CANNOT_WRITE, dir, &error, language))
        }
        _ => Ok(()),
    }
}

/// Whether something is there. What cannot be looked at is taken, too.
fn is_taken(path: &Path) -> bool {
    !files::itself(path).is_ok_and(|found| found.is_none_or(|found| found.is_file() && found.len() == 0))
}

fn of_cards(error: &CardError, keys: &Path, language: Language) -> Wrong {
    match error {
        CardError::KeyFile(error) => of_keys(error, keys, language),
        error => Wrong(unended(error.sentence(language))),
    }
}

/// As many as a key is split into.
const MOST_CARDS: u16 = 16;

/// More than the pages of the largest set.
const ALL_CARDS: usize = 1 << 20;
