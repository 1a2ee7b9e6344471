// One update with Nesterov momentum, in place. One thread per value, or per four values if the tensor's length is a
// multiple of four.

@group(0) @binding(0) var<storage, read_write> parameter: array<Values>;
@group(0) @binding(1) var<storage, read_write> velocity: array<Values>;
@group(0) @binding(2) var<storage, read_write> gradient: array<Values>;
// The share of the velocity that is kept, the learning rate, and the factor for each value before the update.
@group(0) @binding(3) var<storage, read_write> update: array<f32>;

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let g = gradient[id.x];
    let v = update[0] * velocity[id.x] + g;
    velocity[id.x] = v;
    parameter[id.x] = update[2] * parameter[id.x] - update[1] * (g + update[0] * v);
}
