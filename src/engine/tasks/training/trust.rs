//! Checks whether a GPU trains as the CPU does, before its first run. A passed check is remembered for each device,
//! network and build.

use crate::{
    checkpoint::{export_weights, read_weights},
    device,
    domain::{DeviceChoice, DeviceReport, Settings, WeightsOrigin},
    engine::{host::Host, session::Session},
    infer::Classifier,
    protocol::BUILD,
    shelf::{Keeper, Pair},
    train::agreement::{Difference, largest_difference},
};

/// The stem of the files on this device that list what has passed the check.
const TRUSTED: &str = "trusted";

/// The most by which a tensor may differ after two steps, as a share of its length. Rounding reaches a few
/// ten-thousandths.
const TOLERANCE: f64 = 0.01;

impl<H: Host> Session<H> {
    /// Makes sure that the predictor's device trains the network of `settings` as the CPU does. Otherwise the CPU
    /// replaces it, with the same weights.
    ///
    /// # Errors
    /// If the device trains otherwise, and the visitor insisted on it or the CPU cannot replace it: a sentence.
    pub(in crate::engine) async fn trust_training(&mut self, settings: &Settings) -> Result<(), String> {
        let Some(predictor) = self.predictor.as_ref() else { return Ok(()) };
        let DeviceReport::WebGpu { adapter } = predictor.report() else { return Ok(()) };
        let name = name_of(settings, adapter);
        let mut trusted = self.trusted().await;
        if trusted.contains(&name) {
            return Ok(());
        }
        let device = predictor.device().clone();
        // The check uses the network's default settings, so that one check serves all settings.
        let settings = settings.network.settings().with_network(settings.spec());
        let compared = largest_difference(&settings, &device, &device::cpu("").device).await;
        let Some(because) = compared.map_or_else(|error| Some(format!("its check failed ({error})")), distrust) else {
            trusted.push(name);
            self.remember_trusted(&trusted).await;
            return Ok(());
        };
        if self.shipped.choice == DeviceChoice::WebGpu {
            return Err(format!("WebGPU was asked for, but {because}. Choose another device."));
        }
        self.move_to_cpu(&because).await
    }

    /// The names of what has passed the check with this build.
    async fn trusted(&self) -> Vec<String> {
        let read = async {
            let kept = Pair::new(TRUSTED).load(self.host.files()).await.ok()??;
            serde_json::from_slice(&kept.body).ok()
        };
        let mut names: Vec<String> = read.await.unwrap_or_default();
        names.retain(|name| name.starts_with(BUILD));
        names
    }

    async fn remember_trusted(&self, names: &[String]) {
        let names = serde_json::to_vec(names).expect("plain text");
        // If this cannot be kept, the next visit checks again.
        if let Ok(mut keeper) = Keeper::of(Pair::new(TRUSTED), self.host.files()).await {
            let _ = keeper.save(self.host.files(), &[], &[&names]).await;
        }
    }

    /// Lets the CPU compute from now on, with the weights that answer. `because` says what the GPU did wrong.
    async fn move_to_cpu(&mut self, because: &str) -> Result<(), String> {
        let predictor = self.predictor.as_ref().expect("there is one to move");
        let base = predictor.base();
        let (weights, classifier) = (predictor.summary().weights, predictor.classifier().clone());
        let normalisation = classifier.normalisation();
        let bytes = match weights {
            WeightsOrigin::Shipped { .. } => None,
            WeightsOrigin::Trained { .. } | WeightsOrigin::Imported { .. } => {
                let exported = export_weights(classifier.network(), &normalisation).await;
                Some(exported.map_err(|error| format!("The GPU failed ({error}).",))?)
            }
        };
        let mut cpu = self.open(DeviceChoice::Cpu, Some(base)).await.map_err(|error| error.into_reason())?;
        if let Some(bytes) = bytes {
            let moved = read_weights(&bytes, base, cpu.device()).map_err(|error| error.to_string())?;
            cpu.use_network(Classifier::new(moved, normalisation), weights);
        }
        cpu.explain(because);
        self.host.post(cpu.ready());
        self.predictor = Some(cpu);
        Ok(())
    }
}

/// The name under which a passed check of this network on this adapter is remembered.
fn name_of(settings: &Settings, adapter: &str) -> String {
    let network = match &settings.layers {
        Some(layers) => layers.to_string(),
        None => settings.network.id().into(),
    };
    format!("{BUILD} {network} {adapter}")
}

/// Why training cannot be trusted, as a clause, if a tensor differs too much.
fn distrust(largest: Difference) -> Option<String> {
    let Difference { tensor, share } = largest;
    (share > TOLERANCE).then(|| {
        format!("this GPU trains differently from the CPU ({tensor} was off by {:.1}% after two steps)", 100.0 * share)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn off_by(share: f64) -> Difference {
        Difference { tensor: "conv1.weight".into(), share }
    }

    #[test]
    fn rounding_is_trusted_and_wrong_values_are_not() {
        assert_eq!(distrust(off_by(3e-4)), None);
        let because = distrust(off_by(0.25)).expect("a quarter is no rounding");
        assert!(because.contains("conv1.weight was off by 25.0%"), "{because}");
        assert!(distrust(off_by(f64::INFINITY)).is_some());
    }
}
