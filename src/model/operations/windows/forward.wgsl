// The maximum or the mean of each window. One thread per channel of a window, or per four channels.

const COUNT = {{ count }}u; // All windows' values, in `Values`.
const CHANNELS = {{ channels }}u;
const HEIGHT = {{ height }};
const WIDTH = {{ width }};
const ROWS = {{ rows }}u; // Windows below each other.
const COLUMNS = {{ columns }}u; // Windows beside each other.
const SIDE = {{ side }};
const STRIDE = {{ stride }};
const ABOVE = {{ above }}; // Rows of the first windows that lie above the image.
const LEFT = {{ left }};

@group(0) @binding(0) var<storage, read_write> x: array<Values>; // [n, height, width, channels]
@group(0) @binding(1) var<storage, read_write> y: array<Values>; // [n, rows, columns, channels]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let window = id.x / CHANNELS;
    let image = i32(window / COLUMNS / ROWS);
    let top = i32(window / COLUMNS % ROWS) * STRIDE - ABOVE;
    let left = i32(window % COLUMNS) * STRIDE - LEFT;
    let first_row = max(top, 0);
    let first_column = max(left, 0);
    let end_row = min(top + SIDE, HEIGHT);
    let end_column = min(left + SIDE, WIDTH);
    var value = x[u32((image * HEIGHT + first_row) * WIDTH + first_column) * CHANNELS + id.x % CHANNELS];
    #each mean
    value = Values();
    #end
    for (var row = first_row; row < end_row; row++) {
        for (var column = first_column; column < end_column; column++) {
            let seen = x[u32((image * HEIGHT + row) * WIDTH + column) * CHANNELS + id.x % CHANNELS];
            #each maximum
            value = select(value, seen, seen > value);
            #end
            #each mean
            value += seen;
            #end
        }
    }
    #each mean
    value /= f32((end_row - first_row) * (end_column - first_column));
    #end
    y[id.x] = value;
}
