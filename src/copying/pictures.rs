//! The pictures of a page are fetched: in which order, what is tried again, and when the fetching ends.

use crate::client::AttachmentFault;
use crate::publisher::{Picture, PostPictures};

/// Fetches pictures one after the other, each by its post, its place and what it shows. Those that do not come are tried again by a later
/// run, and a run that meets only failures ends soon.
pub(super) async fn fetched(
    wanted: impl Iterator<Item = (String, usize, String)>,
    fetch: impl AsyncFn(&str, usize) -> Result<Vec<u8>, AttachmentFault>,
) -> Vec<PostPictures> {
    let (mut fetched, mut failures): (Vec<PostPictures>, usize) = (Vec::new(), 0);
    for (post, index, text) in wanted {
        if fetched.last().is_none_or(|last| last.post != post) {
            fetched.push(PostPictures::new(&post, Vec::new()));
        }
        let Some(of_post) = fetched.last_mut() else { break };
        if failures >= MOST_FAILURES {
            of_post.is_settled = false;
            continue;
        }
        match fetch(&post, index).await {
            // What is no picture of these kinds is left out for good.
            Ok(bytes) => {
                failures = 0;
                of_post.pictures.extend(Picture::clean(&bytes, &text));
            }
            Err(fault) if is_final(&fault) => {}
            Err(_) => {
                failures += 1;
                of_post.is_settled = false;
            }
        }
    }
    fetched
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
    use std::cell::RefCell;

    use super::*;

    type Answer = fn() -> Result<Vec<u8>, AttachmentFault>;

    /// Runs the fetching, with this answer for each picture. Returns how many were asked for, and which posts are settled.
    async fn run(answers: &[Answer]) -> (usize, Vec<bool>) {
        let wanted = (0..answers.len()).map(|number| (format!("vk:-155_{number}"), 0, String::new()));
        let asked = RefCell::new(0);
        let fetched = fetched(wanted, async |_: &str, _| {
            let at = *asked.borrow();
            *asked.borrow_mut() += 1;
            answers[at]()
        })
        .await;
        (asked.into_inner(), fetched.iter().map(|one| one.is_settled).collect())
    }

    #[tokio::test]
    async fn pictures_that_do_not_come_are_tried_again_and_end_a_run() {
        let came: fn() -> _ = || Ok(b"no picture".to_vec());
        let failed: fn() -> _ = || Err(AttachmentFault::Status { status: 503 });
        let absent: fn() -> _ = || Err(AttachmentFault::Status { status: 404 });
        assert_eq!(run(&[came, failed, absent, came]).await, (4, vec![true, false, true, true]));
        // Three failures in a row: the rest is not asked for, and not given up.
        assert_eq!(run(&[failed, failed, failed, came, came]).await, (3, vec![false; 5]));
        // What is not there for good is no failure, and a picture between two failures begins anew.
        assert_eq!(run(&[failed, failed, absent, failed, came]).await.0, 4);
        assert_eq!(run(&[failed, failed, came, failed, failed, came]).await.0, 6);
    }
}
