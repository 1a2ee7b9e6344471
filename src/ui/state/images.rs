//! Where CIFAR-10 is, and which of its images are dealt.

use std::rc::Rc;

use crate::protocol::{DataImage, FetchStage, ImagesStatus, RequestKind};

/// The state of CIFAR-10's images, apart from the examples of a result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImagesState {
    /// Where the images are.
    pub status: ImagesStatus,
    /// The file that is being fetched or read.
    pub fetch: Option<Fetch>,
    /// Why the last download or file gave no images.
    pub trouble: Option<Trouble>,
    /// The seed that chooses the dealt images. Each shuffle adds 1.
    pub deal_seed: u64,
    /// The seed that was last sent to the worker.
    pub asked_seed: Option<u64>,
    /// Ten test images of each class, in the classes' order.
    pub dealt: Rc<Vec<DataImage>>,
}

/// Why images did not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The request that failed: fetching the images, or reading the visitor's file.
    pub asked: RequestKind,
    /// The reason, as a sentence.
    pub reason: Rc<str>,
}

/// A file of images that is being fetched or read.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetch {
    /// The host that it comes from, or "your file".
    pub source: Rc<str>,
    /// The file's name.
    pub file: Rc<str>,
    /// The stage that it is in.
    pub stage: FetchStage,
    /// The bytes so far.
    pub received_bytes: u64,
    /// All bytes, if known.
    pub total_bytes: Option<u64>,
    /// The time of the stage's first message in milliseconds, and its bytes.
    first: (f64, u64),
    /// The time of the last message in milliseconds.
    at_ms: f64,
}

impl Fetch {
    /// A file whose first bytes are reported at `at_ms` of the page's clock.
    pub fn new(
        (source, file): (String, String),
        stage: FetchStage,
        received_bytes: u64,
        total_bytes: Option<u64>,
        at_ms: f64,
    ) -> Self {
        let first = (at_ms, received_bytes);
        Self { source: source.into(), file: file.into(), stage, received_bytes, total_bytes, first, at_ms }
    }

    /// The mean bytes per second since the first message; none until there is enough time to measure it.
    pub fn bytes_per_sec(&self) -> Option<f64> {
        let elapsed_secs = (self.at_ms - self.first.0) / 1000.0;
        let fresh_bytes = self.received_bytes.saturating_sub(self.first.1) as f64;
        (elapsed_secs > 0.2 && fresh_bytes > 0.0).then(|| fresh_bytes / elapsed_secs)
    }

    /// The seconds until all bytes have arrived, at the mean rate so far.
    pub fn secs_left(&self) -> Option<f64> {
        Some(self.total_bytes?.saturating_sub(self.received_bytes) as f64 / self.bytes_per_sec()?)
    }

    /// The share of the file that has arrived, in `0.0..=1.0`.
    pub fn fraction(&self) -> Option<f64> {
        let total_bytes = self.total_bytes.filter(|&total| total > 0)?;
        Some((self.received_bytes as f64 / total_bytes as f64).min(1.0))
    }
}

impl ImagesState {
    /// Whether all images are here.
    pub fn is_present(&self) -> bool {
        matches!(self.status, ImagesStatus::Present { .. })
    }

    /// Whether a run can begin: the first training batch is enough.
    pub fn can_train(&self) -> bool {
        self.is_present() || matches!(self.status, ImagesStatus::Arriving { .. })
    }

    /// The value of `data-images`.
    pub fn name(&self) -> &'static str {
        match (&self.fetch, &self.status) {
            (Some(_), _) => "fetching",
            (None, ImagesStatus::Absent | ImagesStatus::Arriving { .. }) => "absent",
            (None, ImagesStatus::Partial { .. }) => "partial",
            (None, ImagesStatus::Present { .. }) => "present",
        }
    }

    /// The seed of the images to deal, if the worker was not sent it yet.
    pub fn to_deal(&self) -> Option<u64> {
        (self.is_present() && self.asked_seed != Some(self.deal_seed)).then_some(self.deal_seed)
    }

    /// Stores where the images are.
    pub fn settle(&mut self, status: ImagesStatus) {
        if !matches!(status, ImagesStatus::Present { .. }) {
            self.dealt = Rc::default();
        }
        if status != self.status {
            self.asked_seed = None;
        }
        if !matches!(status, ImagesStatus::Arriving { .. }) {
            self.fetch = None;
        }
        self.status = status;
        self.trouble = None;
    }

    /// Stores the progress of a file.
    pub fn advance(&mut self, fetch: Fetch) {
        let first = match &self.fetch {
            Some(before) if before.file == fetch.file && before.stage == fetch.stage => before.first,
            _ => fetch.first,
        };
        self.fetch = Some(Fetch { first, ..fetch });
        self.trouble = None;
    }

    /// Handles that a download or file has ended.
    pub fn end_fetch(&mut self, asked: RequestKind, reason: Option<String>) {
        self.fetch = None;
        if matches!(self.status, ImagesStatus::Arriving { .. }) {
            self.status = ImagesStatus::Absent;
        }
        self.trouble = reason.map(|reason| Trouble { asked, reason: reason.into() });
    }

    /// Forgets what only the worker that stopped could have finished.
    pub fn on_death(&mut self) {
        self.fetch = None;
        if self.dealt.is_empty() {
            self.asked_seed = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Kept;

    fn present() -> ImagesStatus {
        ImagesStatus::Present {
            train: 50_000,
            test: 10_000,
            published: true,
            size_bytes: 184_000_000,
            kept: Kept::OnDevice,
        }
    }

    fn arriving(received_bytes: u64, at_ms: f64) -> Fetch {
        let names = ("host".into(), "train.parquet".into());
        Fetch::new(names, FetchStage::Arriving, received_bytes, Some(10_000_000), at_ms)
    }

    #[test]
    fn a_file_on_its_way_says_its_rate_and_the_time_left() {
        let mut images = ImagesState::default();
        images.advance(arriving(1_000_000, 1_000.0));
        assert_eq!(images.fetch.as_ref().and_then(Fetch::secs_left), None);
        images.advance(arriving(5_000_000, 3_000.0));
        let fetch = images.fetch.as_ref().expect("it is on its way");
        assert_eq!((fetch.bytes_per_sec(), fetch.secs_left()), (Some(2_000_000.0), Some(2.5)));
        assert_eq!(images.name(), "fetching");
    }

    #[test]
    fn a_run_can_begin_with_the_first_batch_until_the_download_ends_without_the_others() {
        let mut images = ImagesState::default();
        images.advance(arriving(1_000_000, 0.0));
        assert!(!images.can_train());
        images.settle(ImagesStatus::Arriving { train: 10_000 });
        assert!(images.can_train() && !images.is_present() && images.to_deal().is_none());
        assert_eq!(images.name(), "fetching", "the others still arrive");
        images.end_fetch(RequestKind::FetchImages, Some("The download broke off.".into()));
        assert_eq!((images.can_train(), images.name()), (false, "absent"));
    }

    #[test]
    fn images_that_came_are_dealt_once_and_again_after_a_shuffle() {
        let mut images = ImagesState::default();
        assert_eq!(images.to_deal(), None);
        images.settle(present());
        assert_eq!(images.to_deal(), Some(0));
        images.asked_seed = Some(0);
        images.settle(present());
        assert_eq!(images.to_deal(), None);
        images.deal_seed += 1;
        assert_eq!(images.to_deal(), Some(1));
    }

    #[test]
    fn a_fetch_that_the_visitor_ended_leaves_no_complaint() {
        let mut images = ImagesState::default();
        images.advance(arriving(1, 0.0));
        images.end_fetch(RequestKind::FetchImages, None);
        assert_eq!((images.name(), &images.trouble), ("absent", &None));
        images.end_fetch(RequestKind::FetchImages, Some("The host does not answer.".into()));
        assert!(images.trouble.is_some());
        images.settle(present());
        assert_eq!(images.trouble, None);
    }
}
