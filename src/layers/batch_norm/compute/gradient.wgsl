// The gradient with respect to the input. It also goes through the statistics if they are the batch's. One thread per
// channel of a pixel, or per four channels.

const CHANNELS = {{ channels }}u;
const COUNT = {{ count }}u; // All images' values, in `Values`.
const PIXELS = {{ pixels }}u;

@group(0) @binding(0) var<storage, read_write> x: array<Values>; // [pixels, channels]
@group(0) @binding(1) var<storage, read_write> statistics: array<Values>; // [2, channels]
@group(0) @binding(2) var<storage, read_write> shift: array<Values>; // [channels]
@group(0) @binding(3) var<storage, read_write> grad_y: array<Values>; // [pixels, channels]
@group(0) @binding(4) var<storage, read_write> sums: array<Values>; // [2, channels]
@group(0) @binding(5) var<storage, read_write> grad_x: array<Values>; // [pixels, channels]
@group(0) @binding(6) var<storage, read_write> grad_shift: array<Values>; // [channels]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let channel = id.x % CHANNELS;
    let scale = inverseSqrt(statistics[CHANNELS + channel] + EPSILON);
    let normalised = (x[id.x] - statistics[channel]) * scale;
    var grad = grad_y[id.x] * slope(normalised + shift[channel]);
    #each batch
    // Through the statistics the gradient loses its mean and its component along the normalised values.
    grad -= (sums[channel] + normalised * sums[CHANNELS + channel]) / f32(PIXELS);
    #end
    grad_x[id.x] = scale * grad;
    if (id.x < CHANNELS) {
        grad_shift[id.x] = sums[id.x];
    }
}
