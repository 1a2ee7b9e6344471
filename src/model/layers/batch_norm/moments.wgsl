// Means and variances from the sums of values and of squares; a thread a vec4 of channels.

const CHANNELS4 = {{ channels4 }}u;
const PIXELS = {{ pixels }}u;

@group(0) @binding(0) var<storage, read_write> sums: array<vec4f>; // [2, channels]
@group(0) @binding(1) var<storage, read_write> statistics: array<vec4f>; // [2, channels]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= CHANNELS4) {
        return;
    }
    let mean = sums[id.x] / f32(PIXELS);
    statistics[id.x] = mean;
    statistics[CHANNELS4 + id.x] = max(sums[CHANNELS4 + id.x] / f32(PIXELS) - mean * mean, vec4f());
}
