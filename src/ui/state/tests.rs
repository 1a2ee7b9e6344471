//! Tests of the function that changes the state.

use super::*;
use crate::domain::settings::table::Setting;
use crate::platform::gestures::Step;
use crate::ui::words;
use crate::{
    domain::{CLASS_COUNT, KeptRun, NetworkName, RunFacts, RunId, RunUse, Settings, StartingWeights, WeightsOrigin},
    protocol::{ANSWERED_TOGETHER, Part, Prediction, RequestKind, Watched},
};

fn epochs() -> Field {
    Field::Setting(Setting::find("epochs").expect("a setting"))
}

fn picture(number: u32) -> Picture {
    Picture::new(PictureId(number), &format!("{number}.png"), None)
}

fn heard(state: &State, event: Event) -> State {
    reduce(state, Action::Heard { event, at_ms: 0.0 })
}

fn network(name: NetworkName) -> NetworkSummary {
    let weights = WeightsOrigin::Shipped { test_accuracy: 70.3, data: "CIFAR-10".into() };
    NetworkSummary {
        name,
        title: name.title().into(),
        layers: crate::spec::Spec::shipped(name),
        parameters: 7_083_004,
        weights,
    }
}

fn ready_with(state: &State, name: NetworkName) -> State {
    let device = DeviceReport::WebGpu { adapter: String::new() };
    heard(state, Event::Ready { device, network: network(name) })
}

fn ready() -> State {
    ready_with(&State::default(), NetworkName::Cui2017)
}

fn with_pictures(state: &State, count: u32) -> State {
    reduce(state, Action::Arrived { pictures: (0..count).map(picture).collect(), notices: Vec::new() })
}

fn asked(state: &State) -> State {
    reduce(state, Action::Asked(state.to_ask()))
}

fn classified(state: &State, number: u32) -> State {
    let prediction =
        Prediction { probabilities: [0.1; CLASS_COUNT], is_none: false, milliseconds: 11.0, seen: vec![0; 3072] };
    heard(state, Event::Classified { answers: vec![(PictureId(number), prediction)] })
}

fn loading(part: Part, received_bytes: u64) -> Event {
    Event::Loading { part, received_bytes, total_bytes: Some(4_000_000) }
}

#[test]
fn a_network_of_ones_own_stays_planned_whatever_answers_and_comes_back_after_another_was_chosen() {
    let layers = "flat-dense10";
    let mut plan = Plan::default();
    plan.begin_with(layers.parse().expect("layers"));
    let state = reduce(&State::default(), Action::Planned(plan.clone(), Vec::new()));
    let state = ready_with(&state, NetworkName::Tenfold2026);
    assert_eq!(state.plan, plan, "a shipped network answers while one's own is planned");
    assert_eq!(state.chosen_network(), NetworkName::Tenfold2026);
    let trained = NetworkSummary { weights: WeightsOrigin::Trained { step: 9 }, ..network(NetworkName::Own) };
    let state = heard(&state, Event::Answering { network: trained.clone() });
    assert_eq!((state.plan.clone(), state.chosen_network()), (plan.clone(), NetworkName::Own));

    let chosen = reduce(&state, Action::Set(Field::Network, "cui2017".into()));
    assert_eq!(chosen.plan.settings, NetworkName::Cui2017.page_settings());
    assert_eq!(reduce(&chosen, Action::Built(Edit::Undo)).plan, plan);

    let shipped = heard(&ready(), Event::Answering { network: trained });
    assert_eq!(shipped.plan.settings.network, NetworkName::Cui2017, "nobody knows the layers of what answers");
}

#[test]
fn the_first_of_the_new_pictures_goes_on_the_stage() {
    let state = with_pictures(&ready(), 2);
    let state = reduce(&state, Action::Arrived { pictures: vec![picture(7), picture(8)], notices: Vec::new() });
    assert_eq!(state.selected, Some(PictureId(7)));
    assert_eq!(state.pictures.len(), 4);
}

#[test]
fn a_file_is_shown_once_it_was_decoded() {
    let state = asked(&with_pictures(&ready(), 2));
    assert_eq!(state.selected_picture().and_then(|picture| picture.url.as_deref()), None);
    let state = reduce(&state, Action::Decoded(vec![(PictureId(1), "blob:decoded".into())]));
    let urls: Vec<_> = state.pictures.iter().map(|picture| picture.url.as_deref()).collect();
    assert_eq!(urls, [None, Some("blob:decoded")]);
    // A picture that was removed in the meantime is not shown.
    let cleared = reduce(&state, Action::Cleared);
    assert_eq!(reduce(&cleared, Action::Decoded(vec![(PictureId(1), "blob:late".into())])), cleared);
}

#[test]
fn pictures_wait_until_the_network_is_ready() {
    let state = with_pictures(&State::default(), 2);
    assert!(state.to_ask().is_empty());
}

#[test]
fn the_picture_on_the_stage_is_asked_about_alone_and_the_others_once_it_is_answered() {
    let state = reduce(&with_pictures(&ready(), 6), Action::Selected(PictureId(5)));
    assert_eq!(state.to_ask(), [PictureId(5)]);
    let state = asked(&state);
    assert!(state.to_ask().is_empty());
    assert_eq!(classified(&state, 5).to_ask(), [0, 1, 2, 3, 4].map(PictureId));
}

#[test]
fn while_some_pictures_are_answered_together_as_many_wait_and_one_that_is_selected_goes_before_the_rest() {
    let state = classified(&asked(&with_pictures(&ready(), 100)), 0);
    assert!(state.to_ask().into_iter().eq((1..=2 * ANSWERED_TOGETHER as u32).map(PictureId)));
    let state = asked(&state);
    assert!(state.to_ask().is_empty());
    let state = reduce(&state, Action::Selected(PictureId(90)));
    assert_eq!(classified(&state, 1).to_ask(), [PictureId(90)]);
}

#[test]
fn an_answer_remembers_where_it_was_computed() {
    let state = classified(&asked(&with_pictures(&ready(), 1)), 0);
    assert!(matches!(state.pictures[0].answer, Answer::Given { device_name: "WebGPU", .. }));
}

#[test]
fn an_answer_to_a_picture_that_is_gone_changes_nothing() {
    let state = reduce(&asked(&with_pictures(&ready(), 1)), Action::Cleared);
    assert_eq!(classified(&state, 0), state);
}

#[test]
fn a_refused_picture_leaves_its_reason_and_the_others_keep_their_answers() {
    let state = classified(&asked(&with_pictures(&ready(), 2)), 1);
    let state = heard(&state, Event::Refused { id: PictureId(0), reason: "this is not a picture.".into() });
    assert_eq!(*state.notices, [Rc::from("0.png: this is not a picture.")]);
    assert_eq!(state.selected, Some(PictureId(1)));
    assert!(state.prediction().is_some());
}

#[test]
fn refusing_the_last_picture_leaves_the_invitation() {
    let state = asked(&with_pictures(&ready(), 1));
    let state = heard(&state, Event::Refused { id: PictureId(0), reason: "this file is empty.".into() });
    assert_eq!(state.selected, None);
    assert!(state.pictures.is_empty());
}

#[test]
fn new_pictures_clear_old_notices() {
    let arrival = |notice: &str| Action::Arrived { pictures: Vec::new(), notices: vec![notice.into()] };
    let state = reduce(&reduce(&ready(), arrival("old")), arrival("new"));
    assert_eq!(*state.notices, [Rc::from("new")]);
}

#[test]
fn a_failure_keeps_pictures_and_answers_and_asks_again_after_a_restart() {
    let state = classified(&asked(&with_pictures(&ready(), 2)), 0);
    let state = heard(&state, Event::Failed { reason: "The weights are damaged.".into() });
    assert_eq!(state.phase, Phase::Failed("The weights are damaged.".into()));
    let state = reduce(&state, Action::Restarted);
    assert_eq!(state.phase, Phase::Loading(None));
    assert!(state.pictures[0].prediction().is_some());
    assert_eq!(state.pictures[1].answer, Answer::Waiting);
}

#[test]
fn a_worker_that_failed_is_replaced_unless_a_run_is_in_its_memory_only() {
    let failed = |state: &State| heard(state, Event::Failed { reason: "The weights are damaged.".into() });
    assert!(failed(&ready()).needs_new_worker());
    let held = KeptRun {
        id: RunId(1),
        name: None,
        facts: RunFacts {
            settings: Settings::default(),
            start: StartingWeights::Scratch,
            step: 4,
            steps_per_epoch: 10,
            steps: 20,
        },
        accuracy: None,
        tested: None,
        trained_secs: 0.0,
        kept_at_ms: 0,
        size_bytes: 1,
        usage: RunUse::Free,
        passed_over: None,
        not_kept: Some("this device has no room left for it".into()),
    };
    let state = failed(&heard(&ready(), Event::Runs { runs: vec![held], unreadable: Vec::new() }));
    assert!(!state.needs_new_worker(), "it tries again itself");
    assert!(reduce(&state, Action::Died).needs_new_worker(), "the run ended with it");
}

#[test]
fn a_death_after_a_failure_does_not_hide_the_reason() {
    let state = heard(&State::default(), Event::Failed { reason: "The weights are damaged.".into() });
    assert_eq!(reduce(&state, Action::Died).phase, state.phase);
}

#[test]
fn a_death_before_the_network_is_ready_is_told_from_one_while_it_answers() {
    assert!(matches!(reduce(&State::default(), Action::Died).phase, Phase::Failed(_)));
    assert_eq!(reduce(&ready(), Action::Died).phase, Phase::Died(None));
}

#[test]
fn a_picture_that_kills_the_worker_twice_is_taken_out_and_the_others_stay() {
    let state = reduce(&asked(&with_pictures(&ready(), 3)), Action::Died);
    assert_eq!(state.pictures.len(), 3);
    let network = state.network.clone().expect("it was ready");
    let device = state.device.clone().expect("it was ready");
    let state = heard(&reduce(&state, Action::Restarted), Event::Ready { device, network });
    let state = asked(&state);
    let asked_count = state.pictures.iter().filter(|picture| picture.answer == Answer::Asked).count();
    assert_eq!(asked_count, 1, "after a death pictures go one at a time");
    let state = reduce(&state, Action::Died);
    assert_eq!(state.pictures.iter().map(|picture| picture.id.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(state.notices.len(), 1);
}

#[test]
fn the_rate_is_the_mean_since_the_first_bytes() {
    let at = |state: &State, received, at_ms| {
        reduce(state, Action::Heard { event: loading(Part::Weights, received), at_ms })
    };
    let state = at(&at(&State::default(), 1_000_000, 500.0), 3_000_000, 1500.0);
    let Phase::Loading(Some(progress)) = state.phase else { panic!("still loading") };
    assert_eq!(progress.bytes_per_sec, Some(2_000_000.0));
}

#[test]
fn a_late_count_of_the_programs_bytes_does_not_hide_the_weights() {
    let state = heard(&heard(&State::default(), loading(Part::Weights, 10)), loading(Part::Program, 99));
    assert!(matches!(state.phase, Phase::Loading(Some(Progress { part: Part::Weights, .. }))));
    let state = heard(&state, loading(Part::Kernels, 0));
    let Phase::Loading(Some(progress)) = &state.phase else { panic!("still loading") };
    assert_eq!(words::progress(progress), "The GPU's programs: compiling and checking");
    assert_eq!(heard(&ready(), loading(Part::Program, 99)), ready());
}

#[test]
fn a_dismissed_notice_is_gone_and_a_second_click_is_harmless() {
    let state = reduce(&ready(), Action::Arrived { pictures: Vec::new(), notices: vec!["one".into()] });
    let state = reduce(&state, Action::Dismissed(0));
    assert!(state.notices.is_empty());
    assert_eq!(reduce(&state, Action::Dismissed(0)), state);
}

#[test]
fn arrow_keys_move_through_the_strip_and_stop_at_its_ends() {
    let state = with_pictures(&ready(), 3);
    assert_eq!(state.neighbour(Step::Back), None);
    assert_eq!(state.neighbour(Step::Forward), Some(PictureId(1)));
    assert_eq!(state.neighbour(Step::Last), Some(PictureId(2)));
    assert_eq!(ready().neighbour(Step::Forward), None);
}

fn facts(step: u64) -> RunFacts {
    RunFacts {
        settings: Settings::default(),
        start: StartingWeights::Scratch,
        step,
        steps_per_epoch: 351,
        steps: 4_212,
    }
}

fn present() -> Event {
    let kept = Kept::OnDevice;
    Event::Images(ImagesStatus::Present { train: 50_000, test: 10_000, published: true, size_bytes: 1, kept })
}

#[test]
fn a_run_that_waits_for_images_begins_once_they_are_here() {
    let state = reduce(&ready(), Action::Wished(Wish::AfterImages));
    assert!(!state.is_to_train());
    let state = heard(&state, present());
    assert!(state.is_to_train());
    assert!(!reduce(&state, Action::Wished(Wish::Asked)).is_to_train());
}

#[test]
fn a_fetch_that_failed_can_be_tried_again_and_one_that_was_cancelled_is_over() {
    let state = reduce(&ready(), Action::Wished(Wish::AfterImages));
    let ended =
        |reason: Option<&str>| Event::FetchEnded { asked: RequestKind::FetchImages, reason: reason.map(String::from) };
    let failed = heard(&state, ended(Some("The host does not answer.")));
    assert_eq!(failed.training.wish, Wish::Confirm);
    assert!(failed.images.trouble.is_some());
    assert_eq!(heard(&state, ended(None)).training.wish, Wish::None);
}

#[test]
fn the_phase_names_how_the_run_stands() {
    let state = heard(&ready(), Event::Run(RunStatus::Running(facts(0))));
    assert_eq!(state.phase_name(), "training");
    let state = heard(&state, Event::Run(RunStatus::Paused(facts(10))));
    assert_eq!(state.phase_name(), "paused");
    assert_eq!(heard(&state, Event::Run(RunStatus::None)).phase_name(), "ready");
}

#[test]
fn what_is_watched_changes_the_answers_but_not_what_was_seen() {
    let state = classified(&asked(&with_pictures(&ready(), 1)), 0);
    let mut probabilities = [0.0; CLASS_COUNT];
    probabilities[3] = 1.0;
    let watched = Watched { step: 10, pictures: vec![(PictureId(0), probabilities)], strip: Vec::new() };
    let prediction = heard(&state, Event::Watched(watched)).prediction().cloned().expect("it was answered");
    assert_eq!((prediction.probabilities, prediction.milliseconds), (probabilities, 11.0));
    assert_eq!(prediction.seen.len(), 3072);
}

#[test]
fn other_weights_are_asked_about_every_picture_and_the_old_answers_stay_until_then() {
    let state = classified(&asked(&with_pictures(&ready(), 1)), 0);
    let network = state.network.clone().expect("it was ready");
    let state = heard(&state, Event::Answering { network });
    assert_eq!(state.to_ask(), [PictureId(0)]);
    let state = asked(&state);
    assert!(state.to_ask().is_empty());
    assert!(state.prediction().is_some());
    assert!(classified(&state, 0).to_ask().is_empty());
}

#[test]
fn a_text_that_names_no_value_is_said_at_the_form_until_it_is_mended() {
    let state = reduce(&ready(), Action::Set(epochs(), "many".into()));
    assert_eq!(state.plan_error().as_deref(), Some("Epochs must be a whole number from 1 to 1,000."));
    let state = reduce(&state, Action::Set(epochs(), "0".into()));
    assert_eq!(state.plan_error().as_deref(), Some("Epochs must be a whole number from 1 to 1,000. The nearest is 1."));
    assert_eq!(reduce(&state, Action::Set(epochs(), "3".into())).plan_error(), None);
}

fn not_done(asked: RequestKind) -> Event {
    Event::NotDone { asked, reason: "There is no room.".into() }
}

#[test]
fn what_could_not_be_done_ends_no_other_wish() {
    let waits = reduce(&ready(), Action::Wished(Wish::AfterImages));
    let waits = reduce(&waits, Action::TestAsked);
    let waits = reduce(&reduce(&waits, Action::CompareWished), Action::CompareAsked(None));
    let waits = reduce(&waits, Action::RaceAsked);
    let others = [RequestKind::Import, RequestKind::Export, RequestKind::Deal, RequestKind::DeleteImages];
    for asked in others.into_iter().chain([RequestKind::Validate, RequestKind::Train]) {
        let state = heard(&waits, not_done(asked));
        assert_eq!(state, State { notices: state.notices.clone(), ..waits.clone() }, "{asked:?}");
    }
    let state = reduce(&waits, Action::Noticed("disk.tar is larger than 400.0 MB.".into()));
    assert_eq!(state, State { notices: state.notices.clone(), ..waits.clone() });
    let ended = Event::FetchEnded { asked: RequestKind::AddImages, reason: Some("It is no archive.".into()) };
    assert_eq!(heard(&waits, ended).training.wish, Wish::AfterImages, "the download goes on");
    assert_eq!(heard(&waits, not_done(RequestKind::Test)).results.testing, None);
    assert_eq!(heard(&waits, not_done(RequestKind::Race)).race.phase, RacePhase::Idle);
}

#[test]
fn a_worker_that_is_gone_is_replaced_and_one_that_is_alive_is_asked() {
    let failed = heard(&ready(), Event::Failed { reason: "The weights are damaged.".into() });
    assert!(failed.needs_new_worker() && reduce(&ready(), Action::Died).needs_new_worker());
    assert!(reduce(&State::default(), Action::Died).needs_new_worker());
    assert!(!ready().needs_new_worker() && !State::default().needs_new_worker());
}

#[test]
fn a_choice_of_network_ends_neither_a_download_nor_the_wish_to_train_after_it() {
    let fetching = Event::Fetching {
        source: "host".into(),
        file: "train.parquet".into(),
        stage: crate::protocol::FetchStage::Arriving,
        received_bytes: 1,
        total_bytes: None,
    };
    let state = heard(&reduce(&ready(), Action::Wished(Wish::AfterImages)), fetching);
    let state = reduce(&state, Action::StartAsked);
    assert_eq!((state.images.name(), state.training.wish), ("fetching", Wish::AfterImages));
    let state = heard(&ready_with(&state, NetworkName::Tenfold2026), present());
    assert!(state.is_to_train());
    assert_eq!(reduce(&state, Action::Restarted).training.wish, Wish::None, "a new worker knows of nothing");
}

#[test]
fn an_alert_on_images_or_a_run_names_what_failed_and_can_be_dismissed() {
    let ended = Event::FetchEnded { asked: RequestKind::AddImages, reason: Some("It is no archive.".into()) };
    let state = heard(&ready(), ended);
    assert_eq!(state.images.trouble.as_ref().map(|trouble| trouble.asked), Some(RequestKind::AddImages));
    assert_eq!(reduce(&state, Action::ImagesTroubleDismissed).images.trouble, None);
    let how = crate::protocol::End::Diverged { reason: "The loss is no longer a number.".into() };
    let state = heard(&ready(), Event::Run(RunStatus::Ended { facts: facts(3), how }));
    assert!(state.training.trouble.is_some());
    assert_eq!(reduce(&state, Action::RunTroubleDismissed).training.trouble, None);
}

#[test]
fn why_images_did_not_come_is_said_in_every_view() {
    let ended = || Event::FetchEnded { asked: RequestKind::AddImages, reason: Some("It has a JPEG.".into()) };
    for view in [View::Look, View::Runs, View::About] {
        let state = heard(&State { view, ..ready() }, ended());
        assert_eq!(*state.notices, [Rc::from("It has a JPEG.")], "{view:?}");
    }
    let state = heard(&State { view: View::Learn, ..ready() }, ended());
    assert!(state.notices.is_empty() && state.images.trouble.is_some(), "there it is said with what to do");
}

#[test]
fn what_could_not_be_done_is_a_notice_and_can_be_asked_for_again() {
    let state = reduce(&ready(), Action::Wished(Wish::Asked));
    let state = heard(&state, not_done(RequestKind::Train));
    assert_eq!(*state.notices, [Rc::from("There is no room.")]);
    assert_eq!(state.training.wish, Wish::None);
}

#[test]
fn a_death_during_a_run_says_what_is_kept() {
    let state = heard(&ready(), Event::Run(RunStatus::Running(facts(1_300))));
    let state = heard(&state, Event::Checkpointed { step: 1_200, size_bytes: 1 });
    let Phase::Died(Some(sentence)) = reduce(&state, Action::Died).phase else { panic!("it died in a run") };
    assert!(sentence.contains("up to step 1,200"), "{sentence}");
}

#[test]
fn the_plan_is_of_the_network_that_answers_also_where_a_run_or_a_file_brought_it() {
    assert_eq!(State::default().plan.settings.network, NetworkName::FIRST_SHOWN);
    let state = ready();
    assert_eq!(state.plan.settings.network, NetworkName::Cui2017, "the other's files were missing");
    let state = heard(&state, Event::Answering { network: network(NetworkName::Tenfold2026) });
    assert_eq!(state.plan, Plan::default());
    let state = reduce(&state, Action::Set(epochs(), "3".into()));
    let state = heard(&state, Event::Answering { network: network(NetworkName::Tenfold2026) });
    assert_eq!(state.plan.settings.epochs, 3, "what the visitor set stays");
}

#[test]
fn a_choice_of_network_is_not_undone_by_what_the_old_one_still_says() {
    let state = reduce(&ready(), Action::Set(Field::Network, "tenfold2026".into()));
    let state = reduce(&state, Action::Restarted);
    let state = heard(&state, Event::Answering { network: network(NetworkName::Cui2017) });
    assert_eq!(state.plan.settings.network, NetworkName::Tenfold2026);
    assert_eq!(ready_with(&state, NetworkName::Tenfold2026).plan, Plan::default());
}

#[test]
fn another_network_is_asked_about_every_picture_and_another_device_is_not() {
    let state = classified(&asked(&with_pictures(&ready(), 1)), 0);
    let restarted = reduce(&state, Action::Restarted);
    assert!(ready_with(&restarted, NetworkName::Cui2017).to_ask().is_empty());
    assert_eq!(ready_with(&restarted, NetworkName::Tenfold2026).to_ask(), [PictureId(0)]);
}

#[test]
fn a_choice_of_network_mends_texts_that_name_no_value() {
    let state = reduce(&ready(), Action::Set(epochs(), "many".into()));
    assert_eq!(reduce(&state, Action::Set(Field::Network, "tenfold2026".into())).plan_error(), None);
}

fn compared(state: &State) -> State {
    let id = state.to_compare().expect("there is something to ask");
    let state = reduce(state, Action::CompareAsked(id));
    assert_eq!(state.to_compare(), None, "one question at a time");
    heard(&state, Event::Compared { id, networks: Vec::new() })
}

#[test]
fn a_comparison_begins_when_it_is_wished_and_follows_the_picture_on_the_stage() {
    let state = ready();
    assert_eq!(state.to_compare(), None);
    let state = reduce(&state, Action::CompareWished);
    assert_eq!(state.to_compare(), Some(None), "what the networks are needs no picture");
    let state = asked(&with_pictures(&compared(&state), 2));
    assert_eq!(state.to_compare(), None, "the picture is not answered yet");
    let state = compared(&classified(&classified(&state, 0), 1));
    assert_eq!(state.to_compare(), None);
    let state = reduce(&state, Action::Selected(PictureId(1)));
    assert_eq!(state.to_compare(), Some(Some(PictureId(1))));
}

#[test]
fn a_comparison_is_made_again_where_other_weights_answer_but_not_while_a_run_goes_on() {
    let state = compared(&reduce(&ready(), Action::CompareWished));
    let state = heard(&state, Event::Run(RunStatus::Running(facts(0))));
    let answering = Event::Answering { network: network(NetworkName::Cui2017) };
    let state = heard(&state, answering);
    assert_eq!(state.to_compare(), None);
    let how = crate::protocol::End::Stopped;
    let state = heard(&state, Event::Run(RunStatus::Ended { facts: facts(3), how }));
    assert_eq!(state.to_compare(), Some(None));
}

#[test]
fn a_comparison_that_cannot_be_made_is_given_up_until_it_is_wished_again() {
    let state = reduce(&reduce(&ready(), Action::CompareWished), Action::CompareAsked(None));
    let state = heard(&state, not_done(RequestKind::Compare));
    assert_eq!(state.to_compare(), None);
    assert_eq!(reduce(&state, Action::CompareWished).to_compare(), Some(None));
}
