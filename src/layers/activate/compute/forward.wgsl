// An activation, with or without a bias for each channel before it. One thread per value, or per four values.

const COUNT = {{ count }}u; // In `Values`.
const CHANNELS = {{ channels }}u;

@group(0) @binding(0) var<storage, read_write> x: array<Values>;
@group(0) @binding(1) var<storage, read_write> y: array<Values>;
#each bias
@group(0) @binding(2) var<storage, read_write> bias: array<Values>; // [channels]
#end

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    var z = x[id.x];
    #each bias
    z += bias[id.x % CHANNELS];
    #end
    #each none
    y[id.x] = z;
    #end
    #each relu
    // NaN stays NaN, so that it is noticed.
    y[id.x] = select(z, Values(), z <= Values());
    #end
    #each leaky_relu
    y[id.x] = select(z, 0.01 * z, z <= Values());
    #end
    #each tanh
    // Beyond 15 it is 1, and some drivers would return NaN.
    y[id.x] = tanh(clamp(z, Values(-15.0), Values(15.0)));
    #end
    #each gelu
    // z / (1 + exp(-2u)) with u = sqrt(2 / pi) * (z + 0.044715 * z^3). Beyond 87 the exponential would be infinite.
    let u2 = 1.5957691 * (z + 0.044715 * z * z * z);
    y[id.x] = z / (1.0 + exp(clamp(-u2, Values(-87.0), Values(87.0))));
    #end
}
