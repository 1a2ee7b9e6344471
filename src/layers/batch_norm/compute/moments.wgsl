// Means and variances from the sums of values and of squares. One thread per channel, or per four channels.

const CHANNELS = {{ channels }}u;
const PIXELS = {{ pixels }}u;

@group(0) @binding(0) var<storage, read_write> sums: array<Values>; // [2, channels]
@group(0) @binding(1) var<storage, read_write> statistics: array<Values>; // [2, channels]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= CHANNELS) {
        return;
    }
    let mean = sums[id.x] / f32(PIXELS);
    statistics[id.x] = mean;
    statistics[CHANNELS + id.x] = max(sums[CHANNELS + id.x] / f32(PIXELS) - mean * mean, Values());
}
