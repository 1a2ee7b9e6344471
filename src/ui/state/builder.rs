//! The network in the builder: how each edit changes it, and how edits are undone.

use std::rc::Rc;

use crate::domain::{Settings, Spec};
use crate::layers::MaxPool;
use crate::spec::{Kind, starts};
use crate::ui::cards::{Card, POOL, addable, cards, turn};
use crate::ui::plan::Plan;

/// The most edits that can be undone.
const PAST_LIMIT: usize = 200;

/// The state of the builder. The network itself is part of the plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BuilderState {
    past: Vec<Before>,
    future: Vec<Before>,
    /// Whether the builder is open.
    pub is_open: bool,
    /// The card that is being dragged, and the gap under it: gap `n` is before card `n`.
    pub dragged: Option<(usize, usize)>,
    /// Whether a training step is being timed.
    pub is_timing: bool,
    /// The settings whose step was timed last, and its milliseconds.
    pub timed: Option<Rc<(Settings, f32)>>,
    /// A sentence about the last edit.
    pub said: Rc<str>,
    /// The element that takes the keyboard's focus after an edit: a counter, so that each edit counts, and a selector.
    pub focus: (usize, Rc<str>),
}

/// A network before an edit; with all settings, if the edit changed them too.
#[derive(Clone, Debug, PartialEq)]
enum Before {
    Network(Spec),
    Settings(Settings),
}

/// A change to the network that is being built.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Start with the starting point of this name.
    Begin(String),
    /// Start with the network of these settings, and use the settings too.
    Take(Box<Settings>),
    /// Add the card of this name before the layer of this index.
    Add(&'static str, usize),
    /// Remove the card of this index.
    Remove(usize),
    /// Move the first card into the gap before the second.
    Move(usize, usize),
    /// Change a layer's property: the layer's index, the property's name and the new text.
    Turn(usize, &'static str, String),
    /// Undo the last edit.
    Undo,
    /// Redo the last edit that was undone.
    Redo,
    /// Open or close the builder.
    Open,
    /// Hold a card over a gap, or let it go.
    Drag(Option<(usize, usize)>),
    /// Note that the worker was asked to time a training step.
    Time,
}

impl BuilderState {
    /// Whether there is an edit to undo.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is an edit to redo.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// The milliseconds of a step of a run with `settings`, if it was timed.
    pub fn step_ms(&self, settings: &Settings) -> Option<f32> {
        self.timed.as_ref().filter(|timed| timed.0 == *settings).map(|timed| timed.1)
    }

    /// Notes the plan's settings, with the network, before others take their place.
    pub fn remember(&mut self, plan: &Plan) {
        self.note(Before::Settings(plan.settings.clone()));
    }

    fn note(&mut self, before: Before) {
        self.past.push(before);
        if self.past.len() > PAST_LIMIT {
            self.past.remove(0);
        }
        self.future.clear();
    }

    /// Applies `edit` to the network of `plan`.
    pub fn edit(&mut self, plan: &mut Plan, edit: Edit) {
        let spec = plan.settings.spec();
        let mut kinds = spec.kinds();
        let shown = cards(&kinds);
        match edit {
            Edit::Begin(id) => {
                let Some(start) = starts::all().into_iter().find(|start| start.id == id) else { return };
                self.remember(plan);
                plan.begin_with(start.spec);
                self.said = format!("{}. Undo restores the previous network.", start.title).into();
                return;
            }
            Edit::Take(settings) => {
                self.remember(plan);
                plan.take(settings.spec());
                plan.settings = *settings;
                self.is_open = true;
                return;
            }
            Edit::Drag(dragged) => {
                self.dragged = dragged;
                return;
            }
            Edit::Open => {
                self.is_open = !self.is_open;
                return;
            }
            Edit::Time => {
                self.is_timing = true;
                return;
            }
            Edit::Undo | Edit::Redo => return self.go(plan, edit == Edit::Undo),
            Edit::Add(name, at) => {
                let Some(addable) = addable().find(|addable| addable.name == name) else { return };
                let at = at.min(kinds.len());
                kinds.splice(at..at, (addable.kinds)());
                let place = card_of(&kinds, at);
                self.look_at(place);
                self.said = format!("{} added as card {}.", addable.label, place + 1).into();
            }
            Edit::Remove(card) => {
                let Some(Card { layers, title }) = shown.get(card).cloned() else { return };
                kinds.drain(layers);
                self.look_at(card.min(shown.len().saturating_sub(2)));
                self.said = format!("{title} removed. Undo brings it back.").into();
            }
            Edit::Move(card, gap) => {
                self.dragged = None;
                let Some(Card { layers, title }) = shown.get(card).cloned() else { return };
                if gap > shown.len() || gap == card || gap == card + 1 {
                    return;
                }
                let to = shown.get(gap).map_or(kinds.len(), |card| card.layers.start);
                let moved: Vec<Kind> = kinds.drain(layers.clone()).collect();
                let to = if to > layers.start { to - layers.len() } else { to };
                kinds.splice(to..to, moved);
                let place = card_of(&kinds, to);
                self.look_at(place);
                self.said = format!("{title} is card {} of {} now.", place + 1, cards(&kinds).len()).into();
            }
            Edit::Turn(at, POOL, text) => {
                let has_pool = matches!(kinds.get(at + 1), Some(Kind::MaxPool(_)));
                match (text.as_str(), has_pool) {
                    ("on", false) => kinds.insert(at + 1, MaxPool::tiles(2).into()),
                    ("off", true) => {
                        kinds.remove(at + 1);
                    }
                    _ => return,
                }
            }
            Edit::Turn(at, name, text) => {
                let Some(kind) = kinds.get_mut(at) else { return };
                turn(kind, name, &text);
            }
        }
        let edited = Spec::from(kinds);
        if edited != spec {
            self.note(Before::Network(spec));
            plan.take(edited);
        }
    }

    /// Undoes or redoes one edit.
    fn go(&mut self, plan: &mut Plan, is_back: bool) {
        let (from, to) = if is_back { (&mut self.past, &mut self.future) } else { (&mut self.future, &mut self.past) };
        match from.pop() {
            Some(Before::Network(spec)) => {
                to.push(Before::Network(plan.settings.spec()));
                plan.take(spec);
            }
            Some(Before::Settings(settings)) => {
                to.push(Before::Settings(plan.settings.clone()));
                plan.take(settings.spec());
                plan.settings = settings;
            }
            None => return,
        }
        self.said = if is_back { "Undone." } else { "Done again." }.into();
    }

    /// Moves the keyboard's focus to a card.
    fn look_at(&mut self, card: usize) {
        self.focus = (self.focus.0 + 1, format!("[data-card='{card}'] .grip").into());
    }
}

/// The index of the card that holds the layer `at`.
fn card_of(kinds: &[Kind], at: usize) -> usize {
    cards(kinds).iter().position(|card| card.layers.contains(&at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{NetworkName, StartingWeights};

    fn built(start: &str, edits: impl IntoIterator<Item = Edit>) -> (BuilderState, Plan) {
        let (mut builder, mut plan) = (BuilderState::default(), Plan::default());
        for edit in [Edit::Begin(start.into())].into_iter().chain(edits) {
            builder.edit(&mut plan, edit);
        }
        (builder, plan)
    }

    fn line(plan: &Plan) -> String {
        plan.settings.spec().to_string()
    }

    fn turned(layer: usize, name: &'static str, text: &str) -> Edit {
        Edit::Turn(layer, name, text.into())
    }

    #[test]
    fn the_articles_variant_of_three_convolutions_is_built_by_hand() {
        // flatten, dropout, fully_conn, dropout and output follow the first conv2d_maxpool.
        let edits = [Edit::Add("conv2d-maxpool", 2), Edit::Add("conv2d-maxpool", 4), turned(4, "outputs", "72")];
        let (_, plan) = built("cui2017", edits);
        let variant = starts::all().into_iter().find(|start| start.id == "article3").expect("it is a start");
        assert_eq!(line(&plan), variant.spec.to_string());
        assert_eq!(plan.settings.network, NetworkName::Own);
        assert_eq!(plan.settings.epochs, NetworkName::Cui2017.page_settings().epochs, "settings stay");
    }

    #[test]
    fn the_articles_network_built_by_hand_is_the_shipped_one() {
        let edits = [
            Edit::Add("conv2d-maxpool", 0),
            turned(0, "outputs", "18"),
            turned(1, "side", "8"),
            turned(1, "stride", "1"),
            turned(1, "padding", "same"),
            Edit::Add("dropout", 3),
            Edit::Add("fully-conn", 4),
            turned(4, "outputs", "384"),
            Edit::Add("dropout", 5),
        ];
        let (_, mut plan) = built("softmax", edits);
        assert_eq!(plan.settings.spec(), Spec::shipped(NetworkName::Cui2017));
        assert_eq!(plan.settings.layers, None);
        plan.set(crate::ui::plan::Field::Start, "shipped").expect("there are weights of it");
        assert_eq!((plan.start, plan.settings.check()), (StartingWeights::Shipped, Ok(())));
    }

    #[test]
    fn a_card_moves_with_both_its_layers_and_the_keyboard_follows_it() {
        let (builder, plan) = built("article2", [Edit::Move(1, 0)]);
        assert_eq!(line(&plan), "conv36k4r-max2-conv18k4r-max8s1p-flat-drop-dense384r-drop-dense10");
        assert_eq!(&*builder.focus.1, "[data-card='0'] .grip");
        assert_eq!(&*builder.said, "conv2d_maxpool is card 1 of 7 now.");
        let (_, plan) = built("article2", [Edit::Move(0, 2)]);
        assert_eq!(line(&plan), "conv36k4r-max2-conv18k4r-max8s1p-flat-drop-dense384r-drop-dense10");
        for nowhere in [Edit::Move(1, 1), Edit::Move(1, 2), Edit::Move(9, 0), Edit::Move(0, 99)] {
            assert_eq!(line(&built("article2", [nowhere]).1), line(&built("article2", []).1));
        }
    }

    #[test]
    fn a_pool_is_taken_off_its_convolution_and_put_back() {
        let (mut builder, mut plan) = built("article2", [turned(0, POOL, "off")]);
        assert_eq!(line(&plan), "conv18k4r-conv36k4r-max2-flat-drop-dense384r-drop-dense10");
        builder.edit(&mut plan, turned(0, POOL, "on"));
        assert_eq!(line(&plan), "conv18k4r-max2-conv36k4r-max2-flat-drop-dense384r-drop-dense10");
    }

    #[test]
    fn edits_are_undone_and_done_again_and_settings_only_where_an_edit_changed_them() {
        let (mut builder, mut plan) = built("article2", [turned(0, "outputs", "24")]);
        plan.settings.epochs = 3;
        builder.edit(&mut plan, Edit::Remove(6));
        assert_eq!(line(&plan), "conv24k4r-max8s1p-conv36k4r-max2-flat-drop-dense384r-drop");
        assert!(plan.settings.check().is_err());
        builder.edit(&mut plan, Edit::Undo);
        builder.edit(&mut plan, Edit::Undo);
        assert_eq!(line(&plan), line(&built("article2", []).1));
        assert_eq!(plan.settings.epochs, 3, "no edit changed that");
        builder.edit(&mut plan, Edit::Undo);
        assert_eq!((plan.settings.clone(), builder.can_undo()), (Plan::default().settings, false));
        for _ in 0..3 {
            builder.edit(&mut plan, Edit::Redo);
        }
        assert_eq!((line(&plan).ends_with("-drop"), plan.settings.epochs, builder.can_redo()), (true, 3, false));
        builder.edit(&mut plan, Edit::Undo);
        builder.edit(&mut plan, turned(0, "outputs", "6"));
        assert!(!builder.can_redo(), "an edit ends what was undone");
    }

    #[test]
    fn a_knob_that_is_turned_to_nowhere_is_no_edit() {
        let (builder, _) =
            built("softmax", [turned(1, "outputs", "many"), turned(7, "outputs", "3"), turned(1, "outputs", "10")]);
        assert_eq!(builder.past.len(), 1, "only the beginning");
    }

    #[test]
    fn a_time_is_that_of_the_settings_that_were_asked_about() {
        let (mut builder, plan) = built("softmax", []);
        builder.timed = Some(Rc::new((plan.settings.clone(), 12.5)));
        assert_eq!(builder.step_ms(&plan.settings), Some(12.5));
        assert_eq!(builder.step_ms(&Settings { batch_size: 64, ..plan.settings }), None);
    }
}
