//! The pictures of a page are fetched: what is asked for, what is tried again, and when the fetching ends.

use crate::client::AttachmentFault;
use crate::publisher::{Picture, PostPictures};

/// Pictures that are fetched one after the other. Those that do not come are tried again by a later run, and a run that meets only
/// failures ends soon.
#[derive(Debug, Default)]
pub(super) struct Fetching {
    fetched: Vec<PostPictures>,
    /// How many in a row did not come.
    failures: usize,
}

impl Fetching {
    /// Goes on to a picture of this post. `false`: it is not asked for in this run.
    pub(super) fn asks_for(&mut self, post: &str) -> bool {
        if self.fetched.last().is_none_or(|last| last.post != post) {
            self.fetched.push(PostPictures::new(post, Vec::new()));
        }
        let asks = self.failures < MOST_FAILURES;
        if let Some(of_post) = self.fetched.last_mut().filter(|_| !asks) {
            of_post.is_settled = false;
        }
        asks
    }

    /// Takes what came of the picture that was asked for. A file that is no picture of a kind that is copied is left out for good.
    pub(super) fn take(&mut self, answer: Result<Option<Picture>, AttachmentFault>) {
        let Some(of_post) = self.fetched.last_mut() else { return };
        match answer {
            Ok(picture) => {
                self.failures = 0;
                of_post.pictures.extend(picture);
            }
            Err(fault) if is_final(&fault) => {}
            Err(_) => {
                self.failures += 1;
                of_post.is_settled = false;
            }
        }
    }

    pub(super) fn done(self) -> Vec<PostPictures> {
        self.fetched
    }
}

/// Whether a later run meets the same.
fn is_final(fault: &AttachmentFault) -> bool {
    match fault {
        AttachmentFault::NotStored
        | AttachmentFault::NoFile
        | AttachmentFault::Address
        | AttachmentFault::Cleartext
        | AttachmentFault::TooLarge { .. } => true,
        AttachmentFault::Status { status } => matches!(status, 400..=499) && !matches!(status, 408 | 425 | 429),
        _ => false,
    }
}

/// As many pictures one after the other that do not come end the fetching: the route to them is blocked.
const MOST_FAILURES: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    type Answer = Result<Option<Picture>, AttachmentFault>;

    /// Runs the fetching, with this answer for each picture. Returns how many were asked for, and which posts are settled.
    fn run(answers: &[&Answer]) -> (usize, Vec<bool>) {
        let (mut fetching, mut asked) = (Fetching::default(), 0);
        for (number, answer) in answers.iter().enumerate() {
            if fetching.asks_for(&format!("vk:-155_{number}")) {
                asked += 1;
                fetching.take((*answer).clone());
            }
        }
        (asked, fetching.done().iter().map(|one| one.is_settled).collect())
    }

    #[test]
    fn pictures_that_do_not_come_are_tried_again_and_end_a_run() {
        let came: &Answer = &Ok(None);
        let failed: &Answer = &Err(AttachmentFault::Status { status: 503 });
        let absent: &Answer = &Err(AttachmentFault::Status { status: 404 });
        assert_eq!(run(&[came, failed, absent, came]), (4, vec![true, false, true, true]));
        // Three failures in a row: the rest is not asked for, and not given up.
        assert_eq!(run(&[failed, failed, failed, came, came]), (3, vec![false; 5]));
        // What is not there for good is no failure, and a picture between two failures begins anew.
        assert_eq!(run(&[failed, failed, absent, failed, came]).0, 4);
        assert_eq!(run(&[failed, failed, came, failed, failed, came]).0, 6);
    }
}
