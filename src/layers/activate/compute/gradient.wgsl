// The gradient through an activation, with or without a bias for each channel before it. One thread per value, or per
// four.

const COUNT = {{ count }}u; // In `Values`.
const CHANNELS = {{ channels }}u;

@group(0) @binding(0) var<storage, read_write> x: array<Values>;
@group(0) @binding(1) var<storage, read_write> grad_y: array<Values>;
@group(0) @binding(2) var<storage, read_write> grad_x: array<Values>;
#each bias
@group(0) @binding(3) var<storage, read_write> bias: array<Values>; // [channels]
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
    let grad = grad_y[id.x];
    #each none
    // The sum is read so that the compiler keeps its bindings: it removes bindings that nothing reads.
    grad_x[id.x] = select(grad, grad, z <= Values());
    #end
    #each relu
    grad_x[id.x] = select(grad, Values(), z <= Values());
    #end
    #each leaky_relu
    grad_x[id.x] = select(grad, 0.01 * grad, z <= Values());
    #end
    #each tanh
    let t = tanh(clamp(z, Values(-15.0), Values(15.0)));
    grad_x[id.x] = grad * (1.0 - t * t);
    #end
    #each gelu
    let u2 = 1.5957691 * (z + 0.044715 * z * z * z);
    let gate = 1.0 / (1.0 + exp(clamp(-u2, Values(-87.0), Values(87.0))));
    grad_x[id.x] = grad * (gate + z * gate * (1.0 - gate) * 1.5957691 * (1.0 + 3.0 * 0.044715 * z * z));
    #end
}
