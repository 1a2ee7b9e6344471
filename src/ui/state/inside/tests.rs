//! The questions that the page asks about the network's inside, and when it asks them.

use super::*;
use crate::ui::paint::Tool;
use crate::ui::state::{Action, Picture, reduce};
use crate::{
    domain::arithmetic::Window,
    domain::{DeviceReport, NetworkName, NetworkSummary, Validation, WeightsOrigin},
    protocol::{Event, ImagesStatus, Kept, Prediction, Watched},
};

fn heard_at(state: &State, event: Event, at_ms: f64) -> State {
    reduce(state, Action::Heard { event, at_ms })
}

fn heard(state: &State, event: Event) -> State {
    heard_at(state, event, 0.0)
}

fn changed(state: &State, change: Change) -> State {
    reduce(state, Action::Inside(change))
}

fn network() -> NetworkSummary {
    let (name, weights) = (NetworkName::Tenfold2026, WeightsOrigin::Trained { step: 3 });
    NetworkSummary {
        name,
        title: name.title().into(),
        layers: crate::spec::Spec::shipped(name),
        parameters: 1,
        weights,
    }
}

/// A page with a classified picture, on which `pane` was opened.
fn open(pane: Pane) -> State {
    let device = DeviceReport::Cpu { because: String::new() };
    let state = heard(&State::default(), Event::Ready { device, network: network() });
    let picture = Picture::new(PictureId(1), "cat.png", Some("blob:somewhere"));
    let state = reduce(&state, Action::Arrived { pictures: vec![picture], notices: Vec::new() });
    let prediction =
        Prediction { probabilities: [0.1; CLASS_COUNT], is_none: false, milliseconds: 1.0, seen: vec![7; 3072] };
    let state = heard(&state, Event::Classified { answers: vec![(PictureId(1), prediction)] });
    assert_eq!(state.to_inspect(), None, "nothing is asked while all is closed");
    changed(&state, Change::Opened(Some(pane)))
}

/// The question that the state asks, and the state afterwards.
fn ask(state: &State) -> (Question, State) {
    let question = state.to_inspect().expect("a question");
    let asked = changed(state, Change::Asked(question.clone()));
    assert_eq!(asked.to_inspect(), None, "one question at a time");
    (question, asked)
}

fn answered(state: &State, question: &Question, found: Found) -> State {
    let (ticket, view) = (question.ticket, question.view);
    heard(state, Event::Inspected(Inspected { ticket, view, milliseconds: 10.0, found }))
}

fn outputs(class: usize) -> Outputs {
    let mut probabilities = [0.05; CLASS_COUNT];
    probabilities[class] = 0.55;
    Outputs { logits: [0.0; CLASS_COUNT], temperature: 1.0, probabilities, is_none: false }
}

fn layers() -> Found {
    let maps = Maps::of("Pool".into(), [3, 2, 2], |channel, row, column| (channel * (2 * row + column)) as f32);
    Found::Layers { layers: vec![maps], outputs: outputs(3) }
}

#[test]
fn the_layers_are_asked_for_once_and_again_when_other_weights_answer() {
    let (question, asked) = ask(&open(Pane::Layers));
    assert_eq!((question.view, question.pixels.len()), (View::Layers, 3072));
    let state = answered(&asked, &question, layers());
    assert_eq!(state.to_inspect(), None);
    let state = heard(&state, Event::Answering { network: network() });
    assert!(state.inside.layers.is_some(), "what was known is shown until there is better");
    assert_eq!(ask(&state).0.view, View::Layers);
}

#[test]
fn nothing_is_asked_while_another_view_is_shown() {
    let state = reduce(&open(Pane::Layers), Action::Went(view::View::Learn));
    assert_eq!(state.to_inspect(), None);
    assert_eq!(ask(&reduce(&state, Action::Went(view::View::Look))).0.view, View::Layers);
}

#[test]
fn an_answer_that_was_asked_of_other_weights_is_not_taken() {
    let (question, asked) = ask(&open(Pane::Layers));
    let doubted = heard(&asked, Event::Answering { network: network() });
    let state = answered(&doubted, &question, layers());
    assert!(state.inside.layers.is_none());
    assert_ne!(ask(&state).0.ticket, question.ticket);
}

#[test]
fn a_layer_is_opened_at_its_strongest_unit_and_its_arithmetic_is_asked_for() {
    let (question, asked) = ask(&open(Pane::Layers));
    let state = changed(&answered(&asked, &question, layers()), Change::Chosen(Choice::Layer(0)));
    let unit = Unit { layer: 0, channel: 2, row: 1, column: 1 };
    assert_eq!(state.inside.unit, Some(unit));
    assert_eq!(ask(&state).0.view, View::Unit(unit));
    let state = changed(&state, Change::Chosen(Choice::Nothing));
    assert_eq!(state.to_inspect(), None);
}

#[test]
fn a_unit_that_another_network_does_not_have_is_let_go() {
    let (question, asked) = ask(&open(Pane::Layers));
    let state = changed(&answered(&asked, &question, layers()), Change::Chosen(Choice::Layer(0)));
    let (question, asked) = ask(&heard(&state, Event::Answering { network: network() }));
    let narrow = Maps::of("Dense".into(), [2, 1, 1], |channel, _, _| channel as f32);
    let state = answered(&asked, &question, Found::Layers { layers: vec![narrow], outputs: outputs(3) });
    assert_eq!((state.inside.unit, state.to_inspect()), (None, None));
}

#[test]
fn what_is_painted_while_the_worker_computes_is_asked_about_next_and_the_bars_show_the_last_answer() {
    let (question, asked) = ask(&open(Pane::WhatIf));
    assert_eq!(question.view, View::Answer);
    let stroke = Stroke { tool: Tool::Patch, from: [9, 9], to: [9, 9], is_first: true };
    let painted = changed(&changed(&asked, Change::Painted(stroke)), Change::Painted(Stroke { to: [20, 9], ..stroke }));
    assert_eq!(painted.to_inspect(), None);
    let state = answered(&painted, &question, Found::Answer(outputs(3)));
    assert_eq!(state.inside.answer.as_ref().map(|answer| answer.value.probabilities[3]), Some(0.55));
    let (next, _) = ask(&state);
    assert_eq!(next.pixels, state.canvas().expect("it was painted on").pixels().to_vec());
    assert_ne!(next.pixels, question.pixels);
}

#[test]
fn each_picture_keeps_what_was_painted_on_it_until_the_pictures_are_cleared() {
    let state = changed(&open(Pane::WhatIf), Change::Filtered(Filter::Noise));
    let painted = state.studied();
    let other = Picture::new(PictureId(2), "dog.png", Some("blob:somewhere"));
    let elsewhere = reduce(&state, Action::Arrived { pictures: vec![other], notices: Vec::new() });
    assert_eq!(elsewhere.studied(), None, "it is not answered yet");
    let back = reduce(&elsewhere, Action::Selected(PictureId(1)));
    let back = changed(&changed(&back, Change::Opened(None)), Change::Opened(Some(Pane::WhatIf)));
    assert_eq!(back.studied(), painted);
    assert!(reduce(&back, Action::Cleared).inside.canvases.is_empty());
}

#[test]
fn an_occlusion_map_is_asked_for_in_parts_and_serves_all_classes() {
    let (question, asked) = ask(&open(Pane::Why));
    assert_eq!(question.view, View::Answer);
    let mut state = answered(&asked, &question, Found::Answer(outputs(5)));
    assert_eq!(state.heat_class(), Some(5));
    let mut done = 0;
    while let Some(Question { view: View::Occlusion { first, count }, .. }) = state.to_inspect() {
        assert_eq!(first as usize, done);
        let (question, asked) = ask(&state);
        let logits = vec![[0.0; CLASS_COUNT]; (count as usize).min(occlusion_order().len() - done)];
        done += logits.len();
        state = answered(&asked, &question, Found::Occlusion(logits));
    }
    assert_eq!((done, state.hidden().map(|hidden| hidden.len())), (226, Some(226)));
    let state = changed(&state, Change::Class(2));
    assert_eq!(state.to_inspect(), None);
    let state = changed(&state, Change::Method(Method::Gradient));
    assert_eq!(ask(&state).0.view, View::Gradient { class: 2 });
}

#[test]
fn a_heat_map_of_another_picture_or_class_is_not_shown() {
    let (question, asked) = ask(&open(Pane::Why));
    let state = answered(&asked, &question, Found::Answer(outputs(5)));
    let (question, asked) = ask(&changed(&state, Change::Method(Method::Gradient)));
    let map = Maps::of(String::new(), [1, 2, 2], |_, row, _| row as f32);
    let state = answered(&asked, &question, Found::Heat(Heat { map, sum: 2.0, logit: 3.0 }));
    assert!(state.heat().is_some());
    assert!(changed(&state, Change::Class(1)).heat().is_none());
    assert!(changed(&state, Change::Filtered(Filter::Mirror)).heat().is_some(), "one colour is its own mirror image");
    assert!(changed(&state, Change::Filtered(Filter::Noise)).heat().is_none());
}

#[test]
fn a_run_is_looked_at_again_only_where_that_takes_less_than_three_percent_of_it() {
    let (question, asked) = ask(&open(Pane::Layers));
    // The answer took 10 ms.
    let state = answered(&asked, &question, layers());
    let watched = Event::Watched(Watched { step: 9, pictures: Vec::new(), strip: Vec::new() });
    let soon = heard_at(&state, watched.clone(), 300.0);
    assert_eq!(soon.to_inspect(), None);
    assert_eq!(ask(&heard_at(&soon, watched, 350.0)).0.view, View::Layers);
}

#[test]
fn what_cannot_be_found_is_said_and_not_asked_for_again() {
    let (question, asked) = ask(&open(Pane::Filters));
    let state = answered(&asked, &question, Found::Nothing("This network has no such filters.".into()));
    assert_eq!(state.inside.trouble().map(|reason| &**reason), Some("This network has no such filters."));
    assert_eq!(state.to_inspect(), None);
    assert_eq!(ask(&changed(&state, Change::Opened(Some(Pane::Layers)))).0.view, View::Layers);
}

#[test]
fn what_is_closed_leaves_nothing_behind_and_a_late_answer_is_not_taken() {
    let (question, asked) = ask(&open(Pane::Layers));
    let state = changed(&answered(&asked, &question, layers()), Change::Chosen(Choice::Layer(0)));
    let (question, asked) = ask(&state);
    let closed = changed(&asked, Change::Opened(None));
    let state = answered(&closed, &question, Found::Nothing("late".into()));
    assert_eq!((state.to_inspect(), state.inside.trouble()), (None, None));
    assert!(state.inside.layers.is_none() && state.inside.unit.is_none());
}

fn with_images(state: &State) -> State {
    let kept = Kept::OnDevice;
    heard(state, Event::Images(ImagesStatus::Present { train: 50, test: 30, published: true, size_bytes: 1, kept }))
}

#[test]
fn the_plane_needs_the_test_images_which_pass_in_parts_and_again_for_other_weights() {
    let state = open(Pane::Plane);
    assert_eq!(state.to_inspect(), None, "there are no images");
    let (question, asked) = ask(&with_images(&state));
    let View::Gather { split: Split::Test, count: 20, weights } = question.view else { panic!("{question:?}") };
    let (question, asked) = ask(&answered(&asked, &question, Found::Gathered { done: 20, total: 30 }));
    assert_eq!(question.view, View::Gather { split: Split::Test, count: 20, weights });
    let (question, asked) = ask(&answered(&asked, &question, Found::Gathered { done: 30, total: 30 }));
    assert_eq!(question.view, View::Plane);
    let plane = Plane { points: vec![(3, [0.0, 1.0])], here: [0.0, 0.0], pictures: Vec::new(), share: 0.5 };
    let state = answered(&asked, &question, Found::Plane(plane));
    assert_eq!(state.to_inspect(), None);
    let (question, asked) = ask(&changed(&state, Change::Point(4)));
    assert_eq!(question.view, View::Image { index: 4 });
    let image = DataImage { index: 4, label: 3, pixels: vec![0; DataImage::LEN] };
    let state = answered(&asked, &question, Found::Image(image));
    assert_eq!((state.inside.point().map(|image| image.label), state.to_inspect()), (Some(3), None));
    let state = heard(&state, Event::Answering { network: network() });
    assert!(matches!(ask(&state).0.view, View::Gather { split: Split::Test, .. }));
}

#[test]
fn the_nearest_images_are_looked_for_only_where_the_visitor_says_so_and_can_be_ended() {
    let (question, asked) = ask(&with_images(&open(Pane::Nearest)));
    assert!(matches!(question.view, View::Gather { split: Split::Train, count: 0, .. }), "what is kept is found so");
    let state = answered(&asked, &question, Found::Gathered { done: 0, total: 50 });
    assert_eq!(state.to_inspect(), None);
    let (question, asked) = ask(&changed(&state, Change::Gathering(true)));
    let state = answered(&asked, &question, Found::Gathered { done: 20, total: 50 });
    assert_eq!(changed(&state, Change::Gathering(false)).to_inspect(), None);
    let (question, asked) = ask(&state);
    let state = answered(&asked, &question, Found::Gathered { done: 50, total: 50 });
    assert_eq!(ask(&state).0.view, View::Nearest);
}

#[test]
fn what_excites_a_map_is_asked_for_once_the_visitor_wants_it_and_for_each_map_without_another_pass() {
    let (question, asked) = ask(&with_images(&open(Pane::Layers)));
    let state = changed(&answered(&asked, &question, layers()), Change::Chosen(Choice::Layer(0)));
    let (question, asked) = ask(&state);
    let unit = Unit { layer: 0, channel: 2, row: 1, column: 1 };
    let field = Window { top: 0, left: 0, height: 1, width: 1 };
    let arithmetic = |unit| Found::Unit(Arithmetic { unit, value: 1.0, field, steps: Vec::new() });
    let state = answered(&asked, &question, arithmetic(unit));
    assert_eq!(state.to_inspect(), None, "nobody has asked for it");
    let (question, asked) = ask(&changed(&state, Change::Patches(true)));
    assert!(matches!(question.view, View::Gather { split: Split::Test, count: 20, .. }), "{question:?}");
    let (question, asked) = ask(&answered(&asked, &question, Found::Gathered { done: 30, total: 30 }));
    assert_eq!(question.view, View::Patches { layer: 0, channel: 2 });
    let image = DataImage { index: 4, label: 3, pixels: vec![0; DataImage::LEN] };
    let found = vec![Patch { image, value: 2.0, window: field }];
    let state = answered(&asked, &question, Found::Patches(found.clone()));
    assert_eq!((state.inside.patches().map(|patches| (**patches).clone()), state.to_inspect()), (Some(found), None));

    let other = Unit { channel: 0, ..unit };
    let (question, asked) = ask(&changed(&state, Change::Chosen(Choice::Unit(other))));
    let state = answered(&asked, &question, arithmetic(other));
    assert!(state.inside.patches().is_none(), "those were of another map");
    assert_eq!(ask(&state).0.view, View::Patches { layer: 0, channel: 0 });
}

#[test]
fn the_plane_follows_a_run_epoch_by_epoch_where_that_takes_less_than_three_percent_of_it() {
    let (question, asked) = ask(&with_images(&open(Pane::Plane)));
    let (question, asked) = ask(&answered(&asked, &question, Found::Gathered { done: 30, total: 30 }));
    let plane = Plane { points: vec![(3, [0.0, 1.0])], here: [0.0, 0.0], pictures: Vec::new(), share: 0.5 };
    // The pass and the plane took 20 ms.
    let state = answered(&asked, &question, Found::Plane(plane));
    let ended = Event::Validated(Validation { step: 9, loss: 1.0, accuracy: 0.5, images: 10 });
    let soon = heard_at(&state, ended.clone(), 600.0);
    assert_eq!(soon.to_inspect(), None);
    let late = heard_at(&soon, ended, 700.0);
    assert!(late.inside.plane.is_some(), "the last one is shown until there is a newer one");
    assert!(matches!(ask(&late).0.view, View::Gather { split: Split::Test, .. }));
}
