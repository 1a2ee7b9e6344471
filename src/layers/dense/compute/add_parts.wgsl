// Adds up the partial sums of the outputs, with the bias and perhaps ReLU. One thread per four outputs.

const OUTPUTS4 = {{ outputs4 }}u; // Outputs of an image, in vec4s.
const COUNT = {{ count }}u; // Outputs of all images, in vec4s.
const CHUNKS = {{ chunks }}u;

@group(0) @binding(0) var<storage, read_write> parts: array<vec4f>; // [chunks, images, outputs]
@group(0) @binding(1) var<storage, read_write> bias: array<vec4f>; // [outputs]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [images, outputs]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    var sum = bias[id.x % OUTPUTS4];
    for (var chunk = 0u; chunk < CHUNKS; chunk++) {
        sum += parts[chunk * COUNT + id.x];
    }
    #each relu
    // NaN stays NaN, so that it is noticed.
    sum = select(sum, vec4f(), sum <= vec4f());
    #end
    y[id.x] = sum;
}
