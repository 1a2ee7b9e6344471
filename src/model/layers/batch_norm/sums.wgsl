// Parts of two sums for each channel: of the values and of their squares; a thread some pixels of a vec4 of channels.

const CHANNELS4 = {{ channels4 }}u;
const PIXELS = {{ pixels }}u;
const SHARE = {{ share }}u; // Pixels of a part.
const PARTS = {{ parts }}u;

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>; // [pixels, channels]
@group(0) @binding(1) var<storage, read_write> parts: array<vec4f>; // [parts, 2, channels]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    let channel = id.x % CHANNELS4;
    let part = id.x / CHANNELS4;
    if (part >= PARTS) {
        return;
    }
    var sum = vec4f();
    var squares = vec4f();
    for (var pixel = part * SHARE; pixel < min((part + 1u) * SHARE, PIXELS); pixel++) {
        let value = x[pixel * CHANNELS4 + channel];
        sum += value;
        squares += value * value;
    }
    parts[part * 2u * CHANNELS4 + channel] = sum;
    parts[(part * 2u + 1u) * CHANNELS4 + channel] = squares;
}
