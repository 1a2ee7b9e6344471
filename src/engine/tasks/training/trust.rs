//! Whether a GPU trains as the CPU does: asked before its first run, once a device and build, and remembered.

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

/// How the files on this device are called with the names of what was found to agree.
const TRUSTED: &str = "trusted";

/// Most by which a tensor may be off after two steps, as a share of its length: rounding grows to some ten-thousandths.
const TOLERANCE: f64 = 0.01;

impl<H: Host> Session<H> {
    /// Makes sure that the device of the predictor trains the network of `settings` as the CPU does; otherwise the CPU takes its
    /// place, with the same weights.
    ///
    /// # Errors
    /// If it does not, and the visitor insisted on it, or the CPU cannot take its place: a sentence.
    pub(in crate::engine) async fn trust_training(&mut self, settings: &Settings) -> Result<(), String> {
        let Some(predictor) = self.predictor.as_ref() else { return Ok(()) };
        let DeviceReport::WebGpu { adapter } = predictor.report() else { return Ok(()) };
        let name = name_of(settings, adapter);
        let mut trusted = self.trusted().await;
        if trusted.contains(&name) {
            return Ok(());
        }
        let device = predictor.device().clone();
        // The network's own settings, so that others need no check of their own.
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

    /// What agreed with the CPU, with this build.
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
        // Where nothing can be kept, the next visit checks again.
        if let Ok(mut keeper) = Keeper::of(Pair::new(TRUSTED), self.host.files()).await {
            let _ = keeper.save(self.host.files(), &[], &[&names]).await;
        }
    }

    /// Lets the CPU compute from now on, `because` of the GPU, with the weights that answer.
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

/// What is remembered of the network of `settings` on this adapter.
fn name_of(settings: &Settings, adapter: &str) -> String {
    let network = match &settings.layers {
        Some(layers) => layers.to_string(),
        None => settings.network.id().into(),
    };
    format!("{BUILD} {network} {adapter}")
}

/// Why training cannot be trusted, as a clause, if a tensor is too far off.
fn distrust(largest: Difference) -> Option<String> {
    let Difference { tensor, share } = largest;
    (share > TOLERANCE).then(|| {
        format!("this GPU trains otherwise than the CPU ({tensor} was off by {:.1}% after two steps)", 100.0 * share)
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
