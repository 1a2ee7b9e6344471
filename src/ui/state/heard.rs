//! What each of the worker's events changes.

use std::rc::Rc;

use crate::protocol::{Event, RequestKind, RunStatus};

use super::training::Checkpoint;
use super::{Fetch, Pace, Phase, RacePhase, RunsState, State, Wish};
use crate::ui::progress::Progress;
use crate::ui::view::View;

/// Handles an event of the worker. `at_ms` is the page's clock.
pub(super) fn hear(next: &mut State, event: Event, at_ms: f64) {
    match event {
        // A late count of the program's bytes must not undo a later event.
        Event::Loading { part, received_bytes, total_bytes } => {
            if let Phase::Loading(before) = next.phase {
                next.phase = Phase::Loading(Some(Progress::after(before, part, received_bytes, total_bytes, at_ms)));
            }
        }
        Event::Ready { device, network } => {
            // If the network is the same, its answers are kept: a start on another device leaves the weights as they
            // were.
            if next.network.as_ref() != Some(&network) {
                next.doubt_answers();
            }
            next.inside.doubt();
            next.phase = Phase::Ready;
            next.device = Some(device);
            next.take_network(network);
        }
        Event::Answering { network } => {
            // During a run, the answers to the watched pictures come with the run's events.
            if !matches!(next.training.status, RunStatus::Running(_)) {
                next.doubt_answers();
            }
            // An answer that still comes is from the weights before.
            next.comparison.doubt();
            next.inside.doubt();
            next.take_network(network);
        }
        Event::Classified { answers } => answers.into_iter().for_each(|(id, prediction)| next.answer(id, prediction)),
        // The edge takes the pictures out of this event.
        Event::Decoded { .. } => {}
        Event::Refused { id, reason } => next.refuse(id, &reason),
        Event::Failed { reason } => {
            next.phase = Phase::Failed(reason.into());
            next.ask_again();
        }
        Event::NotDone { asked, reason } => {
            give_up(next, asked);
            next.notice(reason);
        }
        Event::Notice { sentence } => next.notice(sentence),
        Event::Images(status) => {
            next.images.settle(status);
            if next.training.wish == Wish::Confirm && next.images.can_train() {
                next.training.wish = Wish::None;
            }
        }
        Event::Fetching { source, file, stage, received_bytes, total_bytes } => {
            next.images.advance(Fetch::new((source, file), stage, received_bytes, total_bytes, at_ms));
        }
        Event::FetchEnded { asked, reason } => {
            // A download that failed can be tried again with one click. One that the visitor ended is over.
            next.training.wish = match (next.training.wish, asked, &reason) {
                (Wish::AfterImages, RequestKind::FetchImages, Some(_)) => Wish::Confirm,
                (Wish::AfterImages, RequestKind::FetchImages, None) => Wish::None,
                (wish, ..) => wish,
            };
            // The view "Learn" shows the reason itself.
            if let Some(reason) = reason.as_ref().filter(|_| next.view != View::Learn) {
                next.notice(reason.clone());
            }
            next.images.end_fetch(asked, reason);
        }
        Event::Dealt { images } => next.images.dealt = Rc::new(images),
        Event::Shown { split, images } => next.results.show(split, images),
        Event::Watched(_) => {
            next.inside.follow(at_ms);
            hear_of_run(next, event, at_ms);
        }
        Event::Validated(_) => {
            next.inside.end_epoch(at_ms);
            hear_of_run(next, event, at_ms);
        }
        Event::Run(_)
        | Event::Runs { .. }
        | Event::History(_)
        | Event::Progress { .. }
        | Event::Strip { .. }
        | Event::Checkpointed { .. }
        | Event::NotCheckpointed { .. } => hear_of_run(next, event, at_ms),
        Event::Testing { done, total } => next.results.testing = Some((done, total)),
        Event::Tested(report) => next.results.settle(report),
        Event::Fitted { title, pairings } => {
            next.fitted = Some(Rc::new((title, pairings)));
            // Wherever the file was dropped, there it is shown.
            next.view = View::Learn;
        }
        // The edge saves the file. Nothing changes here.
        Event::Exported { .. } => {}
        Event::Curves { run, history } => next.compare.take(run, history),
        Event::Compared { id, networks } => next.comparison.settle(id, networks),
        Event::Inspected(inspected) => next.inside.take(inspected),
        Event::Paced { settings, images_per_sec } => next.pace.take(&settings, images_per_sec),
        Event::Racing { setup, step } => next.race.phase = RacePhase::Measuring { setup, step },
        Event::Raced { setup, measured } => next.race.settle(setup, measured),
        Event::StepTimed { settings, step_ms } => {
            next.builder.is_timing = false;
            next.builder.timed = Some(Rc::new((settings, step_ms)));
        }
        // Only the page behind `?benchmark` uses this event.
        Event::Benchmarked(_) => {}
        Event::RaceEnded => next.race.phase = RacePhase::Idle,
    }
}

/// Handles that the worker refused `asked`. Other requests still hold.
fn give_up(next: &mut State, asked: RequestKind) {
    match asked {
        RequestKind::Train | RequestKind::Resume if next.training.wish == Wish::Asked => {
            next.training.wish = Wish::None;
            // The next run of the series would be refused too.
            next.several.is_going = false;
        }
        RequestKind::FetchImages if next.training.wish == Wish::AfterImages => next.training.wish = Wish::Confirm,
        RequestKind::Test => next.results.testing = None,
        RequestKind::Show => next.results.opened = None,
        RequestKind::Compare => next.comparison.give_up(),
        RequestKind::TimeStep => next.builder.is_timing = false,
        RequestKind::Pace => {
            next.pace.give_up();
            // Without its time no trial can begin that is to take one.
            next.several.is_going &= next.several.minutes.is_none();
        }
        RequestKind::Curves => next.compare.give_up(),
        RequestKind::Race => next.race.phase = RacePhase::Idle,
        _ => {}
    }
}

fn hear_of_run(next: &mut State, event: Event, at_ms: f64) {
    let training = &mut next.training;
    match event {
        Event::Run(status) => {
            next.several.settle(&status, &training.curves);
            // A run that begins leaves the earlier requests for its pace unanswered.
            next.pace.give_up();
            let was_under_way = training.is_under_way();
            training.settle(status, at_ms);
            // The form shows the settings of the run, or no longer.
            if training.is_under_way() != was_under_way {
                next.unreadable.clear();
            }
        }
        Event::Runs { runs, unreadable } => {
            next.compare.keep_only(&runs);
            next.runs = RunsState { runs: Rc::new(runs), unreadable: Rc::new(unreadable) };
            next.several.take_runs(&next.runs);
        }
        Event::History(history) => training.curves = Rc::new(history),
        Event::Progress { points, step, images_per_sec, seconds_left } => {
            training.advance(points, step, Pace { images_per_sec, secs_left: seconds_left });
            if let Some(facts) = training.facts() {
                next.several.follow(facts, &training.curves);
            }
        }
        Event::Validated(validation) => training.validate(validation),
        Event::Strip { images } => {
            training.strip = Rc::new(images);
            training.watched = Rc::default();
        }
        Event::Watched(watched) => {
            training.film(&watched);
            training.watched = Rc::new(watched.strip);
            next.renew(&watched.pictures);
        }
        Event::Checkpointed { step, size_bytes } => {
            training.checkpoint = Some(Checkpoint { step, size_bytes });
            next.runs.advance(step, training.last_validation().map(|validation| validation.accuracy));
        }
        Event::NotCheckpointed { reason } => next.notice(reason),
        _ => unreachable!("hear names the events that come here"),
    }
}
