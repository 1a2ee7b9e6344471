// The gradient of the mean loss with respect to the logits. One thread per image.

@group(0) @binding(2) var<storage, read_write> grad: array<f32>; // With respect to the mean loss, one number.
@group(0) @binding(3) var<storage, read_write> grad_logits: array<f32>; // [images, classes]

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= IMAGES) {
        return;
    }
    let first = id.x * CLASSES;
    let sum = log_sum(first);
    let scale = grad[0] / f32(IMAGES);
    var all = 0.0; // 1, if the targets are probabilities.
    for (var i = 0u; i < CLASSES; i++) {
        all += targets[first + i];
    }
    for (var i = 0u; i < CLASSES; i++) {
        grad_logits[first + i] = scale * (all * exp(logits[first + i] - sum.x - sum.y) - targets[first + i]);
    }
}
