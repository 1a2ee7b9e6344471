//! Answers the page's questions about the inside of the network that answers.

use super::{
    data_set::{DataSet, pick},
    host::Host,
    pictures::Pictures,
};
use crate::{
    data::{Collection, Images, Seen},
    domain::{CLASS_COUNT, Split},
    infer::{Classifier, ExecutionError},
    inspect::{self, Features, Peaks},
    protocol::{
        Event, PictureId,
        inspect::{Found, Inspected, NEAREST, Near, PLANE_IMAGES, Patch, Plane, Question, View},
    },
    shelf::{Keeper, Pair},
};
use half::f16;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, rc::Rc};

/// The answer if the test images have not passed through the network.
const NOT_PASSED: &str = "The test images have not passed through this network yet.";

/// The stem of the files on this device that keep the training images' features.
const KEPT: &str = "features";

/// The features of the data set's images: the values of the last hidden layer, for the images that have passed through
/// the network.
#[derive(Debug, Default)]
struct Gathered {
    /// The page's number for the network's weights.
    weights: u32,
    /// Features of the test images, and of the training images.
    test: Features,
    train: Features,
    /// The test images that excite each map most.
    peaks: Peaks,
    /// The plane of the test images, once it was asked for, and the places of the visitor's pictures in it.
    plane: Option<(inspect::Plane, BTreeMap<PictureId, [f32; 2]>)>,
    /// The plane of earlier weights.
    plane_before: Option<inspect::Plane>,
}

/// The images of a split, and how many of them are gathered.
fn images_of(images: &Collection, split: Split) -> (&Images, usize) {
    match split {
        Split::Train => (images.train(), images.train().len()),
        Split::Test => (images.test(), images.test().len().min(PLANE_IMAGES)),
    }
}

impl Gathered {
    /// Drops everything that was gathered with other weights than these.
    fn turn_to(&mut self, weights: u32) {
        if self.weights != weights {
            let plane_before = self.plane.take().map(|(plane, _)| plane).or(self.plane_before.take());
            *self = Self { weights, plane_before, ..Self::default() };
        }
    }

    fn of(&mut self, split: Split) -> &mut Features {
        match split {
            Split::Train => &mut self.train,
            Split::Test => &mut self.test,
        }
    }
}

/// Answers questions about the inside of a network.
pub(super) struct Inspection<H> {
    host: Rc<H>,
    gathered: Gathered,
}

impl<H: Host> Inspection<H> {
    /// An inspection that has gathered nothing.
    pub fn new(host: Rc<H>) -> Self {
        Self { host, gathered: Gathered::default() }
    }

    /// Answers `question` about `classifier`. If it `is_live`, a run is changing its weights.
    ///
    /// Only what was gathered from the data set is kept. The page asks again after a change.
    ///
    /// # Errors
    /// If the device fails; the page is told.
    pub async fn answer(
        &mut self,
        question: Question,
        classifier: Option<&Classifier>,
        is_live: bool,
        pictures: &Pictures<H>,
        data_set: &mut DataSet<H>,
    ) -> Result<(), ExecutionError> {
        let Question { ticket, pixels, view } = question;
        let start_ms = self.host.now_ms();
        let found = match (classifier, Seen::try_from(pixels)) {
            (Some(classifier), Ok(picture)) => match view {
                View::Gather { split, count, weights } => {
                    self.gather(classifier, is_live, (split, count as usize, weights), data_set).await
                }
                View::Plane => self.plane(classifier, &picture, pictures, data_set).await,
                View::Patches { layer, channel } => Ok(self.patches(classifier, layer, channel, data_set).await),
                View::Nearest => self.nearest(classifier, &picture, data_set).await,
                View::Image { index } => Ok(image(index, data_set).await),
                _ => find(classifier, &picture, view).await,
            },
            (None, _) => Ok(Found::Nothing("There is no network yet.".into())),
            (_, Err(_)) => Ok(Found::Nothing("This is no picture of 32x32 pixels.".into())),
        };
        let (found, ended) = match found {
            Ok(found) => (found, Ok(())),
            Err(error) => (Found::Nothing(format!("The device stopped computing ({error}).")), Err(error)),
        };
        let milliseconds = (self.host.now_ms() - start_ms) as f32;
        self.host.post(Event::Inspected(Inspected { ticket, view, milliseconds, found }));
        ended
    }

    /// Passes `count` more images of `split` through the network, whose weights have the page's number `weights`.
    ///
    /// The training images' features are kept on this device, and found again for the same weights. Those of a run are
    /// not, since its weights change.
    async fn gather(
        &mut self,
        classifier: &Classifier,
        is_live: bool,
        (split, count, weights): (Split, usize, u32),
        data_set: &mut DataSet<H>,
    ) -> Result<Found, ExecutionError> {
        let images = match data_set.load().await {
            Ok(images) => images,
            Err(reason) => return Ok(Found::Nothing(reason)),
        };
        self.gathered.turn_to(weights);
        let (of_split, total) = images_of(&images, split);
        if total == 0 {
            return Ok(Found::Nothing("There are no such images here.".into()));
        }
        let is_kept = split == Split::Train && !is_live;
        if is_kept && self.gathered.train.count() == 0 {
            let name = name_of(classifier, data_set, &images).await?;
            if let Some(kept) = self.kept_features(&name).await.filter(|kept| kept.count() == total) {
                self.gathered.train = kept;
            }
        }
        let start = self.gathered.of(split).count();
        let next = start..(start + count).min(total);
        if !next.is_empty() {
            let pictures: Vec<Seen> = next.map(|index| of_split.interleaved(index)).collect();
            let more = match split {
                Split::Train => inspect::features(classifier, &pictures).await?,
                Split::Test => inspect::passed(classifier, &pictures, start, &mut self.gathered.peaks).await?,
            };
            self.gathered.of(split).append(more);
            if is_kept && self.gathered.train.count() == total {
                let name = name_of(classifier, data_set, &images).await?;
                self.keep_features(&name).await;
            }
        }
        Ok(Found::Gathered { done: self.gathered.of(split).count() as u32, total: total as u32 })
    }

    async fn plane(
        &mut self,
        classifier: &Classifier,
        picture: &Seen,
        pictures: &Pictures<H>,
        data_set: &mut DataSet<H>,
    ) -> Result<Found, ExecutionError> {
        let images = match data_set.load().await {
            Ok(images) => images,
            Err(reason) => return Ok(Found::Nothing(reason)),
        };
        let here = inspect::features(classifier, &[*picture]).await?;
        let Gathered { test, plane, plane_before, .. } = &mut self.gathered;
        if test.len != here.len || test.count() > images.test().len() {
            return Ok(Found::Nothing(NOT_PASSED.into()));
        }
        let (plane, places) = plane.get_or_insert_with(|| {
            let plane = inspect::Plane::of(test);
            (plane_before.as_ref().map_or(plane.clone(), |before| plane.turned_as(before)), BTreeMap::new())
        });
        // Only pictures that came since the plane was last asked for are computed.
        places.retain(|&id, _| pictures.seen(id).is_some());
        let new = pictures.newest(usize::MAX).into_iter().filter(|(id, _)| !places.contains_key(id));
        let (ids, new): (Vec<PictureId>, Vec<Seen>) = new.unzip();
        if !new.is_empty() {
            let features = inspect::features(classifier, &new).await?;
            places.extend(ids.into_iter().enumerate().map(|(at, id)| (id, plane.place(features.row(at)))));
        }
        let points = (0..test.count()).map(|index| (images.test().label(index), plane.place(test.row(index))));
        Ok(Found::Plane(Plane {
            points: points.collect(),
            here: plane.place(&here.values),
            pictures: places.iter().map(|(&id, &place)| (id, place)).collect(),
            share: plane.share,
        }))
    }

    async fn patches(&self, classifier: &Classifier, layer: u32, channel: u32, data_set: &mut DataSet<H>) -> Found {
        let images = match data_set.load().await {
            Ok(images) => images,
            Err(reason) => return Found::Nothing(reason),
        };
        let peaks = self.gathered.peaks.of(layer as usize, channel as usize);
        if peaks.is_empty() {
            return Found::Nothing(NOT_PASSED.into());
        }
        let patch = |peak: &inspect::Peak| {
            let image = pick(images.test(), &[peak.image]).pop()?;
            Some(Patch { image, value: peak.value, window: peak.window(classifier, layer as usize) })
        };
        Found::Patches(peaks.iter().filter_map(patch).collect())
    }

    async fn nearest(
        &self,
        classifier: &Classifier,
        picture: &Seen,
        data_set: &mut DataSet<H>,
    ) -> Result<Found, ExecutionError> {
        let images = match data_set.load().await {
            Ok(images) => images,
            Err(reason) => return Ok(Found::Nothing(reason)),
        };
        let here = inspect::features(classifier, &[*picture]).await?;
        let train = &self.gathered.train;
        if train.len != here.len {
            return Ok(Found::Nothing("The training images have not passed through this network yet.".into()));
        }
        let nearest = train.nearest(&here.values, NEAREST);
        let near = nearest.into_iter().filter_map(|(index, distance)| {
            let image = pick(images.train(), &[index as u32]).pop()?;
            Some(Near { image, distance })
        });
        Ok(Found::Nearest(near.collect()))
    }

    /// The features that are kept under this name. `None` if there are none, or they are damaged.
    async fn kept_features(&self, name: &[u8; 32]) -> Option<Features> {
        let kept = Pair::new(KEPT).load(self.host.files()).await.ok()??;
        let (found, rest) = kept.body.split_first_chunk::<32>()?;
        let (len, rest) = rest.split_first_chunk::<4>()?;
        let values = rest.as_chunks::<2>().0.iter().map(|&bytes| f16::from_le_bytes(bytes).to_f32()).collect();
        (found == name).then_some(Features { len: u32::from_le_bytes(*len) as usize, values })
    }

    /// Keeps the features of the training images on this device, if there is room.
    async fn keep_features(&self, name: &[u8; 32]) {
        let train = &self.gathered.train;
        let values: Vec<u8> = train.values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect();
        let body: [&[u8]; 3] = [name, &(train.len as u32).to_le_bytes(), &values];
        let files = self.host.files();
        let mut keeper = Keeper::beside_newest(Pair::new(KEPT), files).await;
        // If they cannot be kept, the next visit computes them again.
        if keeper.save(files, &[], &body).await.is_ok() {
            // Only one copy stays: it is large, and can be computed again.
            let _ = keeper.remove_other(files).await;
        }
    }
}

/// A digest of the weights and the training images, so that features of others are not mistaken for theirs.
async fn name_of<H: Host>(
    classifier: &Classifier,
    data_set: &mut DataSet<H>,
    images: &Collection,
) -> Result<[u8; 32], ExecutionError> {
    let mut digest = Sha256::new();
    digest.update(inspect::fingerprint(classifier).await?);
    digest.update(data_set.train_digest(images));
    Ok(digest.finalize().into())
}

/// The test image of this number.
async fn image<H: Host>(index: u32, data_set: &mut DataSet<H>) -> Found {
    match data_set.show(Split::Test, &[index]).await {
        Ok(mut images) => match images.pop() {
            Some(image) => Found::Image(image),
            None => Found::Nothing("There is no such test image.".into()),
        },
        Err(reason) => Found::Nothing(reason),
    }
}

/// The answer to `view` for `picture`, from `classifier`.
///
/// # Errors
/// If the device fails.
async fn find(classifier: &Classifier, picture: &Seen, view: View) -> Result<Found, ExecutionError> {
    let absent = |what: &str| Found::Nothing(format!("This network has no such {what}."));
    Ok(match view {
        View::Answer => Found::Answer(inspect::outputs(classifier, &classifier.logits(&[*picture]).await?[0])),
        View::Layers => {
            let (layers, outputs) = inspect::layers(classifier, picture).await?;
            Found::Layers { layers, outputs }
        }
        View::Filters => inspect::filters(classifier).await?.map_or_else(|| absent("filters"), Found::Filters),
        View::Unit(unit) => {
            inspect::arithmetic(classifier, picture, unit).await?.map_or_else(|| absent("unit"), Found::Unit)
        }
        View::Occlusion { first, count } => {
            let (first, count) = (first as usize, count as usize);
            Found::Occlusion(inspect::occluded(classifier, picture, first..first.saturating_add(count)).await?)
        }
        View::Gather { .. } | View::Plane | View::Patches { .. } | View::Nearest | View::Image { .. } => {
            absent("images")
        }
        View::Gradient { class } | View::ClassActivation { class } if usize::from(class) >= CLASS_COUNT => {
            absent("class")
        }
        View::Gradient { class } => Found::Heat(inspect::gradient(classifier, picture, class.into()).await?),
        View::ClassActivation { class } => {
            Found::Heat(inspect::class_activation(classifier, picture, class.into()).await?)
        }
    })
}
