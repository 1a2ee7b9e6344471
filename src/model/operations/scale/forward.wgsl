// Values times the scale of their channel. One thread per value, or per four values.

const COUNT = {{ count }}u; // In `Values`.
const CHANNELS = {{ channels }}u;

@group(0) @binding(0) var<storage, read_write> x: array<Values>; // [rows, channels]
@group(0) @binding(1) var<storage, read_write> scale: array<Values>; // [channels]
@group(0) @binding(2) var<storage, read_write> y: array<Values>; // [rows, channels]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    y[id.x] = x[id.x] * scale[id.x % CHANNELS];
}
