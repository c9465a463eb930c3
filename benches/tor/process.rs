//! What the kernel says of a process (Linux).

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A process.
#[derive(Clone, Copy)]
pub(crate) struct Process(u32);

impl Process {
    pub(crate) fn own() -> Self {
        Self(std::process::id())
    }

    pub(crate) fn number(number: u32) -> Self {
        Self(number)
    }

    /// Its memory that is resident, in KiB, shared pages of its program included.
    pub(crate) fn resident(self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap_or_default();
        field(&status, "VmRSS:")
    }

    /// The CPU time of all its threads, ended ones included.
    pub(crate) fn cpu(self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).unwrap_or_default();
        // proc_pid_stat(5): utime and stime are the fields 14 and 15; the state, the third, comes after the name.
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        TICK * u32::try_from(ticks).unwrap_or(u32::MAX)
    }

    pub(crate) fn threads(self) -> usize {
        fs::read_dir(format!("/proc/{}/task", self.0)).map_or(0, Iterator::count)
    }

    /// How often its threads have waited, and so were woken; without the thread that asks.
    fn waits(self) -> u64 {
        let own = fs::read_link("/proc/thread-self").unwrap_or_default();
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0)).into_iter().flatten().flatten();
        let others = tasks.filter(|task| Some(task.file_name().as_os_str()) != own.file_name());
        let statuses = others.map(|task| fs::read_to_string(task.path().join("status")).unwrap_or_default());
        statuses.map(|status| field(&status, "voluntary_ctxt_switches:")).sum()
    }

    /// How often a minute its threads wake up, counted for this long. Blocks.
    pub(crate) fn wake_ups_a_minute(self, time: Duration) -> f64 {
        thread::sleep(PARKS);
        let before = self.waits();
        thread::sleep(time);
        let counted = u32::try_from(self.waits().saturating_sub(before)).unwrap_or(u32::MAX);
        f64::from(counted) * 60.0 / time.as_secs_f64()
    }
}

/// The highest resident memory of a process, while this is held.
pub(crate) struct Peak {
    highest: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Peak {
    pub(crate) fn of(process: Process) -> Self {
        let (highest, over) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let thread = {
            let (highest, over) = (Arc::clone(&highest), Arc::clone(&over));
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    highest.fetch_max(process.resident(), Ordering::Relaxed);
                    thread::sleep(GLANCE);
                }
            })
        };
        Self { highest, over, thread }
    }

    /// In KiB.
    pub(crate) fn end(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().expect("the thread that looks");
        self.highest.load(Ordering::Relaxed)
    }
}

/// The number behind a name in a text of /proc.
fn field(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

/// The bytes of all files in a folder and below it, in KiB.
pub(crate) fn disk(folder: &Path) -> u64 {
    fn bytes(folder: &Path) -> u64 {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| {
                entry.metadata().map_or(0, |found| if found.is_dir() { bytes(&entry.path()) } else { found.len() })
            })
            .sum()
    }
    bytes(folder).div_ceil(1024)
}

/// The clock of /proc on Linux: a hundred a second on every architecture that this runs on (`getconf CLK_TCK`).
const TICK: Duration = Duration::from_millis(10);

/// After this, a worker of the runtime sleeps again that fired the timer by which the measure waited: its going to sleep is counted, too.
const PARKS: Duration = Duration::from_secs(1);

/// How often the memory is looked at.
const GLANCE: Duration = Duration::from_millis(10);
