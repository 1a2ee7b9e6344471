// What the loss's kernels share: a batch's logits and targets, and the log-sum-exp of one image's logits.

const IMAGES = {{ images }}u;
const CLASSES = {{ classes }}u;
const WORKGROUP = {{ workgroup }}u;

@group(0) @binding(0) var<storage, read_write> logits: array<f32>; // [images, classes]
@group(0) @binding(1) var<storage, read_write> targets: array<f32>; // [images, classes]

// The log-sum-exp of the logits from `first` on, in two parts, so that large logits do not overflow. The parts are the
// highest logit, and the logarithm of the sum of exp(logit - highest).
fn log_sum(first: u32) -> vec2f {
    var highest = logits[first];
    for (var i = 1u; i < CLASSES; i++) {
        highest = max(highest, logits[first + i]);
    }
    var sum = 0.0;
    for (var i = 0u; i < CLASSES; i++) {
        sum += exp(logits[first + i] - highest);
    }
    return vec2f(highest, log(sum));
}

