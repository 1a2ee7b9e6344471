// Parts of two sums for each channel: of the gradient before GELU, and of its product with the normalised values; a thread
// some pixels of a vec4 of channels.

const CHANNELS4 = {{ channels4 }}u;
const PIXELS = {{ pixels }}u;
const SHARE = {{ share }}u; // Pixels of a part.
const PARTS = {{ parts }}u;

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>; // [pixels, channels]
@group(0) @binding(1) var<storage, read_write> statistics: array<vec4f>; // [2, channels]
@group(0) @binding(2) var<storage, read_write> shift: array<vec4f>; // [channels]
@group(0) @binding(3) var<storage, read_write> grad_y: array<vec4f>; // [pixels, channels]
@group(0) @binding(4) var<storage, read_write> parts: array<vec4f>; // [parts, 2, channels]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    let channel = id.x % CHANNELS4;
    let part = id.x / CHANNELS4;
    if (part >= PARTS) {
        return;
    }
    let scale = inverseSqrt(statistics[CHANNELS4 + channel] + EPSILON);
    var sum = vec4f();
    var product = vec4f();
    for (var pixel = part * SHARE; pixel < min((part + 1u) * SHARE, PIXELS); pixel++) {
        let at = pixel * CHANNELS4 + channel;
        let normalised = (x[at] - statistics[channel]) * scale;
        let grad_z = grad_y[at] * gelu_slope(normalised + shift[channel]);
        sum += grad_z;
        product += grad_z * normalised;
    }
    parts[part * 2u * CHANNELS4 + channel] = sum;
    parts[(part * 2u + 1u) * CHANNELS4 + channel] = product;
}
