//! The network on the CPU agrees with TensorFlow's.

#[path = "common/reference.rs"]
mod reference;

use burn::tensor::Device;

#[test]
fn logits_gradients_and_adam_agree_with_tensorflow_on_the_cpu() {
    pollster::block_on(reference::agrees_with_tensorflow(&Device::flex()));
}
