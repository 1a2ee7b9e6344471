// Partial sums for each channel of the gradient before GELU, and of its product with the normalised values. One thread
// per channel, or per four channels, and some pixels.

const CHANNELS = {{ channels }}u;
const PIXELS = {{ pixels }}u;
const SHARE = {{ share }}u; // Pixels in a partial sum.
const PARTS = {{ parts }}u;

@group(0) @binding(0) var<storage, read_write> x: array<Values>; // [pixels, channels]
@group(0) @binding(1) var<storage, read_write> statistics: array<Values>; // [2, channels]
@group(0) @binding(2) var<storage, read_write> shift: array<Values>; // [channels]
@group(0) @binding(3) var<storage, read_write> grad_y: array<Values>; // [pixels, channels]
@group(0) @binding(4) var<storage, read_write> parts: array<Values>; // [parts, 2, channels]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    let channel = id.x % CHANNELS;
    let part = id.x / CHANNELS;
    if (part >= PARTS) {
        return;
    }
    let scale = inverseSqrt(statistics[CHANNELS + channel] + EPSILON);
    var sum = Values();
    var product = Values();
    for (var pixel = part * SHARE; pixel < min((part + 1u) * SHARE, PIXELS); pixel++) {
        let at = pixel * CHANNELS + channel;
        let normalised = (x[at] - statistics[channel]) * scale;
        let grad_z = grad_y[at] * slope(normalised + shift[channel]);
        sum += grad_z;
        product += grad_z * normalised;
    }
    parts[part * 2u * CHANNELS + channel] = sum;
    parts[(part * 2u + 1u) * CHANNELS + channel] = product;
}
