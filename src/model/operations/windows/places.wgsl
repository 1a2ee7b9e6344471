// The place of each window's first maximum among its pixels, counted row by row. One thread per channel of a window, or
// per four channels.

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
@group(0) @binding(1) var<storage, read_write> places: array<Values>; // [n, rows, columns, channels]

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
    var highest = x[u32((image * HEIGHT + first_row) * WIDTH + first_column) * CHANNELS + id.x % CHANNELS];
    var first = Values(f32((first_row - top) * SIDE + first_column - left));
    for (var row = first_row; row < end_row; row++) {
        for (var column = first_column; column < end_column; column++) {
            let seen = x[u32((image * HEIGHT + row) * WIDTH + column) * CHANNELS + id.x % CHANNELS];
            first = select(first, Values(f32((row - top) * SIDE + column - left)), seen > highest);
            highest = select(highest, seen, seen > highest);
        }
    }
    places[id.x] = first;
}
