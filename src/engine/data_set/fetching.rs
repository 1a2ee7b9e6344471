//! Files of images as they arrive, piece by piece, while the session serves everything else.

use crate::{
    data::{ArchiveReader, Collection, Images, archive::Found},
    engine::host::{FetchFailure, First, Host, MOST_WAIT_SECS, MOST_WAITS, Pieces, STALL_MS, first},
    protocol::{Event, FetchStage, RequestKind},
};
use std::collections::VecDeque;

/// The parquet files on the Hugging Face hub, at a fixed revision.
const HUB: &str = "https://huggingface.co/datasets/uoft-cs/cifar10/resolve/0b2714987fa478483af9968de7c934580d0bb9a2/";

/// The published archive.
const ARCHIVE: &[&str] = &["cifar-10-binary.tar.gz"];

/// The parquet files, below the folder of a place.
const PARQUET: &[&str] = &["plain_text/train-00000-of-00001.parquet", "plain_text/test-00000-of-00001.parquet"];

/// The least time between two messages about a file's progress.
const TELL_MS: f64 = 100.0;

/// The file that is arriving, and those that wait for their turn.
pub(super) struct Fetching<H: Host> {
    going: Option<Job<H>>,
    /// The visitor's files that are read next.
    waiting: VecDeque<(String, H::File)>,
    /// If a download broke off after a whole file: its place, and the images of its whole files. The next try continues
    /// there.
    begun: Option<(String, Collection)>,
    /// Makes a reader for the file of this name.
    reader: fn(&str) -> ArchiveReader,
}

impl<H: Host> Default for Fetching<H> {
    fn default() -> Self {
        Self { going: None, waiting: VecDeque::new(), begun: None, reader: |name| ArchiveReader::new(name) }
    }
}

/// The effect of the newest piece.
pub(in crate::engine) enum Step {
    /// More pieces will come.
    Going,
    /// The first training batch is here. More pieces will come.
    Begun(Images),
    /// These images arrived, and replace those before.
    Came(Collection),
    /// The visitor's file of this name has these images.
    Read(String, Found),
    /// The request `asked` failed; the reason is a sentence.
    Failed { asked: RequestKind, reason: String },
}

impl<H: Host> Fetching<H> {
    /// Whether a file is arriving.
    pub fn is_under_way(&self) -> bool {
        self.going.is_some()
    }

    /// Looks for CIFAR-10 below `data_url` and then elsewhere, unless it is arriving already.
    pub fn begin(&mut self, data_url: &str) {
        if self.going.as_ref().is_some_and(|job| job.asked == RequestKind::FetchImages) {
            return;
        }
        let places = [(data_url, ARCHIVE), (data_url, PARQUET), (HUB, PARQUET)];
        let places = places.map(|(base, files)| Place { base: base.into(), files: files.iter().copied().collect() });
        self.going = Some(Job::new(RequestKind::FetchImages, places.into(), None));
    }

    /// Reads the visitor's `file`, now or after the file that is arriving.
    pub fn read(&mut self, host: &H, name: String, file: H::File) {
        self.waiting.push_back((name, file));
        self.go_on(host);
    }

    /// Begins with the next waiting file, if no other is arriving.
    pub fn go_on(&mut self, host: &H) {
        if self.going.is_none()
            && let Some((name, file)) = self.waiting.pop_front()
        {
            let (pieces, reader) = (host.open(&name, &file), (self.reader)(&name));
            let file = Reading::new("your file", &name, pieces, reader, host.now_ms());
            self.going = Some(Job::new(RequestKind::AddImages, VecDeque::new(), Some(file)));
        }
    }

    /// Ends the arriving file and forgets those that wait. Returns the request that had asked for it.
    pub fn cancel(&mut self) -> Option<RequestKind> {
        self.waiting.clear();
        let job = self.going.take()?;
        let asked = job.asked;
        self.begun = job.whole_files();
        Some(asked)
    }

    /// Forgets the images of a download that broke off.
    pub fn forget(&mut self) {
        self.begun = None;
    }

    /// Makes the next piece send the file's progress to the page, even if the last message was sent just before.
    pub fn tell_again(&mut self) {
        if let Some(file) = self.going.as_mut().and_then(|job| job.file.as_mut()) {
            file.told_ms = f64::NEG_INFINITY;
        }
    }

    /// Takes in the next piece when it arrives. Never ready while no file is arriving. The future can be dropped and
    /// made anew: nothing is lost.
    pub async fn advance(&mut self, host: &H) -> Step {
        let Some(job) = &mut self.going else { return std::future::pending().await };
        let step = job.advance(host, &mut self.begun, self.reader).await;
        if !matches!(step, Step::Going | Step::Begun(_)) {
            self.begun = self.going.take().and_then(Job::whole_files);
        }
        step
    }
}

/// A request for images, until all of them are there.
struct Job<H: Host> {
    asked: RequestKind,
    collection: Collection,
    /// Places that may have the files, the one in use first; empty for a visitor's file.
    places: VecDeque<Place>,
    /// The file that is arriving.
    file: Option<Reading<H>>,
    /// The earliest time for the next request, in the host's time, if the server asked to wait.
    not_before_ms: Option<f64>,
    /// How often the server asked to wait.
    waits: u32,
    /// Why the last place had no file, as a sentence.
    absent: String,
    /// Whether the first training batch was given out, in [`Step::Begun`].
    has_begun: bool,
}

/// A place that may have CIFAR-10.
struct Place {
    base: String,
    /// The files that are still missing from this place.
    files: VecDeque<&'static str>,
}

/// A file that is arriving.
struct Reading<H: Host> {
    source: String,
    name: String,
    pieces: H::Pieces,
    reader: ArchiveReader,
    received_bytes: u64,
    told_ms: f64,
    /// When the last byte came.
    heard_ms: f64,
}

impl<H: Host> Reading<H> {
    fn new(source: &str, name: &str, pieces: H::Pieces, reader: ArchiveReader, now_ms: f64) -> Self {
        Self {
            source: source.into(),
            name: name.into(),
            pieces,
            reader,
            received_bytes: 0,
            told_ms: f64::NEG_INFINITY,
            heard_ms: now_ms,
        }
    }

    fn tell(&mut self, host: &H, stage: FetchStage) {
        let (source, file) = (self.source.clone(), self.name.clone());
        let total_bytes = self.pieces.total_bytes();
        host.post(Event::Fetching { source, file, stage, received_bytes: self.received_bytes, total_bytes });
        self.told_ms = host.now_ms();
    }
}

impl<H: Host> Job<H> {
    fn new(asked: RequestKind, places: VecDeque<Place>, file: Option<Reading<H>>) -> Self {
        let (collection, absent) = (Collection::default(), String::new());
        Self { asked, collection, places, file, not_before_ms: None, waits: 0, absent, has_begun: false }
    }

    /// The images of the whole files that came before the download broke off, and their place.
    fn whole_files(mut self) -> Option<(String, Collection)> {
        let place = self.places.pop_front().filter(|_| !self.collection.is_empty())?;
        Some((place.base, self.collection))
    }

    async fn advance(
        &mut self,
        host: &H,
        begun: &mut Option<(String, Collection)>,
        reader: fn(&str) -> ArchiveReader,
    ) -> Step {
        if let Some(not_before_ms) = self.not_before_ms {
            let left_ms = not_before_ms - host.now_ms();
            if left_ms > 0.0 {
                host.sleep(left_ms as u32).await;
            }
            self.not_before_ms = None;
        }
        if self.file.is_none() && !self.open_next(host, begun, reader) {
            return self.failed(self.nowhere());
        }
        let file = self.file.as_mut().expect("just opened");
        if host.now_ms() - file.told_ms > TELL_MS {
            file.tell(host, FetchStage::Arriving);
        }
        let stall_ms = f64::from(STALL_MS) - (host.now_ms() - file.heard_ms);
        match first(file.pieces.next(), host.sleep(stall_ms.max(0.0) as u32)).await {
            First::A(Ok(Some(piece))) => {
                file.received_bytes += piece.len() as u64;
                file.heard_ms = host.now_ms();
                if let Err(error) = file.reader.feed(&piece) {
                    return self.failed(error.to_string());
                }
                let first = if self.has_begun { None } else { file.reader.first_batch() };
                self.begin_with(first)
            }
            First::A(Ok(None)) => self.finish_file(host),
            First::A(Err(failure)) => self.fail_file(host, failure),
            First::B(()) if file.received_bytes == 0 && !self.places.is_empty() => {
                let reason = format!("{} does not answer.", file.source);
                self.fail_file(host, FetchFailure::Absent(reason))
            }
            First::B(()) => {
                let seconds = STALL_MS / 1000;
                let reason = format!("No byte of {} has arrived for {seconds} seconds. Try again.", file.name);
                self.failed(reason)
            }
        }
    }

    /// Requests the next file from the place in use. False if no place is left.
    fn open_next(
        &mut self,
        host: &H,
        begun: &mut Option<(String, Collection)>,
        reader: fn(&str) -> ArchiveReader,
    ) -> bool {
        let Some(place) = self.places.front_mut() else { return false };
        // Whole files that an earlier try brought from this place are not fetched again.
        if self.collection.is_empty()
            && let Some((_, collection)) = begun.take_if(|(base, _)| *base == place.base && place.files.len() > 1)
        {
            self.collection = collection;
            place.files.pop_front();
        }
        let file = place.files.front().expect("a place is left with its last file");
        let name = file.rsplit('/').next().unwrap_or(file);
        let pieces = host.fetch(&format!("{}{file}", place.base));
        self.file = Some(Reading::new(&host_name(&place.base), name, pieces, reader(name), host.now_ms()));
        true
    }

    /// Takes in the file, whose bytes are all here.
    fn finish_file(&mut self, host: &H) -> Step {
        let mut file = self.file.take().expect("it was being read");
        file.tell(host, FetchStage::Checking);
        let found = match file.reader.finish() {
            Ok(found) => found,
            Err(error) => return self.failed(error.to_string()),
        };
        let Some(place) = self.places.front_mut() else { return Step::Read(file.name, found) };
        if let Err(error) = self.collection.add(&file.name, found) {
            return self.failed(error.to_string());
        }
        place.files.pop_front();
        if place.files.is_empty() {
            return Step::Came(std::mem::take(&mut self.collection));
        }
        // The training images come in one file, before the test images.
        let first = (!self.has_begun).then(|| self.collection.first_batch());
        self.begin_with(first)
    }

    /// Gives out the first training batch, if it has just come.
    fn begin_with(&mut self, first_batch: Option<Images>) -> Step {
        self.has_begun |= first_batch.is_some();
        first_batch.map_or(Step::Going, Step::Begun)
    }

    /// Tries the next place if this one lacks the file. If the server asks to wait, waits. A download that broke off
    /// fails, since its bytes are of no use elsewhere.
    fn fail_file(&mut self, host: &H, failure: FetchFailure) -> Step {
        let file = self.file.take();
        match failure {
            FetchFailure::Later { wait_secs, .. } if self.waits < MOST_WAITS && wait_secs <= MOST_WAIT_SECS => {
                if let Some(mut file) = file {
                    file.tell(host, FetchStage::Waiting);
                }
                self.waits += 1;
                self.not_before_ms = Some(host.now_ms() + f64::from(wait_secs) * 1000.0);
                Step::Going
            }
            FetchFailure::Absent(reason) if self.collection.is_empty() && self.places.pop_front().is_some() => {
                self.absent = reason;
                if self.places.is_empty() { self.failed(self.nowhere()) } else { Step::Going }
            }
            failure => self.failed(failure.into_reason()),
        }
    }

    fn nowhere(&self) -> String {
        format!(
            "CIFAR-10 was found neither on this host nor at the Hugging Face hub. {} Try again, or drop \
             cifar-10-binary.tar.gz here.",
            self.absent
        )
    }

    fn failed(&self, reason: String) -> Step {
        Step::Failed { asked: self.asked, reason }
    }
}

/// The host in an address: "huggingface.co".
fn host_name(url: &str) -> String {
    url.split("//").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(url).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{Message, NoAdapter},
        shelf::files::NoFiles,
    };
    use std::{
        cell::{Cell, RefCell},
        task::Poll,
    };

    /// A network whose addresses give their listed answers, one for each request.
    #[derive(Default)]
    struct Net {
        answers: RefCell<Vec<(&'static str, VecDeque<Answer>)>>,
        asked: RefCell<Vec<String>>,
        now_ms: Cell<f64>,
        slept_ms: Cell<u32>,
        told: RefCell<Vec<FetchStage>>,
    }

    /// The answer of an address.
    #[derive(Clone)]
    enum Answer {
        Bytes(&'static [u8]),
        Failure(FetchFailure),
        Silence,
    }

    struct Pieces(Vec<Answer>);

    impl crate::engine::Pieces for Pieces {
        fn total_bytes(&self) -> Option<u64> {
            None
        }

        async fn next(&mut self) -> Result<Option<Vec<u8>>, FetchFailure> {
            match self.0.pop() {
                None => Ok(None),
                Some(Answer::Bytes(bytes)) => Ok(Some(bytes.to_vec())),
                Some(Answer::Failure(failure)) => Err(failure),
                Some(Answer::Silence) => std::future::pending().await,
            }
        }
    }

    impl Host for Net {
        type File = &'static [u8];
        type Pieces = Pieces;
        type Files = NoFiles;

        fn post(&self, event: Event) {
            if let Event::Fetching { stage, .. } = event {
                self.told.borrow_mut().push(stage);
            }
        }
        fn post_with(&self, _: Event, _: Vec<u8>) {}
        fn now_ms(&self) -> f64 {
            self.now_ms.get()
        }
        async fn receive(&self) -> Option<Message<Self::File>> {
            None
        }
        fn try_receive(&self) -> Option<Message<Self::File>> {
            None
        }
        async fn breathe(&self) {}
        async fn sleep(&self, milliseconds: u32) {
            self.slept_ms.set(self.slept_ms.get() + milliseconds);
            self.now_ms.set(self.now_ms.get() + f64::from(milliseconds));
        }
        fn lost_device(&self) -> Option<String> {
            None
        }
        async fn adapter(&self) -> Result<String, NoAdapter> {
            Err(NoAdapter::Never(String::new()))
        }
        async fn read(&self, file: &Self::File) -> Result<Vec<u8>, String> {
            Ok(file.to_vec())
        }
        fn open(&self, _: &str, file: &Self::File) -> Pieces {
            Pieces(vec![Answer::Bytes(file)])
        }
        fn fetch(&self, url: &str) -> Pieces {
            self.asked.borrow_mut().push(url.into());
            let absent = || Answer::Failure(FetchFailure::Absent(format!("{url} is not there.")));
            let mut answers = self.answers.borrow_mut();
            let known = answers.iter_mut().find(|(address, _)| *address == url);
            Pieces(vec![known.and_then(|(_, answers)| answers.pop_front()).unwrap_or_else(absent)])
        }
        fn files(&self) -> &NoFiles {
            &NoFiles
        }
        fn unique(&self) -> u64 {
            0
        }
        fn unix_ms(&self) -> u64 {
            0
        }
    }

    const TRAIN: &str = "https://here/data/plain_text/train-00000-of-00001.parquet";
    const TEST: &str = "https://here/data/plain_text/test-00000-of-00001.parquet";
    const TRAIN_FILE: Answer = Answer::Bytes(include_bytes!("../../../tests/fixtures/archives/train.parquet"));
    const TEST_FILE: Answer = Answer::Bytes(include_bytes!("../../../tests/fixtures/archives/test.parquet"));

    fn later(wait_secs: u32) -> Answer {
        Answer::Failure(FetchFailure::Later { reason: "The server answered 429.".into(), wait_secs })
    }

    fn net<const N: usize>(answers: [(&'static str, Vec<Answer>); N]) -> Net {
        let answers = answers.map(|(url, answers)| (url, answers.into())).into();
        Net { answers: RefCell::new(answers), ..Net::default() }
    }

    fn fetching() -> Fetching<Net> {
        let mut fetching = Fetching { reader: ArchiveReader::of_four_a_batch, ..Fetching::default() };
        fetching.begin("https://here/data/");
        fetching
    }

    /// The numbers of training and test images in the end, or the error's sentence.
    fn end(fetching: &mut Fetching<Net>, net: &Net) -> Result<(usize, usize), String> {
        loop {
            match pollster::block_on(fetching.advance(net)) {
                Step::Going | Step::Begun(_) => {}
                Step::Came(collection) => return Ok((collection.train().len(), collection.test().len())),
                Step::Read(name, _) => return Err(name),
                Step::Failed { reason, .. } => return Err(reason),
            }
        }
    }

    #[test]
    fn where_one_place_has_nothing_the_next_is_asked() {
        let net = net([(TRAIN, vec![TRAIN_FILE]), (TEST, vec![TEST_FILE])]);
        assert_eq!(end(&mut fetching(), &net), Ok((20, 4)));
        assert_eq!(net.asked.borrow().len(), 3, "the archive first");
    }

    #[test]
    fn the_first_training_batch_is_told_once_before_the_test_images_come() {
        let net = net([(TRAIN, vec![TRAIN_FILE]), (TEST, vec![TEST_FILE])]);
        let mut fetching = fetching();
        let mut told = Vec::new();
        loop {
            match pollster::block_on(fetching.advance(&net)) {
                Step::Going => {}
                Step::Begun(images) => told.push((images, net.asked.borrow().len())),
                Step::Came(collection) => {
                    let [(images, asked)] = &told[..] else { panic!("told {} times", told.len()) };
                    assert_eq!(
                        (images, *asked),
                        (&collection.train().first(4), 2),
                        "the test images are not asked for yet"
                    );
                    return;
                }
                Step::Read(..) | Step::Failed { .. } => panic!("no image came"),
            }
        }
    }

    #[test]
    fn a_server_that_asks_for_patience_is_asked_again_after_that_and_not_for_ever() {
        let net = net([(TRAIN, vec![later(7), later(20), TRAIN_FILE]), (TEST, vec![TEST_FILE])]);
        assert_eq!(end(&mut fetching(), &net), Ok((20, 4)));
        assert_eq!(net.slept_ms.get(), 27_000);
        assert!(net.told.borrow().contains(&FetchStage::Waiting));
        for answers in [vec![later(1); 9], vec![later(3_600)]] {
            let net = self::net([(TRAIN, answers)]);
            assert_eq!(end(&mut fetching(), &net), Err("The server answered 429.".into()));
        }
    }

    #[test]
    fn a_second_file_that_fails_does_not_throw_the_first_one_away() {
        let broken = Answer::Failure(FetchFailure::Broken("The download broke off.".into()));
        let net = net([(TRAIN, vec![TRAIN_FILE]), (TEST, vec![broken, Answer::Silence, TEST_FILE])]);
        let mut fetching = fetching();
        assert_eq!(end(&mut fetching, &net), Err("The download broke off.".into()));
        fetching.begin("https://here/data/");
        assert_eq!(end(&mut fetching, &net), Err("here does not answer.".into()));
        fetching.begin("https://here/data/");
        assert_eq!(end(&mut fetching, &net), Ok((20, 4)));
        assert_eq!(net.asked.borrow().iter().filter(|url| *url == TRAIN).count(), 1);
    }

    #[test]
    fn fetch_pressed_twice_and_then_cancel_begins_nothing_anew() {
        let net = net([(TRAIN, vec![TRAIN_FILE, TRAIN_FILE]), (TEST, vec![TEST_FILE])]);
        let mut fetching = fetching();
        let first = pollster::block_on(fetching.advance(&net));
        assert!(matches!(first, Step::Going));
        fetching.begin("https://here/data/");
        assert_eq!(fetching.cancel(), Some(RequestKind::FetchImages));
        assert!(!fetching.is_under_way() && fetching.cancel().is_none());
        let ready =
            std::pin::pin!(fetching.advance(&net)).poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        assert!(matches!(ready, Poll::Pending));
    }

    #[test]
    fn a_place_that_does_not_answer_is_passed_over_and_one_that_falls_silent_is_told() {
        let archive = "https://here/data/cifar-10-binary.tar.gz";
        let net = net([(archive, vec![Answer::Silence]), (TRAIN, vec![TRAIN_FILE]), (TEST, vec![TEST_FILE])]);
        assert_eq!(end(&mut fetching(), &net), Ok((20, 4)));
        assert_eq!(net.slept_ms.get(), STALL_MS);
    }

    #[test]
    fn files_of_the_visitors_are_read_one_after_the_other() {
        let (Answer::Bytes(train), Answer::Bytes(test)) = (TRAIN_FILE, TEST_FILE) else { unreachable!("bytes") };
        let net = Net::default();
        let mut fetching = Fetching { reader: ArchiveReader::of_four_a_batch, ..Fetching::default() };
        fetching.read(&net, "first".into(), train);
        fetching.read(&net, "second".into(), test);
        assert_eq!(end(&mut fetching, &net), Err("first".into()));
        fetching.go_on(&net);
        assert_eq!(end(&mut fetching, &net), Err("second".into()));
    }
}
