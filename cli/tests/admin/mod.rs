//! An admin with a folder of their own, who runs the command.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "correct horse battery canary";

pub(crate) struct Admin(pub(crate) TempDir);

impl Admin {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let passphrase = folder.path().join("passphrase");
        fs::write(&passphrase, format!("{PASSPHRASE}\n")).unwrap();
        fs::set_permissions(passphrase, fs::Permissions::from_mode(0o600)).unwrap();
        Self(folder)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.byway(&[&["community"], arguments].concat())
    }

    pub(crate) fn byway(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_byway"));
        command.current_dir(self.0.path()).env("LC_ALL", "C.UTF-8").env("TZ", "UTC").stdin(Stdio::null());
        command.args(arguments).output().unwrap()
    }

    /// With the folder and the keys; the first line of what it prints.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(&[arguments, &ADMIN].concat());
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {out}{err}");
        assert!(!out.contains(PASSPHRASE) && !err.contains(PASSPHRASE));
        out.lines().next().unwrap_or_default().to_owned()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap()
    }
}

pub(crate) const ADMIN: [&str; 6] = ["--dir", "zavod", "--keys", "zavod.keys", "--passphrase-file", "passphrase"];
