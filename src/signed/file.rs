//! A file of events, read in one pass as its bytes arrive. Memory is bounded by one batch of lines, whatever the mirror
//! sends.

use std::num::NonZero;
use std::thread;

use super::digest::Hasher;
use super::event::{EventError, MAX_LINE};
use super::key::RecentKeys;
use super::{Admission, FileEntry, Role, SignedEvent};

/// The reading of one file.
pub struct FileReader<'a> {
    admission: Admission<'a>,
    entry: &'a FileEntry,
    hasher: Hasher,
    read: u64,
    lines: usize,
    /// The bytes of the batch, of which the lines that are complete end at `ends`.
    batch: Vec<u8>,
    ends: Vec<usize>,
}

/// What a line holds.
pub type ReadLine = Result<(SignedEvent, Role), EventError>;

impl<'a> FileReader<'a> {
    /// Begins the file of this entry of the head.
    pub fn new(admission: Admission<'a>, entry: &'a FileEntry) -> Self {
        Self { admission, entry, hasher: Hasher::default(), read: 0, lines: 0, batch: Vec::new(), ends: Vec::new() }
    }

    /// Takes the next bytes and hands on the lines that were verified, in their order. What was added to a month's file
    /// since its head is passed over.
    ///
    /// Signatures are verified on all cores, so this blocks; call it where that is allowed.
    ///
    /// # Errors
    /// See [`FileError`]. Nothing more of the file is read then. The lines that were handed on are genuine: each is signed.
    pub fn push(&mut self, bytes: &[u8], sink: &mut impl FnMut(ReadLine)) -> Result<(), FileError> {
        let left = usize::try_from(self.entry.bytes.saturating_sub(self.read)).unwrap_or(usize::MAX);
        let bytes = match bytes.get(..left) {
            Some(counted) if self.entry.only_grows() => counted,
            Some(counted) if counted.len() < bytes.len() => return Err(FileError::TooLong),
            _ => bytes,
        };
        self.read = self.read.saturating_add(bytes.len() as u64);
        self.hasher.update(bytes);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.batch.extend_from_slice(piece);
            let begun = self.ends.last().copied().unwrap_or(0);
            if self.batch.len() - begun > MAX_LINE + usize::from(piece.ends_with(b"\n")) {
                return Err(FileError::Line);
            }
            if piece.ends_with(b"\n") {
                self.ends.push(self.batch.len());
                self.lines += 1;
                if self.lines > MAX_EVENTS {
                    return Err(FileError::TooManyEvents);
                }
            }
            if self.ends.len() >= BATCH_LINES || self.batch.len() >= BATCH_BYTES {
                self.flush(sink);
            }
        }
        Ok(())
    }

    /// Ends the file: hands on the last lines, and compares length and digest with the head.
    ///
    /// # Errors
    /// See [`FileError`].
    pub fn finish(mut self, sink: &mut impl FnMut(ReadLine)) -> Result<(), FileError> {
        self.flush(sink);
        if self.read < self.entry.bytes {
            return Err(FileError::TooShort);
        }
        if self.hasher.finish() != self.entry.sha256 {
            return Err(FileError::Digest);
        }
        if self.batch.is_empty() { Ok(()) } else { Err(FileError::Line) }
    }

    /// Verifies the complete lines of the batch.
    fn flush(&mut self, sink: &mut impl FnMut(ReadLine)) {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let lines: Vec<&[u8]> =
            starts.zip(&self.ends).map(|(start, end)| self.batch.get(start..end - 1).unwrap_or_default()).collect();
        verify(&self.admission, &lines).into_iter().for_each(sink);
        let rest = self.ends.pop().unwrap_or(0);
        self.batch.drain(..rest);
        self.ends.clear();
    }
}

/// The lines of a file that is there as a whole, the last one first: what was written later comes before what it changes or
/// deletes.
pub struct LinesFromEnd<'a> {
    admission: Admission<'a>,
    rest: &'a [u8],
}

impl<'a> LinesFromEnd<'a> {
    /// Begins at the end of these bytes. Their digest was compared before.
    ///
    /// # Errors
    /// [`FileError::Line`], [`FileError::TooManyEvents`].
    pub fn new(admission: Admission<'a>, bytes: &'a [u8]) -> Result<Self, FileError> {
        let (mut lines, mut rest) = (0, bytes);
        while !rest.is_empty() {
            let end = rest.iter().take(MAX_LINE + 1).position(|byte| *byte == b'\n').ok_or(FileError::Line)?;
            rest = rest.get(end + 1..).unwrap_or_default();
            lines += 1;
            if lines > MAX_EVENTS {
                return Err(FileError::TooManyEvents);
            }
        }
        Ok(Self { admission, rest: bytes })
    }

    /// Verifies the next lines towards the beginning, on all cores. `None` after the first line of the file.
    pub fn next_batch(&mut self) -> Option<Vec<ReadLine>> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while lines.len() < BATCH_LINES
            && bytes < BATCH_BYTES
            && let Some((_, before)) = self.rest.split_last()
        {
            let begin = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let (rest, line) = before.split_at(begin);
            (self.rest, bytes) = (rest, bytes + line.len());
            lines.push(line);
        }
        (!lines.is_empty()).then(|| verify(&self.admission, &lines))
    }
}

/// Verifies lines on all cores, in their order.
fn verify(admission: &Admission<'_>, lines: &[&[u8]]) -> Vec<ReadLine> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let share = lines.len().div_ceil(cores).max(LINES_PER_THREAD);
    let verify = |part: &[&[u8]]| {
        let mut keys = RecentKeys::default();
        part.iter().map(|line| admission.admit_one_of(line, &mut keys)).collect::<Vec<_>>()
    };
    if lines.len() <= share {
        return verify(lines);
    }
    thread::scope(|scope| {
        let parts: Vec<_> = lines.chunks(share).map(|part| (part, scope.spawn(move || verify(part)))).collect();
        // A thread ends without a result only by a panic, and a part is then verified here.
        parts.into_iter().flat_map(|(part, thread)| thread.join().unwrap_or_else(|_| verify(part))).collect()
    })
}

/// Error reading a file of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It is longer than the head says.
    #[error("a file is longer than the community's newest statement says")]
    TooLong,
    /// It is shorter than the head says.
    #[error("a file is shorter than the community's newest statement says")]
    TooShort,
    /// It is as long as the head says, and has other content.
    #[error("a file has other content than the community's newest statement says")]
    Digest,
    /// A line is too long, or the last one does not end.
    #[error("a line of a file is too long, or the last one does not end")]
    Line,
    /// It holds more events than the format allows.
    #[error("a file holds more items than the format allows")]
    TooManyEvents,
    /// The mirror does not give a file that the head names.
    #[error("the mirror does not give a file that the community's newest statement names")]
    Absent,
    /// The mirror sends the reader to another host, which is not contacted.
    #[error("the mirror sends the reader to another site for a file")]
    Elsewhere,
}

codes! {
    FileError {
        TooLong = "file_too_long",
        TooShort = "file_too_short",
        Digest = "file_digest",
        Line = "file_line",
        TooManyEvents = "file_too_many_events",
        Absent = "file_absent",
        Elsewhere = "file_elsewhere",
    }
}

/// The most events of a file: a month of one event every 27 seconds.
pub const MAX_EVENTS: usize = 100_000;

/// A batch keeps all cores busy for some tens of milliseconds.
const BATCH_LINES: usize = 1024;

/// The bytes of a batch: a thousand ordinary lines.
const BATCH_BYTES: usize = 1 << 20;

/// Fewer lines are verified sooner than a thread is started.
const LINES_PER_THREAD: usize = 16;
