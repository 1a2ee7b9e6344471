//! Compares how two devices train: the tensors after some steps.

use super::{Run, batches::Batch};
use crate::{
    data::IMAGE_LEN,
    domain::{CLASS_COUNT, Settings},
    model::{NamedTensor, named_parameters, tensors::read},
};
use burn::{backend::ExecutionError, tensor::Device};

/// Images per step: few, so that the comparison takes little time on a CPU.
const BATCH_LEN: usize = 8;

/// Steps. The second one uses what the first one changed.
const STEPS: u64 = 2;

/// The difference of a tensor from its reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The tensor's name.
    pub tensor: String,
    /// The length of the difference as a share of the reference's length (both Euclidean). Infinite if a value is NaN.
    pub share: f64,
}

/// The tensor that differs most between `device` and `reference` after two steps, from the same weights and on the same
/// images. The steps use `settings`, except for the batch size and the learning rates. Compared are the parameters, the
/// running statistics, the optimiser's state, and the sums of losses and of correct answers.
///
/// # Errors
/// If a device fails.
pub async fn largest_difference(
    settings: &Settings,
    device: &Device,
    reference: &Device,
) -> Result<Difference, ExecutionError> {
    let got = tensors_after_steps(settings, device).await?;
    let want = tensors_after_steps(settings, reference).await?;
    let differences = want.iter().zip(&got).map(|((name, want), (_, got))| difference(name, got, want));
    Ok(differences.max_by(|a, b| a.share.total_cmp(&b.share)).expect("a network has tensors"))
}

fn difference(name: &str, got: &[f32], want: &[f32]) -> Difference {
    let length = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
    let apart = length(&mut got.iter().zip(want).map(|(got, want)| f64::from(got - want)));
    let whole = length(&mut want.iter().map(|&want| f64::from(want)));
    let share = if apart == 0.0 { 0.0 } else { apart / whole };
    Difference { tensor: name.to_owned(), share: if share.is_nan() { f64::INFINITY } else { share } }
}

/// The names and values of all tensors after the steps on `device`.
async fn tensors_after_steps(settings: &Settings, device: &Device) -> Result<Vec<(String, Vec<f32>)>, ExecutionError> {
    let own = settings.clone();
    // There is no warm-up, so that the first step changes the weights. The change is small, so that rounding does not
    // grow in the second step.
    let settings = Settings { warm_up_epochs: 0.0, learning_rates: own.learning_rates.scaled(0.1), ..own };
    let mut run = Run::new(settings, device);
    for step in 0..STEPS {
        run.advance(batch(step), 2 * STEPS);
    }
    let mut tensors = named_parameters(run.network());
    tensors.extend(run.optimiser.state());
    if let Some(values) = run.since_report.loss_and_correct {
        tensors.push(NamedTensor {
            name: "loss and correct answers".into(),
            shape: vec![2],
            values,
            is_trained: false,
        });
    }
    // GPU sync, once per check.
    let data = read(tensors.iter().map(|tensor| tensor.values.clone())).await?;
    let values = data.into_iter().map(|data| data.try_into_vec().expect("the tensors here are f32"));
    Ok(tensors.into_iter().map(|tensor| tensor.name).zip(values).collect())
}

/// Images of waves that differ in each step, so that every layer has something to do.
fn batch(step: u64) -> Batch {
    let images = (0..BATCH_LEN * IMAGE_LEN).map(|at| (at as f32 * 0.37 + step as f32).sin()).collect();
    let mut targets = vec![0.0; BATCH_LEN * CLASS_COUNT];
    for (image, target) in targets.chunks_exact_mut(CLASS_COUNT).enumerate() {
        target[(image + step as usize) % CLASS_COUNT] = 1.0;
    }
    Batch { images, targets, len: BATCH_LEN }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::NetworkName;

    #[test]
    fn a_device_trains_as_it_does_itself() {
        for network in NetworkName::ALL {
            let cpu = Device::flex();
            let largest =
                pollster::block_on(largest_difference(&network.settings(), &cpu, &cpu)).expect("the CPU does not fail");
            assert_eq!(largest.share, 0.0, "{network:?}: {}", largest.tensor);
        }
    }

    #[test]
    fn a_wrong_value_is_seen_in_proportion_and_one_that_is_no_number_above_all() {
        let want = [3.0, 4.0];
        assert_eq!(difference("a", &[3.0, 4.0], &want).share, 0.0);
        assert!((difference("a", &[3.0, 4.5], &want).share - 0.1).abs() < 1e-9);
        assert_eq!(difference("a", &[3.0, f32::NAN], &want).share, f64::INFINITY);
        assert_eq!(difference("a", &[1.0], &[0.0]).share, f64::INFINITY);
    }
}
