// Cross-entropies and correct answers, added up. Each thread adds up its images, then the first thread adds up the
// threads.

@group(0) @binding(2) var<storage, read_write> before: array<f32>; // Sum of the losses, number of correct answers.
@group(0) @binding(3) var<storage, read_write> mean: array<f32>;
@group(0) @binding(4) var<storage, read_write> tally: array<f32>; // `before`, with this batch added.

var<workgroup> parts: array<vec2f, WORKGROUP>;

// The image's loss, and 1 if its answer is correct.
fn answered(image: u32) -> vec2f {
    let first = image * CLASSES;
    let sum = log_sum(first);
    var loss = 0.0;
    var answer = 0u;
    var label = 0u;
    for (var i = 0u; i < CLASSES; i++) {
        loss += targets[first + i] * (sum.y - (logits[first + i] - sum.x));
        answer = select(answer, i, logits[first + i] > logits[first + answer]);
        label = select(label, i, targets[first + i] > targets[first + label]);
    }
    return vec2f(loss, select(0.0, 1.0, answer == label));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_id) id: vec3u) {
    var part = vec2f();
    for (var image = id.x; image < IMAGES; image += WORKGROUP) {
        part += answered(image);
    }
    parts[id.x] = part;
    workgroupBarrier();
    if (id.x > 0u) {
        return;
    }
    var sum = vec2f();
    for (var thread = 0u; thread < WORKGROUP; thread++) {
        sum += parts[thread];
    }
    mean[0] = sum.x / f32(IMAGES);
    tally[0] = before[0] + sum.x;
    tally[1] = before[1] + sum.y;
}
