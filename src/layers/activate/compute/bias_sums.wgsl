// Partial sums of each channel over all rows. One thread per channel, or per four channels, and some rows.

const CHANNELS = {{ channels }}u; // In `Values`.
const ROWS = {{ rows }}u;
const SHARE = {{ share }}u; // Rows of a partial sum.
const PARTS = {{ parts }}u;

@group(0) @binding(0) var<storage, read_write> x: array<Values>; // [rows, channels]
@group(0) @binding(1) var<storage, read_write> parts: array<Values>; // [parts, channels]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    let part = id.x / CHANNELS;
    if (part >= PARTS) {
        return;
    }
    var sum = Values();
    for (var row = part * SHARE; row < min((part + 1u) * SHARE, ROWS); row++) {
        sum += x[row * CHANNELS + id.x % CHANNELS];
    }
    parts[id.x] = sum;
}
