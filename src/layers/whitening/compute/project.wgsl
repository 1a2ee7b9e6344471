// 2x2 patches whitened. One thread per four filters of a patch.

const COUNT = {{ count }}u; // All patches' values, in vec4s.
const HEIGHT = {{ height }}u;
const WIDTH = {{ width }}u;
const CHANNELS = {{ channels }}u;
const FILTERS4 = {{ filters4 }}u;

@group(0) @binding(0) var<storage, read_write> images: array<f32>; // [n, channels, h, w]
@group(0) @binding(1) var<storage, read_write> weight: array<vec4f>; // [2, 2, channels, filters]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [n, h - 1, w - 1, filters]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let number = id.x / FILTERS4;
    let column = number % (WIDTH - 1u);
    let row = number / (WIDTH - 1u) % (HEIGHT - 1u);
    let image = number / (WIDTH - 1u) / (HEIGHT - 1u);
    var sum = vec4f();
    for (var place = 0u; place < 4u; place++) {
        for (var channel = 0u; channel < CHANNELS; channel++) {
            let pixel = ((image * CHANNELS + channel) * HEIGHT + row + place / 2u) * WIDTH + column + place % 2u;
            sum += images[pixel] * weight[(place * CHANNELS + channel) * FILTERS4 + id.x % FILTERS4];
        }
    }
    y[id.x] = sum;
}
