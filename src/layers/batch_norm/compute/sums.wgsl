// Partial sums for each channel of the values and of their squares. One thread per channel, or per four channels, and
// some pixels.

const CHANNELS = {{ channels }}u;
const PIXELS = {{ pixels }}u;
const SHARE = {{ share }}u; // Pixels in a partial sum.
const PARTS = {{ parts }}u;

@group(0) @binding(0) var<storage, read_write> x: array<Values>; // [pixels, channels]
@group(0) @binding(1) var<storage, read_write> parts: array<Values>; // [parts, 2, channels]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    let channel = id.x % CHANNELS;
    let part = id.x / CHANNELS;
    if (part >= PARTS) {
        return;
    }
    var sum = Values();
    var squares = Values();
    for (var pixel = part * SHARE; pixel < min((part + 1u) * SHARE, PIXELS); pixel++) {
        let value = x[pixel * CHANNELS + channel];
        sum += value;
        squares += value * value;
    }
    parts[part * 2u * CHANNELS + channel] = sum;
    parts[(part * 2u + 1u) * CHANNELS + channel] = squares;
}
