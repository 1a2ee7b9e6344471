//! The state of CIFAR-10 on this device, and what can be done about it.

use yew::prelude::*;

use crate::protocol::{FetchStage, ImagesStatus, Kept, RequestKind, images::FETCH_BYTES};
use crate::ui::components::ask::Ask;
use crate::ui::components::button::{button, on_click};
use crate::ui::components::choose;
use crate::ui::intent::Intent;
use crate::ui::state::{Fetch, ImagesState, State, Trouble, Wish};
use crate::ui::words;

/// A line whose height is the same with and without images.
pub fn images_line(state: &State, on_intent: &Callback<Intent>) -> Html {
    let images = &state.images;
    let body = match (&images.fetch, &images.trouble) {
        (Some(fetch), _) => arriving(fetch, on_intent),
        (None, Some(trouble)) => failed(trouble, state.training.wish == Wish::Confirm, on_intent),
        (None, None) => settled(images, on_intent),
    };
    html! { <div class="images" translate="no" role="group" aria-label="CIFAR-10">{ body }</div> }
}

fn settled(images: &ImagesState, on_intent: &Callback<Intent>) -> Html {
    let sentence = match &images.status {
        ImagesStatus::Absent => format!(
            "Training needs CIFAR-10. It is downloaded once, up to {:.0} MB, and kept on this device.",
            FETCH_BYTES as f64 / 1e6
        ),
        ImagesStatus::Arriving { train } => {
            format!("The first {} training images are here.", words::count((*train).into()))
        }
        ImagesStatus::Partial { present, missing } => {
            format!("CIFAR-10: {present} is here, {missing} is missing. Add the rest, or fetch all.")
        }
        ImagesStatus::Present { train, test, published, size_bytes, kept } => {
            present((*train, *test), *published, *size_bytes, kept)
        }
    };
    let is_present = images.is_present();
    let size = match &images.status {
        ImagesStatus::Present { size_bytes, .. } => format!(", {}", words::bytes(*size_bytes)),
        ImagesStatus::Absent | ImagesStatus::Arriving { .. } | ImagesStatus::Partial { .. } => String::new(),
    };
    html! {
        <>
            <p class="figures">{ sentence }</p>
            <div class="buttons">
                if !is_present {
                    { fetch_button("Fetch now", on_intent) }
                }
                { choose::images("Add a file", on_intent) }
                if images.status != ImagesStatus::Absent {
                    <Ask
                        action="delete-images"
                        label="Delete"
                        question={format!("Delete images{size}")}
                        on_agree={on_intent.reform(|()| Intent::DeleteImages)}
                    />
                }
            </div>
        </>
    }
}

fn present((train, test): (u32, u32), published: bool, size_bytes: u64, kept: &Kept) -> String {
    let counts = format!("{} training and {} test images", words::count(train.into()), words::count(test.into()));
    let origin = if published { "the published files" } else { "other images in CIFAR-10’s format" };
    match kept {
        Kept::OnDevice => format!("{counts}, {origin}, {} on this device.", words::bytes(size_bytes)),
        Kept::InMemory { because } => format!("{counts}, {origin}, until this page closes. {because}"),
    }
}

fn arriving(fetch: &Fetch, on_intent: &Callback<Intent>) -> Html {
    let fraction = fetch.fraction();
    html! {
        <>
            <div class="fetch">
                <div
                    class={classes!("progress", fraction.is_none().then_some("is-open"))}
                    role="progressbar"
                    aria-label={format!("{} from {}", fetch.file, fetch.source)}
                    aria-valuemin="0"
                    aria-valuemax="100"
                    aria-valuenow={fraction.map(|fraction| format!("{:.0}", fraction * 100.0))}
                >
                    <span style={format!("transform:scaleX({:.4})", fraction.unwrap_or(0.0))} />
                </div>
                <p class="figures">{ fetch_words(fetch) }</p>
            </div>
            <div class="buttons">
                { button("button", "cancel", "Cancel", false, on_click(on_intent, Intent::CancelImages)) }
            </div>
        </>
    }
}

/// "train.parquet from huggingface.co: 42.0 MB of 119.7 MB, 8.4 MB/s, 9 s left"
fn fetch_words(fetch: &Fetch) -> String {
    let doing = match fetch.stage {
        FetchStage::Arriving => "",
        FetchStage::Waiting => "the server asks to wait, ",
        FetchStage::Checking => "checking, ",
        FetchStage::Keeping => "writing to this device, ",
    };
    let mut words = format!("{} from {}: {doing}{}", fetch.file, fetch.source, words::bytes(fetch.received_bytes));
    if let Some(total_bytes) = fetch.total_bytes {
        words += &format!(" of {}", words::bytes(total_bytes));
    }
    if let Some(bytes_per_sec) = fetch.bytes_per_sec() {
        words += &format!(", {}/s", words::bytes(bytes_per_sec as u64));
    }
    if let Some(secs) = fetch.secs_left() {
        words += &format!(", {} left", time_left(secs));
    }
    words
}

/// "1 min 10 s". The last seconds have no figure, because the estimate's error is about as large.
fn time_left(secs: f64) -> String {
    if secs <= 10.0 { "a few seconds".into() } else { words::duration(secs.ceil()) }
}

/// `is_wanted` tells whether a run waits until the visitor agrees to the download.
fn failed(trouble: &Trouble, is_wanted: bool, on_intent: &Callback<Intent>) -> Html {
    // A download cannot repair a refused file, but the visitor can choose another one.
    let can_fetch_again = trouble.asked == RequestKind::FetchImages;
    let on_dismiss = on_click(on_intent, Intent::DismissImagesTrouble);
    html! {
        <>
            <p role="alert">{ &*trouble.reason }</p>
            <div class="buttons">
                if can_fetch_again && is_wanted {
                    { button("button", "retry-fetch", "Try again", false, on_click(on_intent, Intent::Train)) }
                } else if can_fetch_again {
                    { fetch_button("Try again", on_intent) }
                }
                { choose::images(if can_fetch_again { "Add a file" } else { "Choose another file" }, on_intent) }
                { button("button", "dismiss-images", "Dismiss", false, on_dismiss) }
            </div>
        </>
    }
}

fn fetch_button(label: &'static str, on_intent: &Callback<Intent>) -> Html {
    button("button", "fetch", label, false, on_click(on_intent, Intent::FetchImages))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_that_are_not_kept_say_why_and_what_to_do() {
        let kept = Kept::InMemory { because: "This browser keeps no files here; open a normal window.".into() };
        assert_eq!(
            present((50_000, 10_000), true, 184_000_000, &kept),
            "50,000 training and 10,000 test images, the published files, until this page closes. This browser keeps \
             no files here; open a normal window."
        );
    }

    #[test]
    fn a_file_on_its_way_says_where_from_and_how_much() {
        let names = ("huggingface.co".into(), "train.parquet".into());
        let fetch = Fetch::new(names, FetchStage::Arriving, 42_000_000, Some(119_700_000), 0.0);
        assert_eq!(fetch_words(&fetch), "train.parquet from huggingface.co: 42.0 MB of 119.7 MB");
    }

    #[test]
    fn only_the_last_seconds_of_a_download_have_no_figure() {
        assert_eq!(time_left(3.0), "a few seconds");
        assert_eq!(time_left(10.0), "a few seconds");
        assert_eq!(time_left(10.2), "11 s");
        assert_eq!(time_left(70.0), "1 min 10 s");
    }
}
