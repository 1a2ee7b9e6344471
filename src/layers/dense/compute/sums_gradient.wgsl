// The gradient of the sums, through ReLU if there is one, and its sum over the images, which is the bias's gradient.
// One thread per output.

const IMAGES = {{ images }}u;
const OUTPUTS = {{ outputs }}u;

@group(0) @binding(0) var<storage, read_write> grad_y: array<f32>; // [images, outputs]
@group(0) @binding(1) var<storage, read_write> grad_bias: array<f32>; // [outputs]
#each relu
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [images, outputs]
@group(0) @binding(3) var<storage, read_write> grad_sums: array<f32>; // [images, outputs]
#end

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= OUTPUTS) {
        return;
    }
    var sum = 0.0;
    for (var at = id.x; at < IMAGES * OUTPUTS; at += OUTPUTS) {
        var grad = grad_y[at];
        #each relu
        if (y[at] <= 0.0) {
            grad = 0.0;
        }
        grad_sums[at] = grad;
        #end
        sum += grad;
    }
    grad_bias[id.x] = sum;
}
