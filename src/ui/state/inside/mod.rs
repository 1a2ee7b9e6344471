//! What is known of the network's inside, and what the page asks the worker about it next.

use std::collections::HashMap;
use std::rc::Rc;

use crate::ui::paint::{Canvas, Filter, Stroke};
use crate::ui::view;
use crate::{
    domain::arithmetic::{Arithmetic, Unit},
    protocol::inspect::{Found, Heat, Inspected, Maps, Near, Outputs, Patch, Plane, Question, View, occlusion_order},
};
use crate::{
    domain::{CLASS_COUNT, Split, likeliest},
    protocol::{DataImage, PictureId, RunStatus},
};

use super::{Phase, State};

/// The squares that the worker hides for one request. The number is small, so that the worker can answer other requests
/// in between.
const SQUARES_AT_ONCE: u32 = 29;

/// The images that pass through the network for one request.
const IMAGES_AT_ONCE: u32 = 20;

/// The images for one request during a run. The run trains a step between two requests, so the number is large: the
/// images are to pass through nearly the same network.
const IMAGES_AT_ONCE_DURING_RUN: u32 = 250;

/// Following a run may take one part in 35 of its time: less than 3%.
const FOLLOWING_SHARE: f64 = 35.0;

/// A pane on the network's inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The output of each layer.
    Layers,
    /// The parts of the picture that support a class.
    Why,
    /// The picture to paint on.
    WhatIf,
    /// The filters of the first layer.
    Filters,
    /// The training images that are nearest in the last hidden layer.
    Nearest,
    /// The test images in a plane.
    Plane,
}

impl Pane {
    /// All panes, in the order of their tabs.
    pub const ALL: [Self; 6] = [Self::Layers, Self::Why, Self::WhatIf, Self::Filters, Self::Nearest, Self::Plane];
}

/// The method of the heat map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Each part of the picture is hidden in turn.
    #[default]
    Occlusion,
    /// The gradient of the class's logit.
    Gradient,
    /// The class activation map, from the last maps.
    ClassActivation,
}

/// A change to the view of the inside, by the visitor or by the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Open this pane, or close all.
    Opened(Option<Pane>),
    /// Look at a unit, or at the strongest one of a layer.
    Chosen(Choice),
    /// Show the heat map of this class.
    Class(usize),
    /// Make the heat map by this method.
    Method(Method),
    /// The visitor painted a stroke on the picture.
    Painted(Stroke),
    /// Apply a filter to the whole picture.
    Filtered(Filter),
    /// Undo the last stroke.
    Undone,
    /// Restore the original picture.
    Reset,
    /// Start or stop passing the training images through the network.
    Gathering(bool),
    /// Start or stop showing the parts of test images that excite a map most.
    Patches(bool),
    /// Highlight the images of this class in the plane, or all images.
    PlaneClass(Option<usize>),
    /// Look at the test image of this index.
    Point(u32),
    /// Note that the worker was asked this question.
    Asked(Question),
}

/// The unit to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The strongest unit of this layer.
    Layer(usize),
    /// This unit.
    Unit(Unit),
    /// No unit.
    Nothing,
}

/// The picture, weights and look that a finding belongs to. It is of no use for others.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    pixels: Rc<[u8]>,
    /// Counts how often other weights came to answer.
    weights: u32,
    /// Counts how often the page looked at the run again.
    look: u32,
}

/// A finding of the worker.
#[derive(Clone, Debug, PartialEq)]
pub struct Known<T> {
    about: About,
    /// The view that was asked for.
    view: View,
    /// The time that it took, in milliseconds.
    pub milliseconds: f32,
    /// The finding itself.
    pub value: Rc<T>,
}

/// The output of each layer, and the network's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Layers {
    /// The layers' maps, beginning with the picture.
    pub layers: Vec<Maps>,
    /// The network's answer.
    pub outputs: Outputs,
}

/// The state of the network's inside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InsideState {
    /// The pane that is open.
    pub pane: Option<Pane>,
    /// The unit that the visitor looks at.
    pub unit: Option<Unit>,
    /// The class of the heat map; none for the most likely class.
    pub class: Option<usize>,
    /// The method of the heat map.
    pub method: Method,
    /// The pictures that the visitor painted on.
    canvases: HashMap<PictureId, Canvas>,
    /// The network's answer.
    pub answer: Option<Known<Outputs>>,
    /// The output of each layer.
    pub layers: Option<Known<Layers>>,
    /// The first layer's filters.
    pub filters: Option<Known<Maps>>,
    /// The arithmetic behind the unit's value.
    pub arithmetic: Option<Known<Arithmetic>>,
    /// The heat map by gradient or class activation.
    pub heat: Option<Known<Heat>>,
    /// The logits with parts of the picture hidden, for the squares that are known so far.
    pub hidden: Option<Known<Vec<[f32; CLASS_COUNT]>>>,
    /// The positions of the test images in the plane.
    pub plane: Option<Known<Plane>>,
    /// The parts of test images that excite the unit's map most.
    patches: Option<Known<Vec<Patch>>>,
    /// Whether the visitor wants those parts.
    pub wants_patches: bool,
    /// The nearest training images.
    pub nearest: Option<Known<Vec<Near>>>,
    /// Whether the training images are to pass through the network.
    pub is_gathering: bool,
    /// The class that is highlighted in the plane.
    pub plane_class: Option<usize>,
    /// The test image that the visitor looks at: its index, and the image once it is known.
    point: Option<u32>,
    image: Option<DataImage>,
    /// For each split: the weights through which images have passed, how many have passed, and how many there are.
    gathered: [Option<(u32, u32, u32)>; 2],
    /// The last question without a finding, and the reason.
    nothing: Option<(About, View, Rc<str>)>,
    /// The ticket and subject of the question that the worker has not answered yet.
    asked: Option<(u32, About, View)>,
    last_ticket: u32,
    weights: u32,
    look: u32,
    /// The milliseconds that the last look's answers took, and the time at which the look began.
    look_took_ms: f64,
    looked_at_ms: f64,
    /// The milliseconds that the last pass of the test images took so far, and the time at which it began.
    pass_took_ms: f64,
    passed_at_ms: f64,
}

impl InsideState {
    /// Removes all paintings.
    pub(super) fn clear(&mut self) {
        self.canvases.clear();
    }

    /// Handles that other weights answer, or another worker. A question that was asked is forgotten.
    pub(super) fn doubt(&mut self) {
        self.weights += 1;
        self.asked = None;
    }

    /// Handles that a run has made progress. The page looks again if that takes a small part of the run's time.
    pub(super) fn follow(&mut self, at_ms: f64) {
        if at_ms - self.looked_at_ms >= FOLLOWING_SHARE * self.look_took_ms {
            self.look += 1;
            (self.looked_at_ms, self.look_took_ms) = (at_ms, 0.0);
        }
    }

    /// Handles that an epoch of a run has ended. The test images passed through older weights. They pass again if that
    /// takes a small part of the run's time.
    pub(super) fn end_epoch(&mut self, at_ms: f64) {
        if at_ms - self.passed_at_ms >= FOLLOWING_SHARE * self.pass_took_ms {
            self.weights += 1;
            (self.passed_at_ms, self.pass_took_ms) = (at_ms, 0.0);
        }
    }

    /// Stores the worker's finding, if it answers the last question.
    pub(super) fn take(&mut self, inspected: Inspected) {
        let Inspected { ticket, view, milliseconds, found } = inspected;
        let Some((_, about, _)) = self.asked.take_if(|(asked, ..)| *asked == ticket) else { return };
        self.look_took_ms += f64::from(milliseconds);
        if matches!(view, View::Gather { split: Split::Test, .. } | View::Plane) {
            self.pass_took_ms += f64::from(milliseconds);
        }
        fn known<T>((about, view, milliseconds): (About, View, f32), value: T) -> Option<Known<T>> {
            Some(Known { about, view, milliseconds, value: Rc::new(value) })
        }
        let of = (about, view, milliseconds);
        match found {
            Found::Answer(outputs) => self.answer = known(of, outputs),
            Found::Layers { layers, outputs } => {
                self.layers = known(of, Layers { layers, outputs });
                self.keep_unit();
            }
            Found::Filters(filters) => self.filters = known(of, filters),
            Found::Unit(arithmetic) => self.arithmetic = known(of, arithmetic),
            Found::Heat(heat) => self.heat = known(of, heat),
            Found::Occlusion(logits) => {
                let (about, view, milliseconds) = of;
                let before = self.hidden.take().filter(|before| before.about.is_of_same_weights(&about));
                let (mut all, took) =
                    before.map(|before| (before.value.to_vec(), before.milliseconds)).unwrap_or_default();
                // The next request begins where this one ends.
                if let View::Occlusion { first, .. } = view {
                    all.truncate(first as usize);
                }
                all.extend(logits);
                self.hidden = known((about, view, took + milliseconds), all);
            }
            Found::Gathered { done, total } => {
                if let View::Gather { split, weights, .. } = view {
                    self.gathered[split as usize] = Some((weights, done, total));
                    self.is_gathering &= split == Split::Test || done < total;
                }
            }
            Found::Plane(plane) => self.plane = known(of, plane),
            Found::Patches(patches) => self.patches = known(of, patches),
            Found::Nearest(near) => self.nearest = known(of, near),
            Found::Image(image) => self.image = Some(image),
            Found::Nothing(reason) => self.nothing = Some((of.0, view, reason.into())),
        }
    }

    /// Drops the unit if the layers of another network do not have it.
    fn keep_unit(&mut self) {
        let (Some(unit), Some(layers)) = (self.unit, &self.layers) else { return };
        let is_there = layers
            .value
            .layers
            .get(unit.layer as usize)
            .is_some_and(|maps| unit.channel < maps.channels && unit.row < maps.height && unit.column < maps.width);
        if !is_there {
            self.unit = None;
        }
    }

    /// The strongest unit of this layer.
    fn strongest(&self, layer: usize) -> Option<Unit> {
        let maps = self.layers.as_ref()?.value.layers.get(layer)?.clone();
        let channel = *maps.strongest().first()?;
        let map = maps.map(channel);
        let at = (0..map.len()).max_by_key(|&at| (map[at].unsigned_abs(), std::cmp::Reverse(at)))? as u32;
        let (layer, channel) = (layer as u32, channel as u32);
        Some(Unit { layer, channel, row: at / maps.width, column: at % maps.width })
    }

    /// The images of `split` that have passed through the present network, and how many there are. None if that is not
    /// known.
    pub fn gathered(&self, split: Split) -> Option<(u32, u32)> {
        let (weights, done, total) = self.gathered[split as usize]?;
        (weights == self.weights).then_some((done, total))
    }

    /// The parts of test images that excite the unit's map most, the most exciting first.
    pub fn patches(&self) -> Option<&Rc<Vec<Patch>>> {
        let unit = self.unit?;
        let view = View::Patches { layer: unit.layer, channel: unit.channel };
        self.patches.as_ref().filter(|known| known.view == view).map(|known| &known.value)
    }

    /// The test image that the visitor looks at.
    pub fn point(&self) -> Option<&DataImage> {
        self.image.as_ref().filter(|image| Some(image.index) == self.point)
    }

    /// The reason why the worker had no finding for the last question, as a sentence.
    pub fn trouble(&self) -> Option<&Rc<str>> {
        self.nothing.as_ref().map(|(.., reason)| reason)
    }
}

impl About {
    fn is_of_same_weights(&self, other: &Self) -> bool {
        self.pixels == other.pixels && self.weights == other.weights
    }
}

impl State {
    /// The picture that is examined: the one on the stage with the visitor's painting. It has 3,072 bytes.
    pub fn studied(&self) -> Option<Rc<[u8]>> {
        match self.canvas() {
            Some(canvas) => Some(canvas.pixels().clone()),
            None => Some(self.prediction()?.seen.as_slice().into()),
        }
    }

    /// The picture on the stage with the visitor's painting, if there is any.
    pub fn canvas(&self) -> Option<&Canvas> {
        self.inside.canvases.get(&self.selected?)
    }

    /// The class of the heat map: the chosen one, or the most likely one.
    pub fn heat_class(&self) -> Option<usize> {
        let likeliest = || self.inside.answer.as_ref().map(|answer| likeliest(&answer.value.probabilities));
        self.inside.class.or_else(likeliest)
    }

    /// The milliseconds that the shown heat map took so far.
    pub fn heat_milliseconds(&self) -> f32 {
        match self.inside.method {
            Method::Occlusion => self.inside.hidden.as_ref().map_or(0.0, |hidden| hidden.milliseconds),
            Method::Gradient | Method::ClassActivation => {
                self.inside.heat.as_ref().map_or(0.0, |heat| heat.milliseconds)
            }
        }
    }

    /// The heat map by gradient or class activation, if it belongs to the examined picture.
    pub fn heat(&self) -> Option<&Rc<Heat>> {
        let about = self.about()?;
        let view = self.heat_view()?;
        let heat = self.inside.heat.as_ref()?;
        (heat.view == view && heat.about.is_of_same_weights(&about)).then_some(&heat.value)
    }

    /// The logits with parts of the picture hidden, if they belong to the examined picture.
    pub fn hidden(&self) -> Option<&Rc<Vec<[f32; CLASS_COUNT]>>> {
        let about = self.about()?;
        let hidden = self.inside.hidden.as_ref()?;
        hidden.about.is_of_same_weights(&about).then_some(&hidden.value)
    }

    /// The next question to the worker about the inside. There is one question at a time, and none while all panes are
    /// closed or out of view.
    pub fn to_inspect(&self) -> Option<Question> {
        if self.phase != Phase::Ready || self.view != view::View::Look || self.inside.asked.is_some() {
            return None;
        }
        let about = self.about()?;
        let view = self.wanted(&about)?;
        let is_in_vain = |(of, what, _): &(About, View, Rc<str>)| of.is_of_same_weights(&about) && *what == view;
        if self.inside.nothing.as_ref().is_some_and(is_in_vain) {
            return None;
        }
        Some(Question { ticket: self.inside.last_ticket + 1, pixels: about.pixels.to_vec(), view })
    }

    fn about(&self) -> Option<About> {
        Some(About { pixels: self.studied()?, weights: self.inside.weights, look: self.inside.look })
    }

    fn heat_view(&self) -> Option<View> {
        let class = self.heat_class()? as u8;
        match self.inside.method {
            Method::Occlusion => None,
            Method::Gradient => Some(View::Gradient { class }),
            Method::ClassActivation => Some(View::ClassActivation { class }),
        }
    }

    /// The first finding that the open pane still lacks.
    fn wanted(&self, about: &About) -> Option<View> {
        let inside = &self.inside;
        fn is_fresh<T>(known: &Option<Known<T>>, about: &About, view: View) -> bool {
            known.as_ref().is_some_and(|known| known.about == *about && known.view == view)
        }
        fn is_of_same<T>(known: &Option<Known<T>>, about: &About) -> bool {
            known.as_ref().is_some_and(|known| known.about.is_of_same_weights(about))
        }
        match inside.pane? {
            Pane::WhatIf => (!is_fresh(&inside.answer, about, View::Answer)).then_some(View::Answer),
            Pane::Filters => (!is_fresh(&inside.filters, about, View::Filters)).then_some(View::Filters),
            Pane::Layers if !is_fresh(&inside.layers, about, View::Layers) => Some(View::Layers),
            Pane::Layers => {
                let unit = inside.unit?;
                let view = View::Unit(unit);
                if !is_fresh(&inside.arithmetic, about, view) {
                    return Some(view);
                }
                if !inside.wants_patches || !self.images.is_present() {
                    return None;
                }
                let view = View::Patches { layer: unit.layer, channel: unit.channel };
                let is_known = inside
                    .patches
                    .as_ref()
                    .is_some_and(|known| known.view == view && known.about.weights == about.weights);
                self.pass_of_test().or((!is_known).then_some(view))
            }
            Pane::Nearest | Pane::Plane if !self.images.is_present() => None,
            // The network would change while the images pass.
            Pane::Nearest if matches!(self.training.status, RunStatus::Running(_)) => None,
            Pane::Nearest => match inside.gathered(Split::Train) {
                // A request for 0 images reports what is kept on this device.
                None => Some(self.gather(Split::Train, 0)),
                Some((done, total)) if done < total => {
                    inside.is_gathering.then(|| self.gather(Split::Train, IMAGES_AT_ONCE))
                }
                Some(_) => (!is_of_same(&inside.nearest, about)).then_some(View::Nearest),
            },
            Pane::Plane => self.pass_of_test().or_else(|| {
                let index = inside.point.filter(|_| inside.point().is_none());
                let image = index.map(|index| View::Image { index });
                if is_of_same(&inside.plane, about) { image } else { Some(View::Plane) }
            }),
            Pane::Why if !is_fresh(&inside.answer, about, View::Answer) => Some(View::Answer),
            Pane::Why => match self.heat_view() {
                Some(view) => self.heat().is_none().then_some(view),
                None => {
                    let (done, all) = (self.hidden().map_or(0, |hidden| hidden.len()), occlusion_order().len());
                    let first = done as u32;
                    (done < all).then_some(View::Occlusion { first, count: SQUARES_AT_ONCE })
                }
            },
        }
    }

    /// The request for the next test images to pass through the network, if some have not passed yet.
    fn pass_of_test(&self) -> Option<View> {
        let is_running = matches!(self.training.status, RunStatus::Running(_));
        let count = if is_running { IMAGES_AT_ONCE_DURING_RUN } else { IMAGES_AT_ONCE };
        let has_passed = self.inside.gathered(Split::Test).is_some_and(|(done, total)| done == total);
        (!has_passed).then(|| self.gather(Split::Test, count))
    }

    fn gather(&self, split: Split, count: u32) -> View {
        View::Gather { split, count, weights: self.inside.weights }
    }

    /// Applies a change.
    pub(super) fn change_inside(&mut self, change: Change) {
        match change {
            Change::Opened(pane) => {
                (self.inside.pane, self.inside.nothing) = (pane, None);
                if pane.is_none() {
                    // All findings are dropped. The visitor's painting is kept.
                    let InsideState { canvases, method, weights, last_ticket, .. } = std::mem::take(&mut self.inside);
                    self.inside = InsideState { canvases, method, weights, last_ticket, ..InsideState::default() };
                }
            }
            Change::Chosen(Choice::Layer(layer)) => self.inside.unit = self.inside.strongest(layer),
            Change::Chosen(Choice::Unit(unit)) => self.inside.unit = Some(unit),
            Change::Chosen(Choice::Nothing) => self.inside.unit = None,
            Change::Class(class) => self.inside.class = Some(class),
            Change::Method(method) => self.inside.method = method,
            Change::Painted(stroke) => self.with_canvas(|canvas| canvas.paint(stroke)),
            Change::Filtered(filter) => {
                let seed = self.inside.last_ticket;
                self.with_canvas(|canvas| canvas.filter(filter, seed.wrapping_mul(2_654_435_761)));
            }
            Change::Undone => self.with_canvas(Canvas::undo),
            Change::Reset => self.with_canvas(Canvas::reset),
            Change::Gathering(is_wanted) => self.inside.is_gathering = is_wanted,
            Change::Patches(is_wanted) => self.inside.wants_patches = is_wanted,
            Change::PlaneClass(class) => self.inside.plane_class = class,
            Change::Point(index) => self.inside.point = Some(index),
            Change::Asked(Question { ticket, pixels, view }) => {
                let about = About { pixels: pixels.into(), weights: self.inside.weights, look: self.inside.look };
                self.inside.last_ticket = ticket;
                self.inside.nothing = None;
                self.inside.asked = Some((ticket, about, view));
            }
        }
    }

    fn with_canvas(&mut self, change: impl FnOnce(&mut Canvas)) {
        let (Some(id), Some(pixels)) = (self.selected, self.studied()) else { return };
        change(self.inside.canvases.entry(id).or_insert_with(|| Canvas::new(pixels)));
    }
}

#[cfg(test)]
mod tests;
