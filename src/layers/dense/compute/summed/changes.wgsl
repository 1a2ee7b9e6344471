// Where each row of a plane changes along rows and columns, and by how much. One thread per row.

const WIDTH = {{ width }}u; // Pixels of a row.
const HEIGHT = {{ height }}u; // Rows of a plane.
const ROWS = {{ rows }}u; // Rows of all planes of an image.
const COUNT = {{ count }}u; // Rows of all images.
const OUTPUTS = {{ outputs }}u; // Sums at a pixel.

@group(0) @binding(0) var<storage, read_write> x: array<f32>; // [images, planes, height, width]
// Where the pixel's sums start, and the change's bits; [images, rows, width].
@group(0) @binding(1) var<storage, read_write> changes: array<vec2u>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>; // [images, rows]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    let row = id.x;
    if (row >= COUNT) {
        return;
    }
    let first = row * WIDTH;
    let is_top = row % HEIGHT == 0u;
    let above = select(first - WIDTH, first, is_top);
    let sums = (row % ROWS) * WIDTH * OUTPUTS;
    var count = 0u;
    var left = 0.0;
    var above_left = 0.0;
    for (var column = 0u; column < WIDTH; column++) {
        let here = x[first + column];
        let over = select(x[above + column], 0.0, is_top);
        // Exactly 0 where two columns, or two rows, are equal.
        let by = bitcast<u32>((here - left) - (over - above_left));
        // Every difference is written. If it is 0, the next one overwrites it.
        changes[first + count] = vec2u(sums + column * OUTPUTS, by);
        // Compared by its bits without the sign, since a compiler may assume that there is no NaN.
        count += select(0u, 1u, (by << 1u) != 0u);
        left = here;
        above_left = over;
    }
    counts[row] = count;
}
