//! What is wrong with a command, in one sentence without a full stop.

use std::path::Path;

use byway::publisher::PublishError;
use byway::{Language, StoreError};

use crate::words::{self, Label};

/// Wrong usage, in one sentence without a full stop. Exit code 2.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong(pub(crate) String);

/// A sentence without its full stop, to follow the name of a flag or file. Several sentences keep the last one's stop.
pub(crate) fn unended(sentence: String) -> String {
    match sentence.strip_suffix('.') {
        Some(one) if !one.contains(". ") => one.to_owned(),
        _ => sentence,
    }
}

/// An error about a file's content.
pub(crate) fn wrong_file(path: &Path, what: Label, language: Language) -> Wrong {
    Wrong(format!("{}: {}", path.display(), what.in_(language)))
}

/// An error about the folder of a community.
pub(crate) fn wrong_folder(folder: &Path, language: Language) -> impl Fn(PublishError) -> Wrong {
    move |error| match error {
        PublishError::Io(error) => cannot(words::CANNOT_USE, folder, &error, language),
        error => Wrong(format!("{}: {}", folder.display(), unended(error.sentence(language)))),
    }
}

/// An error about an operation on a file, with its reason.
pub(crate) fn cannot(what: Label, path: &Path, error: &std::io::Error, language: Language) -> Wrong {
    Wrong(format!("{} {}: {}", what.in_(language), path.display(), reason(error, language)))
}

pub(crate) fn reason(error: &std::io::Error, language: Language) -> String {
    let word = match error.kind() {
        std::io::ErrorKind::NotFound => words::NO_FILE,
        std::io::ErrorKind::PermissionDenied => words::NOT_PERMITTED,
        // The library says so of a link or a device; the system says it of a file where a folder is needed.
        std::io::ErrorKind::AlreadyExists if error.raw_os_error().is_none() => words::NO_PLAIN_FILE,
        std::io::ErrorKind::NotADirectory | std::io::ErrorKind::AlreadyExists => words::NO_DIRECTORY,
        std::io::ErrorKind::ReadOnlyFilesystem => words::DISK_READ_ONLY,
        std::io::ErrorKind::StorageFull => words::DISK_FULL,
        std::io::ErrorKind::IsADirectory => words::A_DIRECTORY,
        std::io::ErrorKind::QuotaExceeded => words::DISK_FULL,
        _ => return format!("{} ({error})", words::SYSTEM_ERROR.in_(language)),
    };
    word.in_(language).to_owned()
}

/// An error of the store, once it is open.
pub(crate) fn of_store(language: Language) -> impl Fn(StoreError) -> Wrong {
    move |error| Wrong(unended(error.sentence(language)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sentence_loses_its_stop_and_several_keep_it() {
        for (sentence, shown) in
            [("It is gone.", "It is gone"), ("It is gone. Wait.", "It is gone. Wait."), ("No", "No")]
        {
            assert_eq!(unended(sentence.to_owned()), shown);
        }
    }
}
