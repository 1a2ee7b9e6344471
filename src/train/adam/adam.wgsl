// One update by Adam, in place. One thread per value, or per four values if the tensor's length is a multiple of four.

@group(0) @binding(0) var<storage, read_write> parameter: array<Values>;
@group(0) @binding(1) var<storage, read_write> first: array<Values>;
@group(0) @binding(2) var<storage, read_write> second: array<Values>;
@group(0) @binding(3) var<storage, read_write> gradient: array<Values>;
// 1 - beta_1, 1 - beta_2, the step size, epsilon, and the factor for each value before the update.
@group(0) @binding(4) var<storage, read_write> update: array<f32>;

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let g = gradient[id.x];
    var m = first[id.x];
    var v = second[id.x];
    m += update[0] * (g - m);
    v += update[1] * (g * g - v);
    first[id.x] = m;
    second[id.x] = v;
    parameter[id.x] = update[4] * parameter[id.x] - update[2] * m / (sqrt(v) + update[3]);
}
