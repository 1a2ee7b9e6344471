//! The page's questions about the inside of the network that answers.

use super::{host::Host, session::Session};
use crate::{
    data::Seen,
    infer::{Classifier, ExecutionError},
    inspect,
    protocol::{
        CLASS_COUNT, Event,
        inspect::{Found, Inspected, Question, View},
    },
};

impl<H: Host> Session<H> {
    /// Answers `question` of the network that answers, which is `live` during a run.
    ///
    /// Nothing is kept: the page asks again when something has changed.
    pub(super) async fn inspect(&mut self, question: Question, live: Option<&Classifier>) {
        let Question { ticket, pixels, view } = question;
        let start_ms = self.host.now_ms();
        let found = match (live.or(self.engine.as_ref().map(|engine| engine.classifier())), Seen::try_from(pixels)) {
            (Some(classifier), Ok(picture)) => find(classifier, &picture, view).await,
            (None, _) => Ok(Found::Nothing("There is no network yet.".into())),
            (_, Err(_)) => Ok(Found::Nothing("This is no picture of 32x32 pixels.".into())),
        };
        let found = found.unwrap_or_else(|error| {
            // Whatever goes on next notices the device that failed.
            self.has_failed = true;
            Found::Nothing(format!("The device stopped computing ({error})."))
        });
        let milliseconds = (self.host.now_ms() - start_ms) as f32;
        self.host.post(Event::Inspected(Inspected { ticket, view, milliseconds, found }));
    }
}

/// What `classifier` has of `view` for `picture`.
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
        View::Gradient { class } | View::ClassActivation { class } if usize::from(class) >= CLASS_COUNT => {
            absent("class")
        }
        View::Gradient { class } => Found::Heat(inspect::gradient(classifier, picture, class.into()).await?),
        View::ClassActivation { class } => {
            Found::Heat(inspect::class_activation(classifier, picture, class.into()).await?)
        }
    })
}
