// The gradient goes from 2x2 patches to their pixels. One thread per value of an image.

const COUNT = {{ count }}u; // All images' values.
const HEIGHT = {{ height }}u;
const WIDTH = {{ width }}u;
const CHANNELS = {{ channels }}u;
const FILTERS4 = {{ filters4 }}u;

@group(0) @binding(0) var<storage, read_write> weight: array<vec4f>; // [2, 2, channels, filters]
@group(0) @binding(1) var<storage, read_write> grad_y: array<vec4f>; // [n, h - 1, w - 1, filters]
@group(0) @binding(2) var<storage, read_write> images: array<f32>; // [n, channels, h, w]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let column = id.x % WIDTH;
    let row = id.x / WIDTH % HEIGHT;
    let plane = id.x / WIDTH / HEIGHT;
    var sum = 0.0;
    for (var place = 0u; place < 4u; place++) {
        let down = place / 2u;
        let right = place % 2u;
        // The patch that has the pixel at this place, unless that patch would cross the border.
        if (row >= down && row - down < HEIGHT - 1u && column >= right && column - right < WIDTH - 1u) {
            let corner = (plane / CHANNELS * (HEIGHT - 1u) + row - down) * (WIDTH - 1u) + column - right;
            let channel = place * CHANNELS + plane % CHANNELS;
            for (var four = 0u; four < FILTERS4; four++) {
                sum += dot(grad_y[corner * FILTERS4 + four], weight[channel * FILTERS4 + four]);
            }
        }
    }
    images[id.x] = sum;
}
