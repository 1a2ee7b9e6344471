// The gradient with respect to the images, one thread per pixel. Images need none, so only tests call this.

const IMAGES = {{ images }}u;
const CHANNELS = {{ channels }}u;
const FILTERS = {{ filters }}u;
const HEIGHT = {{ height }}u;
const WIDTH = {{ width }}u;

@group(0) @binding(0) var<storage, read_write> weight: array<f32>; // [filters, channels, 4, 4]
@group(0) @binding(1) var<storage, read_write> grad_y: array<f32>; // [images, filters, height, width], before ReLU
@group(0) @binding(2) var<storage, read_write> grad_x: array<f32>; // [images, channels, height, width]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= IMAGES * CHANNELS * HEIGHT * WIDTH) {
        return;
    }
    let column = id.x % WIDTH;
    let row = id.x / WIDTH % HEIGHT;
    let channel = id.x / (WIDTH * HEIGHT) % CHANNELS;
    let image = id.x / (WIDTH * HEIGHT * CHANNELS);
    var sum = 0.0;
    for (var of_filter = 0u; of_filter < FILTERS; of_filter++) {
        for (var k = 0u; k < 16u; k++) {
            // SAME pads one before. As u32, negative places are huge numbers.
            let y_row = row + 1u - k / 4u;
            let y_column = column + 1u - k % 4u;
            if (y_row < HEIGHT && y_column < WIDTH) {
                let at = ((image * FILTERS + of_filter) * HEIGHT + y_row) * WIDTH + y_column;
                sum += weight[(of_filter * CHANNELS + channel) * 16u + k] * grad_y[at];
            }
        }
    }
    grad_x[id.x] = sum;
}
