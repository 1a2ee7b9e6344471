// Two dimensions exchanged. One thread per value of the output.

const COUNT = {{ count }}u;
const A = {{ a }}u;
const B = {{ b }}u;

@group(0) @binding(0) var<storage, read_write> x: array<f32>; // [n, a, b]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [n, b, a]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let image = id.x / (A * B);
    y[id.x] = x[(image * A + id.x % A) * B + id.x / A % B];
}
