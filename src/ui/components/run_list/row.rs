//! A kept run: its settings, its progress, and what can be done with it.

use yew::prelude::*;

use crate::domain::{KeptRun, RunUse, ShelfItem};
use crate::platform::page;
use crate::ui::components::ask::Ask;
use crate::ui::components::button::{button, on_click};
use crate::ui::intent::Intent;
use crate::ui::{plan, words};

/// The properties of [`Row`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The run.
    pub run: KeptRun,
    /// Whether a run could start now.
    pub is_free: bool,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The run as a list item.
#[component]
pub fn Row(props: &Props) -> Html {
    let run = &props.run;
    let is_named = use_state(|| false);
    let title = run.name.clone().unwrap_or_else(|| words::network(&run.facts.settings));
    let item = ShelfItem::Run(run.id);
    let id = run.id;
    let on_export = on_click(&props.on_intent, Intent::ExportItem(item.clone()));
    let on_build = on_click(&props.on_intent, Intent::BuildOn(Box::new(run.facts.settings.clone())));
    let on_resume = on_click(&props.on_intent, Intent::ResumeRun(id));
    let resume = if run.facts.step < run.facts.steps { "Resume" } else { "Use its network" };
    let on_rename = {
        let (is_named, on_intent) = (is_named.clone(), props.on_intent.clone());
        Callback::from(move |event: Event| {
            is_named.set(false);
            on_intent.emit(Intent::RenameRun(id, page::field_value(&event)));
        })
    };
    let is_usable = props.is_free && run.usage == RunUse::Free;
    html! {
        <li class="run-row" tabindex="-1" data-run={format!("{:016x}", id.0)} data-kept-step={run.facts.step.to_string()}>
            <div>
                if *is_named {
                    <input
                        class="run-name"
                        type="text"
                        maxlength="60"
                        aria-label="Name of the run"
                        value={title}
                        onchange={on_rename}
                    />
                } else {
                    <h3 translate="no">{ title }</h3>
                }
                <p class="quiet">{ plan::sentence(&run.facts.settings, run.facts.start) }</p>
                <p class="quiet figures">{ figures(run, &page::local_time(run.kept_at_ms)) }</p>
                if let Some(remark) = remark(run) {
                    <p class="run-remark">{ remark }</p>
                }
            </div>
            <div class="buttons">
                { button("button", "resume-run", resume, !is_usable, on_resume) }
                <button
                    type="button"
                    class="button"
                    data-action="rename-run"
                    aria-expanded={is_named.to_string()}
                    onclick={let is_named = is_named.clone(); Callback::from(move |_| is_named.set(!*is_named))}
                >
                    { "Rename" }
                </button>
                { button("button", "build-on", "Build on it", false, on_build) }
                { button("button", "export-run", "Export", false, on_export) }
                <Ask
                    action="delete-run"
                    label="Delete"
                    question={format!("Delete the run, {}", words::bytes(run.size_bytes))}
                    is_disabled={run.usage != RunUse::Free}
                    on_agree={props.on_intent.reform(move |()| Intent::DeleteItem(item.clone()))}
                />
            </div>
        </li>
    }
}

/// "Step 1,200 of 4,212. 71.3% right on validation images. 56.7 MB, 28 Nov 2026, 14:05."
fn figures(run: &KeptRun, kept_at: &str) -> String {
    let (step, steps) = (words::count(run.facts.step), words::count(run.facts.steps));
    let right = match (run.tested, run.accuracy) {
        (Some((at, share)), _) if at == run.facts.step => {
            format!(" {} right on the test images.", words::percent(share.into()))
        }
        (_, Some(share)) => format!(" {} right on validation images.", words::percent(share.into())),
        _ => String::new(),
    };
    format!("Step {step} of {steps}.{right} {}, {kept_at}.", words::bytes(run.size_bytes))
}

/// A remark on an unusual state of the run, in sentences.
fn remark(run: &KeptRun) -> Option<String> {
    let usage = match run.usage {
        RunUse::Elsewhere => Some("Another tab is training it.".to_owned()),
        RunUse::Here => Some("It is the run of this page.".to_owned()),
        RunUse::Free => None,
    };
    let not_kept = run
        .not_kept
        .as_ref()
        .map(|because| format!("In memory only, because {because}. Export it before you close the page."));
    let passed_over =
        run.passed_over.as_ref().map(|why| format!("A copy that may have been newer cannot be used: {why}."));
    let sentences: Vec<_> = [usage, not_kept, passed_over].into_iter().flatten().collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RunFacts, RunId, Settings, StartingWeights};

    fn run() -> KeptRun {
        let facts = RunFacts {
            settings: Settings::default(),
            start: StartingWeights::Scratch,
            step: 1_200,
            steps_per_epoch: 351,
            steps: 4_212,
        };
        KeptRun {
            id: RunId(1),
            name: None,
            facts,
            accuracy: Some(0.713),
            tested: None,
            trained_secs: 0.0,
            kept_at_ms: 0,
            size_bytes: 56_700_000,
            usage: RunUse::Free,
            passed_over: None,
            not_kept: None,
        }
    }

    #[test]
    fn a_run_says_how_far_it_is_how_good_how_large_and_when() {
        let said = figures(&run(), "28 Nov 2026, 14:05");
        assert_eq!(said, "Step 1,200 of 4,212. 71.3% right on validation images. 56.7 MB, 28 Nov 2026, 14:05.");
        let tested = KeptRun { tested: Some((1_200, 0.702)), ..run() };
        assert!(figures(&tested, "now").contains(" 70.2% right on the test images."));
        let tested_before = KeptRun { tested: Some((1_000, 0.702)), ..run() };
        assert!(figures(&tested_before, "now").contains("validation"), "that was another network");
    }

    #[test]
    fn a_run_that_is_not_kept_says_so_and_what_to_do() {
        assert_eq!(remark(&run()), None);
        let held = KeptRun { not_kept: Some("this device has no room left for it".into()), ..run() };
        let said = remark(&held).expect("it is not kept");
        assert!(said.contains("no room left for it. Export it before you close the page."), "{said}");
    }
}
