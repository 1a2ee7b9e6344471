//! Runs, curves and results as tables of comma-separated values (RFC 4180), for spreadsheets and scripts.

use crate::domain::settings::table::SETTINGS;
use crate::{
    domain::{CLASSES, History, KeptRun},
    protocol::TestReport,
};

use super::state::{tested, title};

/// A line of a table, with quoted fields where necessary.
fn line(fields: impl IntoIterator<Item = String>) -> String {
    let quoted = |field: String| {
        if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
    };
    let fields: Vec<String> = fields.into_iter().map(quoted).collect();
    fields.join(",") + "\r\n"
}

fn figure(value: Option<f32>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// The runs, one in each line, with all their settings.
pub fn runs(runs: &[&KeptRun]) -> String {
    let first = ["run", "name", "network", "step", "steps", "steps-per-epoch", "validation-accuracy", "test-accuracy"];
    let rest =
        ["kept-at-ms", "size-bytes"].into_iter().chain(SETTINGS.iter().map(|setting| setting.name)).chain(["changes"]);
    let head = line(first.into_iter().chain(rest).map(str::to_owned));
    let row = |run: &&KeptRun| {
        let facts = &run.facts;
        let known = [
            format!("{:016x}", run.id.0),
            title(run),
            facts.settings.network.id().to_owned(),
            facts.step.to_string(),
            facts.steps.to_string(),
            facts.steps_per_epoch.to_string(),
            figure(run.accuracy),
            figure(tested(run)),
            run.kept_at_ms.to_string(),
            run.size_bytes.to_string(),
        ];
        let settings = SETTINGS.iter().map(|setting| setting.text(&facts.settings));
        line(known.into_iter().chain(settings).chain([facts.settings.changes.clone()]))
    };
    head + &runs.iter().map(row).collect::<String>()
}

/// The curves of several runs, each with its name: one point in each line. Validations have lines of their own.
pub fn curves(runs: &[(String, &History)]) -> String {
    let head = ["run", "step", "loss", "accuracy", "validation-loss", "validation-accuracy"].map(str::to_owned);
    let mut table = line(head);
    for (name, history) in runs {
        for point in &history.points {
            let figures = [point.step.to_string(), point.loss.to_string(), point.accuracy.to_string()];
            table += &line([name.clone()].into_iter().chain(figures).chain([String::new(), String::new()]));
        }
        for point in &history.validations {
            let [step, loss, accuracy] = [point.step.to_string(), point.loss.to_string(), point.accuracy.to_string()];
            table += &line([name.clone(), step, String::new(), String::new(), loss, accuracy]);
        }
    }
    table
}

/// The confusion matrix: a line for each class, with the number of its images for each answer.
pub fn results(report: &TestReport) -> String {
    let answers = CLASSES.iter().map(|class| format!("answered-{class}"));
    let mut table = line(["class".to_owned(), "accuracy".into()].into_iter().chain(answers));
    for (class, row) in report.confusion().iter().enumerate() {
        let total: u32 = row.iter().sum();
        let accuracy = f64::from(row[class]) / f64::from(total.max(1));
        table += &line(
            [CLASSES[class].to_owned(), accuracy.to_string()].into_iter().chain(row.map(|count| count.to_string())),
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CurvePoint, RunFacts, RunId, RunUse, Settings, StartingWeights, Validation};

    #[test]
    fn a_run_is_a_line_with_all_its_settings_and_a_name_with_a_comma_is_quoted() {
        let facts = RunFacts {
            settings: Settings::default(),
            start: StartingWeights::Scratch,
            step: 7,
            steps_per_epoch: 10,
            steps: 20,
        };
        let run = KeptRun {
            id: RunId(255),
            name: Some("wide, \"deep\"".into()),
            facts,
            accuracy: Some(0.5),
            tested: Some((6, 0.4)),
            kept_at_ms: 9,
            size_bytes: 1,
            usage: RunUse::Free,
            trained_secs: 0.0,
            passed_over: None,
            not_kept: None,
        };
        let table = runs(&[&run]);
        let lines: Vec<&str> = table.split("\r\n").collect();
        assert_eq!(lines.len(), 3, "the last line ends, too");
        assert!(lines[1].starts_with("00000000000000ff,\"wide, \"\"deep\"\"\",cui2017,7,20,10,0.5,,9,1,"), "{table}");
        assert_eq!(lines[0].split(',').count(), 11 + SETTINGS.len());
    }

    #[test]
    fn curves_and_results_have_a_line_for_each_point_and_class() {
        let points = vec![CurvePoint { step: 10, loss: 2.0, accuracy: 0.25 }];
        let validations = vec![Validation { step: 20, loss: 1.5, accuracy: 0.5, images: 5_000 }];
        let history = History { points, validations, ..History::default() };
        let table = curves(&[("mine".into(), &history)]);
        assert!(table.ends_with("\r\nmine,10,2,0.25,,\r\nmine,20,,,1.5,0.5\r\n"), "{table}");
        let report =
            TestReport { network: "Cui 2017".into(), labels: vec![0, 0], answers: vec![0, 8], ..TestReport::default() };
        let table = results(&report);
        assert_eq!(table.lines().count(), 11);
        assert!(table.contains("\r\nairplane,0.5,1,0,0,0,0,0,0,0,1,0\r\n"), "{table}");
    }
}
