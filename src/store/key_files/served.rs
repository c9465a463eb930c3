//! Which files everyone could fetch: a web server hands out each file in the folder of a signed community.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// The folder in which a file would be public: one of `folders`, or that of a signed community, whether the file exists or not.
/// `None`: it lies in none of them.
///
/// A web server hands out every file in the folder of a community. So a key, a passphrase or a proposal belongs elsewhere.
/// A link lies in one folder and leads to another; both count. `folders` are those that become public later.
pub fn served_folder(file: &Path, folders: &[&Path]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = folders.iter().map(|folder| resolved(folder)).collect();
    places(file).iter().find_map(|place| {
        let named = folders.iter().find(|folder| place.starts_with(folder)).map(PathBuf::as_path);
        named.or_else(|| place.ancestors().find(|folder| is_community(folder))).map(Path::to_owned)
    })
}

fn is_community(folder: &Path) -> bool {
    folder.join("head.json").is_file() && folder.join("charter").is_dir()
}

/// Where a file lies: itself, and what it leads to if it is a link.
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
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("zavod/charter")).unwrap();
        fs::create_dir(root.join("own")).unwrap();
        fs::write(root.join("zavod/k"), "").unwrap();
        std::os::unix::fs::symlink("zavod", root.join("link")).unwrap();
        std::os::unix::fs::symlink("../own/k", root.join("zavod/leads_out")).unwrap();
        std::os::unix::fs::symlink("../zavod/k", root.join("own/leads_in")).unwrap();
        let cases = [
            ("zavod/k", true),
            ("link/charter/../k", true),
            ("zavod/new/k", true),
            ("zavod/leads_out", true),
            ("own/leads_in", true),
            ("zavodk", false),
            ("zavod/../k", false),
            ("own/k", false),
        ];
        let found = |file: &str, folders: &[&Path]| served_folder(&root.join(file), folders);
        for (file, is_served) in cases {
            let expected = is_served.then(|| root.join("zavod"));
            assert_eq!(found(file, &[&root.join("link")]), expected, "{file}");
            assert_eq!(found(file, &[]), None, "{file}: no community is there yet");
        }
        fs::write(root.join("zavod/head.json"), "{}").unwrap();
        for (file, is_served) in cases {
            assert_eq!(found(file, &[]), is_served.then(|| root.join("zavod")), "{file}");
        }
        assert_eq!(found("new/k", &[&root.join("new")]), Some(root.join("new")), "a folder that is made later");
    }
}
