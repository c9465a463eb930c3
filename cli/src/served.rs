//! Keeps secrets out of a signed community's folder: a web server hands out every file in it.

use std::fs;
use std::path::Path;

use byway::Language;
use byway::publisher::served_folder;

use crate::words;
use crate::wrong::Wrong;

/// A file that nobody else may have, and the flag that names it.
pub(crate) type Secret<'a> = (&'static str, &'a Path);

/// Refuses a secret in one of these folders, in one below them, or in the folder of any other community.
pub(crate) fn keep_out(secrets: &[Secret<'_>], folders: &[&Path], language: Language) -> Result<(), Wrong> {
    for (flag, secret) in secrets.iter().filter(|(_, secret)| secret.as_os_str() != "-") {
        if let Some(folder) = served_folder(secret, folders) {
            let (secret, served) = (secret.display(), words::SERVED.in_(language));
            return Err(Wrong(format!("{flag} {secret}: {served} {}", folder.display())));
        }
    }
    Ok(())
}

/// Refuses to write a file into the folder of a community.
pub(crate) fn keep_file_out(file: &Path, language: Language) -> Result<(), Wrong> {
    let Some(folder) = served_folder(file, &[]) else { return Ok(()) };
    Err(Wrong(format!("{}: {} {}", file.display(), words::SERVED.in_(language), folder.display())))
}

/// Whether a folder that exists is above another one.
pub(crate) fn is_above(above: &Path, below: &Path) -> bool {
    // An empty path is the folder in which the command runs.
    let [Ok(above), Ok(below)] = [above, below].map(|path| fs::canonicalize(path.join("."))) else { return false };
    above != below && below.starts_with(above)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[cfg(unix)]
    #[test]
    fn folders_are_compared_without_links_and_dots() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("zavod/sub")).unwrap();
        std::os::unix::fs::symlink("zavod", root.join("link")).unwrap();
        let above = |above: &str, below: &str| is_above(&root.join(above), &root.join(below));
        assert!(
            above("", "zavod")
                && above("", "link/sub")
                && above("link", "zavod/sub")
                && above("zavod/sub/..", "link/sub")
        );
        assert!(!above("zavod", "link") && !above("zavod/sub", "zavod") && !above("new", "zavod"));
    }
}
