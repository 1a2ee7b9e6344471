// The gradient with respect to the input, through the statistics where they are the batch's; a thread a vec4 of a pixel's
// channels.

const CHANNELS4 = {{ channels4 }}u;
const COUNT = {{ count }}u; // Values of all images, in vec4s.
const PIXELS = {{ pixels }}u;

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>; // [pixels, channels]
@group(0) @binding(1) var<storage, read_write> statistics: array<vec4f>; // [2, channels]
@group(0) @binding(2) var<storage, read_write> shift: array<vec4f>; // [channels]
@group(0) @binding(3) var<storage, read_write> grad_y: array<vec4f>; // [pixels, channels]
@group(0) @binding(4) var<storage, read_write> sums: array<vec4f>; // [2, channels]
@group(0) @binding(5) var<storage, read_write> grad_x: array<vec4f>; // [pixels, channels]
@group(0) @binding(6) var<storage, read_write> grad_shift: array<vec4f>; // [channels]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let channel = id.x % CHANNELS4;
    let scale = inverseSqrt(statistics[CHANNELS4 + channel] + EPSILON);
    let normalised = (x[id.x] - statistics[channel]) * scale;
    var grad = grad_y[id.x] * gelu_slope(normalised + shift[channel]);
    #each batch
    // It loses its mean, and what of it runs along the normalised values.
    grad -= (sums[channel] + normalised * sums[CHANNELS4 + channel]) / f32(PIXELS);
    #end
    grad_x[id.x] = scale * grad;
    if (id.x < CHANNELS4) {
        grad_shift[id.x] = sums[id.x];
    }
}
