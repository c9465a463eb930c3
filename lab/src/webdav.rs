//! A folder that is written by WebDAV (RFC 4918) with a login, and read by anyone.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::page::{App, Ask, Page};

/// The files of `folder`, as they are when they are asked for. As nginx does it: a folder is made by MKCOL, whose address ends as
/// one; a file in a folder that was not made is refused.
pub(crate) fn webdav(folder: PathBuf, user: &str, password: &str) -> impl App {
    let login = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    move |ask: &Ask| {
        let given = ask.headers.get("authorization").and_then(|value| value.to_str().ok());
        if ask.method != "GET" && given != Some(&login) {
            return Page::new("").status(401).header("www-authenticate", "Basic realm=\"folder\"");
        }
        let is_folder = ask.path.ends_with('/');
        let Some(place) = place(&folder, ask.path.trim_matches('/')) else {
            return Page::new("There is no such file.").status(404);
        };
        let done = match ask.method.as_str() {
            "GET" => return std::fs::read(&place).map_or_else(|_| Page::new("").status(404), Page::new),
            "PUT" if !place.parent().is_some_and(Path::is_dir) => return Page::new("").status(409),
            "PUT" => std::fs::write(&place, &ask.body).map(|()| 201),
            "MKCOL" if !is_folder => return Page::new("").status(409),
            "MKCOL" if place.is_dir() => return Page::new("").status(405),
            "MKCOL" => std::fs::create_dir(&place).map(|()| 201),
            "DELETE" => std::fs::remove_file(&place).map(|()| 204),
            _ => return Page::new("").status(405),
        };
        Page::new("").status(done.unwrap_or(404))
    }
}

/// The file of a path, which leads nowhere else.
fn place(folder: &Path, path: &str) -> Option<PathBuf> {
    let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', '%']);
    path.split('/').all(is_plain).then(|| folder.join(path))
}
