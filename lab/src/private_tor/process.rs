//! The processes of `tor`: one for each torrc in a folder.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::error::PrivateTorError;

/// How long a network may take to be ready: the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(240);

/// How often to check whether it is ready.
const GLANCE: Duration = Duration::from_millis(20);

/// How much of each log an error shows.
const SHOWN: usize = 1500;

/// Running processes, with their files. Dropping this ends them.
#[derive(Debug)]
pub(super) struct Tors {
    processes: Vec<(String, Child)>,
    folder: TempDir,
}

impl Tors {
    /// Runs a tor for each member of a folder.
    pub(super) fn start(folder: TempDir, tor: &Path) -> io::Result<Self> {
        let mut started = Self { processes: Vec::new(), folder };
        let mut members: Vec<_> = fs::read_dir(started.folder())?.collect::<Result<_, _>>()?;
        members.sort_by_key(fs::DirEntry::file_name);
        for member in members.into_iter().filter(|member| member.path().join("torrc").is_file()) {
            let log = File::create(member.path().join("log"))?;
            let process = Command::new(tor)
                .arg("-f")
                .arg(member.path().join("torrc"))
                // It ends soon after this process, however this one ends.
                .args(["--__OwningControllerProcess", &std::process::id().to_string()])
                .current_dir(started.folder())
                .stdin(Stdio::null())
                .stdout(log.try_clone()?)
                .stderr(log)
                .spawn()?;
            started.processes.push((member.file_name().to_string_lossy().into_owned(), process));
        }
        Ok(started)
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills one, and waits for its end.
    pub(super) fn kill(&mut self, member: &str) -> io::Result<()> {
        let (_, process) = self.processes.iter_mut().find(|(name, _)| name == member).ok_or(io::ErrorKind::NotFound)?;
        process.kill()?;
        process.wait().map(drop)
    }

    /// The name of one that has ended.
    fn ended(&mut self) -> Option<String> {
        let mut processes = self.processes.iter_mut();
        processes.find_map(|(name, process)| (!matches!(process.try_wait(), Ok(None))).then(|| name.clone()))
    }

    /// The ends of all logs.
    fn logs(&self) -> String {
        let mut text = String::new();
        for (name, _) in &self.processes {
            let log = fs::read(self.folder().join(name).join("log")).unwrap_or_default();
            let end = log.get(log.len().saturating_sub(SHOWN)..).unwrap_or_default();
            let _ = writeln!(text, "--- {name}:\n{}", String::from_utf8_lossy(end));
        }
        text
    }
}

impl Drop for Tors {
    fn drop(&mut self) {
        for (_, process) in &mut self.processes {
            let _ = process.kill();
        }
        for (_, process) in &mut self.processes {
            let _ = process.wait();
        }
    }
}

/// Waits until something holds; `otherwise` is what the error says.
pub(super) fn wait_until(
    tors: &mut Tors,
    otherwise: &str,
    mut holds: impl FnMut(&Tors) -> bool,
) -> Result<(), PrivateTorError> {
    let start = Instant::now();
    while !holds(tors) {
        let over = tors.ended().map(|name| format!("{name} ended and {otherwise}"));
        let late = || (start.elapsed() > PATIENCE).then(|| format!("after {PATIENCE:?} {otherwise}"));
        if let Some(what) = over.or_else(late) {
            return Err(PrivateTorError::NotStarted { what, log: tors.logs() });
        }
        std::thread::sleep(GLANCE);
    }
    Ok(())
}
