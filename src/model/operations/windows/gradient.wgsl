// The gradient of an input pixel. For maxima, it adds up the gradients of the windows whose first maximum the pixel is.
// For means, it adds up the pixel's shares. One thread per channel of a pixel, or per four channels.

const COUNT = {{ count }}u; // All input pixels' values, in `Values`.
const CHANNELS = {{ channels }}u;
const HEIGHT = {{ height }};
const WIDTH = {{ width }};
const ROWS = {{ rows }}; // Windows below each other.
const COLUMNS = {{ columns }}; // Windows beside each other.
const SIDE = {{ side }};
const STRIDE = {{ stride }};
const ABOVE = {{ above }}; // Rows of the first windows that lie above the image.
const LEFT = {{ left }};

@group(0) @binding(0) var<storage, read_write> grad_y: array<Values>; // [n, rows, columns, channels]
@group(0) @binding(1) var<storage, read_write> grad_x: array<Values>; // [n, height, width, channels]
#each maximum
@group(0) @binding(2) var<storage, read_write> places: array<Values>; // [n, rows, columns, channels]
#end

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let pixel = i32(id.x / CHANNELS);
    let image = pixel / (WIDTH * HEIGHT);
    // Counted from the top left corner of the first window.
    let down = pixel / WIDTH % HEIGHT + ABOVE;
    let right = pixel % WIDTH + LEFT;
    var sum = Values();
    // The windows that contain the pixel.
    for (var row = max(down - SIDE + STRIDE, 0) / STRIDE; row < min(down / STRIDE + 1, ROWS); row++) {
        for (var column = max(right - SIDE + STRIDE, 0) / STRIDE; column < min(right / STRIDE + 1, COLUMNS); column++) {
            let at = u32((image * ROWS + row) * COLUMNS + column) * CHANNELS + id.x % CHANNELS;
            #each maximum
            let place = Values(f32((down - row * STRIDE) * SIDE + right - column * STRIDE));
            sum += select(Values(), grad_y[at], places[at] == place);
            #end
            #each mean
            let top = row * STRIDE - ABOVE;
            let left = column * STRIDE - LEFT;
            let height = min(top + SIDE, HEIGHT) - max(top, 0);
            let width = min(left + SIDE, WIDTH) - max(left, 0);
            sum += grad_y[at] / f32(height * width);
            #end
        }
    }
    grad_x[id.x] = sum;
}
