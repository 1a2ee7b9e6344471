//! Dropout in Keras, PyTorch and ONNX.

use crate::{
    layers::Dropout,
    takeaway::{
        keras::InKeras,
        onnx::{Graph, InOnnx},
        part::Part,
        pytorch::InPyTorch,
    },
};

/// The variable for the rate in the run's settings.
const SETTINGS_RATE: &str = "DROPOUT";

impl Dropout {
    fn rate_in_code(self) -> String {
        self.rate().map_or_else(|| SETTINGS_RATE.into(), |rate| rate.to_string())
    }
}

impl InKeras for Dropout {
    fn layers(&self, _: &Part) -> Vec<String> {
        vec![format!("Dropout({})", self.rate_in_code())]
    }
}

impl InPyTorch for Dropout {
    fn forward(&self, _: &Part) -> Option<String> {
        Some(format!("F.dropout(x, {}, self.training)", self.rate_in_code()))
    }
}

impl InOnnx for Dropout {
    // Dropout changes nothing when a network answers.
    fn add_to(&self, _: &Part, _: &mut Graph) {}
}
