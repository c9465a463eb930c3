//! A terminal on which the program asks for a passphrase, and a person types one.

use super::*;

/// A program on its own terminal (util-linux's `script`), and what the terminal shows.
pub(super) struct Terminal {
    child: Child,
    shown: String,
    tty: PathBuf,
}

impl Terminal {
    pub(super) fn run(device: &Device, command: &str) -> Self {
        let tty = device.path("tty");
        let line = format!("tty > {}; exec {} {command}", tty.display(), env!("CARGO_BIN_EXE_byway"));
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env("BYWAY_VK_TOKEN", TOKEN);
        let child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Self { child, shown: String::new(), tty }
    }

    pub(super) fn wait_for(&mut self, text: &str) {
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).contains(text) {
            let mut byte = [0];
            assert_eq!(self.child.stdout.as_mut().unwrap().read(&mut byte).unwrap(), 1, "{text}: {}", self.shown);
            bytes.push(byte[0]);
        }
        self.shown.push_str(&String::from_utf8_lossy(&bytes));
    }

    /// Types once the terminal no longer echoes.
    pub(super) fn type_unseen(&mut self, text: &str) {
        let tty = fs::read_to_string(&self.tty).unwrap();
        let hidden = || {
            let stty = Command::new("stty").args(["-a", "-F", tty.trim()]).output().unwrap();
            String::from_utf8_lossy(&stty.stdout).contains("-echo ")
        };
        while !hidden() {
            std::thread::yield_now();
        }
        self.type_in(text);
    }

    pub(super) fn type_in(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    pub(super) fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.child.stdout.as_mut().unwrap().read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), self.shown + &rest)
    }
}
