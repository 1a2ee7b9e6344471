//! Measures a network on all test images.

use crate::{
    data::Collection,
    engine::{host::Host, session::Session},
    infer::{Answers, ExecutionError, softmax},
    protocol::{Event, Request, RequestKind, TestReport},
};

/// The error if there are training images but no test images.
pub(super) const NO_TEST_IMAGES: &str =
    "There are no test images here, so the accuracy cannot be measured. Add test_batch.bin, or fetch CIFAR-10.";

impl<H: Host> Session<H> {
    /// Measures the answering network on all test images. Returns its accuracy, in `0.0..=1.0`, if that worked.
    pub(in crate::engine) async fn test(&mut self) -> Option<f32> {
        let Some(predictor) = &self.predictor else {
            self.host.refuse(RequestKind::Test, "There is no network to measure yet.");
            return None;
        };
        let (classifier, network) = (predictor.classifier().clone(), predictor.summary().title);
        let images = match self.data_set.load().await {
            Ok(images) => images,
            Err(reason) => {
                self.data_set.refuse(RequestKind::Test, reason);
                return None;
            }
        };
        let total = images.test().len() as u32;
        if total == 0 {
            self.host.refuse(RequestKind::Test, NO_TEST_IMAGES);
            return None;
        }
        self.host.post(Event::Testing { done: 0, total });
        let measured = crate::infer::answer(&classifier, images.test(), 0..total as usize, async |done| {
            self.host.post(Event::Testing { done: done as u32, total });
            self.attend(Some(&classifier), |request| {
                matches!(request, Request::Stop | Request::Reset | Request::Start { .. })
            })
            .await
        });
        let measured = measured.await;
        self.tell_tested(network, &images, measured)
    }

    /// Posts the result of measuring `network`, a title for the page, on all test images. Returns its accuracy, in
    /// `0.0..=1.0`.
    pub(super) fn tell_tested(
        &mut self,
        network: String,
        images: &Collection,
        measured: Result<Option<Answers>, ExecutionError>,
    ) -> Option<f32> {
        match measured {
            Ok(Some(answers)) => {
                let labels = images.test().labels().to_vec();
                let probabilities: Vec<_> = answers.logits.iter().map(softmax).collect();
                let of = |classes: &[u8]| {
                    let pairs = probabilities.iter().zip(classes);
                    pairs.map(|(probabilities, class)| probabilities[usize::from(*class)]).collect()
                };
                let (confidences, truths) = (of(&answers.classes), of(&labels));
                let answered = answers.classes;
                self.host.post(Event::Tested(TestReport { network, labels, answers: answered, confidences, truths }));
                return Some(answers.accuracy as f32);
            }
            Ok(None) => {
                self.host.refuse(RequestKind::Test, "The measurement was stopped before it had seen all test images.");
            }
            Err(error) => {
                self.device_watch.has_failed = true;
                let reason = format!("The device stopped computing ({error}). Measure again.");
                self.host.refuse(RequestKind::Test, reason);
            }
        }
        None
    }
}
