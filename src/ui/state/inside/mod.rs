//! What is known of the network's inside, and what to ask of it next.

use std::collections::HashMap;
use std::rc::Rc;

use crate::ui::paint::{Canvas, Filter, Stroke};
use crate::ui::{view, words};
use crate::{
    domain::arithmetic::{Arithmetic, Unit},
    protocol::inspect::{Found, Heat, Inspected, Maps, Near, Outputs, Patch, Plane, Question, View, occlusion_order},
};
use crate::{
    domain::{CLASS_COUNT, Split},
    protocol::{DataImage, PictureId, RunStatus},
};

use super::{Phase, State};

/// Squares that the worker is asked for at a time, so that it stays free for all else.
const SQUARES_AT_ONCE: u32 = 29;

/// Images of the data set that the worker is asked for at a time.
const IMAGES_AT_ONCE: u32 = 20;

/// The same during a run, which makes a step between two questions: the images are to pass through much the same network.
const IMAGES_AT_ONCE_DURING_RUN: u32 = 250;

/// One part in so many is what following a run may take of it: less than 3%.
const FOLLOWING_SHARE: f64 = 35.0;

/// What of the inside is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// What each layer gives.
    Layers,
    /// Which parts of the picture speak for a class.
    Why,
    /// The picture to paint on.
    WhatIf,
    /// What the first layer looks for.
    Filters,
    /// The training images that are nearest in the last hidden layer.
    Nearest,
    /// The test images in the plane.
    Plane,
}

impl Pane {
    /// All of them, in the order of their tabs.
    pub const ALL: [Self; 6] = [Self::Layers, Self::Why, Self::WhatIf, Self::Filters, Self::Nearest, Self::Plane];
}

/// How the parts of a picture are asked what they say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// By hiding each.
    #[default]
    Occlusion,
    /// By the gradient of the class's logit.
    Gradient,
    /// By the last maps.
    ClassActivation,
}

/// What the visitor, or the page for the visitor, changes of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Another pane is open, or none.
    Opened(Option<Pane>),
    /// A unit is looked at, or a layer's strongest one.
    Chosen(Choice),
    /// The heat map is of this class.
    Class(usize),
    /// The heat map is made so.
    Method(Method),
    /// The hand moved over the picture.
    Painted(Stroke),
    /// The whole picture is changed.
    Filtered(Filter),
    /// The last stroke is taken back.
    Undone,
    /// The picture is as it came.
    Reset,
    /// The training images are to pass through the network, or no more of them.
    Gathering(bool),
    /// The test images are to pass through the network for what excites each map, or are of no interest for that.
    Patches(bool),
    /// The images of this class stand out in the plane, or all.
    PlaneClass(Option<usize>),
    /// This test image is looked at.
    Point(u32),
    /// The worker was asked.
    Asked(Question),
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The strongest unit of this layer.
    Layer(usize),
    /// This unit.
    Unit(Unit),
    /// Nothing any more.
    Nothing,
}

/// What something that was found is about: it is of no use for anything else.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    pixels: Rc<[u8]>,
    /// Counts the weights that answered.
    weights: u32,
    /// Counts the looks at one run.
    look: u32,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Known<T> {
    about: About,
    /// The view that was asked for.
    view: View,
    /// Time that it took, in milliseconds.
    pub milliseconds: f32,
    /// What it is.
    pub value: Rc<T>,
}

/// What each layer gives, and what the network says.
#[derive(Clone, Debug, PartialEq)]
pub struct Layers {
    /// From the picture on.
    pub layers: Vec<Maps>,
    /// What the last one means.
    pub outputs: Outputs,
}

/// Everything about the inside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InsideState {
    /// What is open.
    pub pane: Option<Pane>,
    /// Which unit is looked at.
    pub unit: Option<Unit>,
    /// Which class the heat map is of; none for the likeliest.
    pub class: Option<usize>,
    /// How the heat map is made.
    pub method: Method,
    /// The pictures that were painted on.
    canvases: HashMap<PictureId, Canvas>,
    /// What the network says.
    pub answer: Option<Known<Outputs>>,
    /// What its layers give.
    pub layers: Option<Known<Layers>>,
    /// The first layer's filters.
    pub filters: Option<Known<Maps>>,
    /// How the unit comes to its value.
    pub arithmetic: Option<Known<Arithmetic>>,
    /// The heat map by gradient or activation.
    pub heat: Option<Known<Heat>>,
    /// The logits with parts hidden, as far as they are known.
    pub hidden: Option<Known<Vec<[f32; CLASS_COUNT]>>>,
    /// Where the test images lie.
    pub plane: Option<Known<Plane>>,
    /// What in the test images excites the map most that is looked at.
    patches: Option<Known<Vec<Patch>>>,
    /// Whether that is wanted.
    pub wants_patches: bool,
    /// The training images that are nearest.
    pub nearest: Option<Known<Vec<Near>>>,
    /// Whether the training images are to pass through the network.
    pub is_gathering: bool,
    /// Which class stands out in the plane.
    pub plane_class: Option<usize>,
    /// Which test image is looked at, and that image.
    point: Option<u32>,
    image: Option<DataImage>,
    /// Of each half: the weights through which images have passed, how many, and how many there are.
    gathered: [Option<(u32, u32, u32)>; 2],
    /// What could not be found, and why.
    nothing: Option<(About, View, Rc<str>)>,
    /// What the worker was asked and has not answered.
    asked: Option<(u32, About, View)>,
    last_ticket: u32,
    weights: u32,
    look: u32,
    /// What the answers of the last look took, and when it began.
    look_took_ms: f64,
    looked_at_ms: f64,
    /// What the last pass of the test images took so far, and when a run's epoch let it begin.
    pass_took_ms: f64,
    passed_at_ms: f64,
}

impl InsideState {
    /// Lets go of what was painted on pictures that are gone.
    pub(super) fn clear(&mut self) {
        self.canvases.clear();
    }

    /// Takes in that other weights answer, or another worker, which was asked nothing yet.
    pub(super) fn doubt(&mut self) {
        self.weights += 1;
        self.asked = None;
    }

    /// Takes in that a run has gone on; it is looked at again where that takes a small part of its time.
    pub(super) fn follow(&mut self, at_ms: f64) {
        if at_ms - self.looked_at_ms >= FOLLOWING_SHARE * self.look_took_ms {
            self.look += 1;
            (self.looked_at_ms, self.look_took_ms) = (at_ms, 0.0);
        }
    }

    /// Takes in that an epoch of a run has ended: what the test images say is of other weights now. They pass again where that
    /// takes a small part of the run's time.
    pub(super) fn end_epoch(&mut self, at_ms: f64) {
        if at_ms - self.passed_at_ms >= FOLLOWING_SHARE * self.pass_took_ms {
            self.weights += 1;
            (self.passed_at_ms, self.pass_took_ms) = (at_ms, 0.0);
        }
    }

    /// Takes in what the worker found, if that is what it was asked last.
    pub(super) fn take(&mut self, inspected: Inspected) {
        let Inspected { ticket, view, milliseconds, found } = inspected;
        let Some((_, about, _)) = self.asked.take_if(|(asked, ..)| *asked == ticket) else { return };
        self.look_took_ms += f64::from(milliseconds);
        if matches!(view, View::Gather { half: Split::Test, .. } | View::Plane) {
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
                // What is asked for next begins where this ends.
                if let View::Occlusion { first, .. } = view {
                    all.truncate(first as usize);
                }
                all.extend(logits);
                self.hidden = known((about, view, took + milliseconds), all);
            }
            Found::Gathered { done, total } => {
                if let View::Gather { half, weights, .. } = view {
                    self.gathered[half as usize] = Some((weights, done, total));
                    self.is_gathering &= half == Split::Test || done < total;
                }
            }
            Found::Plane(plane) => self.plane = known(of, plane),
            Found::Patches(patches) => self.patches = known(of, patches),
            Found::Nearest(near) => self.nearest = known(of, near),
            Found::Image(image) => self.image = Some(image),
            Found::Nothing(reason) => self.nothing = Some((of.0, view, reason.into())),
        }
    }

    /// Lets go of a unit that the layers of another network do not have.
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

    /// Images of `half` that have passed through the network that answers, and how many there are; none where that is not
    /// known.
    pub fn gathered(&self, half: Split) -> Option<(u32, u32)> {
        let (weights, done, total) = self.gathered[half as usize]?;
        (weights == self.weights).then_some((done, total))
    }

    /// What in the test images excites most the map that is looked at, the most exciting first.
    pub fn patches(&self) -> Option<&Rc<Vec<Patch>>> {
        let unit = self.unit?;
        let view = View::Patches { layer: unit.layer, channel: unit.channel };
        self.patches.as_ref().filter(|known| known.view == view).map(|known| &known.value)
    }

    /// The test image that is looked at.
    pub fn point(&self) -> Option<&DataImage> {
        self.image.as_ref().filter(|image| Some(image.index) == self.point)
    }

    /// Why what was wanted last cannot be had, as a sentence.
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
    /// The picture that is looked into: the one on the stage, with what was painted on it; 3,072 bytes.
    pub fn studied(&self) -> Option<Rc<[u8]>> {
        match self.canvas() {
            Some(canvas) => Some(canvas.pixels().clone()),
            None => Some(self.prediction()?.seen.as_slice().into()),
        }
    }

    /// The picture on the stage with what was painted on it, once it was.
    pub fn canvas(&self) -> Option<&Canvas> {
        self.inside.canvases.get(&self.selected?)
    }

    /// The class that the heat map is of: the one that was chosen, or the likeliest.
    pub fn heat_class(&self) -> Option<usize> {
        let likeliest = || self.inside.answer.as_ref().map(|answer| words::likeliest(&answer.value.probabilities));
        self.inside.class.or_else(likeliest)
    }

    /// What the heat map that is shown took so far, in milliseconds.
    pub fn heat_milliseconds(&self) -> f32 {
        match self.inside.method {
            Method::Occlusion => self.inside.hidden.as_ref().map_or(0.0, |hidden| hidden.milliseconds),
            Method::Gradient | Method::ClassActivation => {
                self.inside.heat.as_ref().map_or(0.0, |heat| heat.milliseconds)
            }
        }
    }

    /// The heat map by gradient or activation, if it is of what is studied now.
    pub fn heat(&self) -> Option<&Rc<Heat>> {
        let about = self.about()?;
        let view = self.heat_view()?;
        let heat = self.inside.heat.as_ref()?;
        (heat.view == view && heat.about.is_of_same_weights(&about)).then_some(&heat.value)
    }

    /// The logits with parts hidden, if they are of what is studied now.
    pub fn hidden(&self) -> Option<&Rc<Vec<[f32; CLASS_COUNT]>>> {
        let about = self.about()?;
        let hidden = self.inside.hidden.as_ref()?;
        hidden.about.is_of_same_weights(&about).then_some(&hidden.value)
    }

    /// What to ask the worker next of the inside: one question at a time, and none while all is closed or out of view.
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

    /// The first thing that is not known of what is open.
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
            // The network changes while they pass.
            Pane::Nearest if matches!(self.training.status, RunStatus::Running(_)) => None,
            Pane::Nearest => match inside.gathered(Split::Train) {
                // What is kept on this device is found by asking for none.
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

    /// The next test images that are to pass through the network, if some are.
    fn pass_of_test(&self) -> Option<View> {
        let is_running = matches!(self.training.status, RunStatus::Running(_));
        let count = if is_running { IMAGES_AT_ONCE_DURING_RUN } else { IMAGES_AT_ONCE };
        let has_passed = self.inside.gathered(Split::Test).is_some_and(|(done, total)| done == total);
        (!has_passed).then(|| self.gather(Split::Test, count))
    }

    fn gather(&self, half: Split, count: u32) -> View {
        View::Gather { half, count, weights: self.inside.weights }
    }

    /// Takes in a change of what is looked at or painted.
    pub(super) fn change_inside(&mut self, change: Change) {
        match change {
            Change::Opened(pane) => {
                (self.inside.pane, self.inside.nothing) = (pane, None);
                if pane.is_none() {
                    // Nothing of it is left behind; what was painted stays the visitor's.
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
