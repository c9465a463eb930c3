//! Keeps secrets out of a signed community's folder: a web server hands out every file in it.

use std::fs;
use std::path::{Component, Path, PathBuf};

use byway::Language;

use crate::words;
use crate::wrong::Wrong;

/// A file that nobody else may have, and the flag that names it.
pub(crate) type Secret<'a> = (&'static str, &'a Path);

/// Refuses a secret in one of these folders, in one below them, or in the folder of any other community.
pub(crate) fn keep_out(secrets: &[Secret<'_>], folders: &[&Path], language: Language) -> Result<(), Wrong> {
    for (flag, secret) in secrets.iter().filter(|(_, secret)| secret.as_os_str() != "-") {
        for place in places(secret) {
            let folder = folders.iter().map(|folder| resolved(folder)).find(|folder| place.starts_with(folder));
            if let Some(folder) = folder.or_else(|| community_above(&place)) {
                let (secret, served) = (secret.display(), words::SERVED.in_(language));
                return Err(Wrong(format!("{flag} {secret}: {served} {}", folder.display())));
            }
        }
    }
    Ok(())
}

/// Refuses to write a file into the folder of a community.
pub(crate) fn keep_file_out(file: &Path, language: Language) -> Result<(), Wrong> {
    let Some(folder) = places(file).iter().find_map(|place| community_above(place)) else { return Ok(()) };
    Err(Wrong(format!("{}: {} {}", file.display(), words::SERVED.in_(language), folder.display())))
}

/// Whether two paths name one folder, also one that does not exist yet.
fn is_same(one: &Path, other: &Path) -> bool {
    resolved(one) == resolved(other)
}

/// Whether a folder is above another one.
pub(crate) fn is_above(above: &Path, below: &Path) -> bool {
    !is_same(above, below) && resolved(below).starts_with(resolved(above))
}

/// The folder of a community in which this path lies.
fn community_above(place: &Path) -> Option<PathBuf> {
    place.ancestors().find(|folder| is_community(folder)).map(Path::to_owned)
}

fn is_community(folder: &Path) -> bool {
    folder.join("head.json").is_file() && folder.join("charter").is_dir()
}

/// Where a file lies: a link lies in one folder and leads to another, and a web server may hand out both.
fn places(path: &Path) -> [PathBuf; 2] {
    let itself = match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => resolved(folder).join(name),
        _ => resolved(path),
    };
    [itself, resolved(path)]
}

/// The absolute path without links, `.` and `..`, also of what does not exist yet.
fn resolved(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for above in path.ancestors() {
        let Ok(mut found) = fs::canonicalize(above) else { continue };
        for part in path.strip_prefix(above).into_iter().flat_map(Path::components) {
            match part {
                Component::ParentDir => drop(found.pop()),
                Component::Normal(name) => found.push(name),
                _ => {}
            }
        }
        return found;
    }
    path
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[cfg(unix)]
    #[test]
    fn paths_are_compared_without_links_and_dots() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("zavod/sub")).unwrap();
        std::os::unix::fs::symlink("zavod", root.join("link")).unwrap();
        assert!(is_same(&root.join("zavod"), &root.join("link/sub/..")) && !is_same(root, &root.join("zavod")));
        assert!(is_above(root, &root.join("link/new")) && !is_above(&root.join("zavod"), &root.join("zavod2")));
        for (secret, kept_out) in [("zavod/k", true), ("link/sub/../k", true), ("zavod/new/k", true), ("zavodk", false)]
        {
            let refused = keep_out(&[("--keys", &root.join(secret))], &[&root.join("zavod")], Language::En);
            assert_eq!(refused.is_err(), kept_out, "{secret}");
        }
    }
}
