// The maximum of each square; a thread a vec4 of a square's channels.

const COUNT = {{ count }}u; // Values of all squares, in vec4s.
const HEIGHT = {{ height }}u;
const WIDTH = {{ width }}u;
const CHANNELS4 = {{ channels4 }}u;
const SIDE = {{ side }}u;

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>; // [n, h, w, c]
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>; // [n, h / side, w / side, c]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let square = id.x / CHANNELS4;
    let column = square % (WIDTH / SIDE);
    let row = square / (WIDTH / SIDE) % (HEIGHT / SIDE);
    let image = square / (WIDTH / SIDE) / (HEIGHT / SIDE);
    let corner = (image * HEIGHT + row * SIDE) * WIDTH + column * SIDE;
    var highest = x[corner * CHANNELS4 + id.x % CHANNELS4];
    for (var i = 1u; i < SIDE * SIDE; i++) {
        let value = x[(corner + i / SIDE * WIDTH + i % SIDE) * CHANNELS4 + id.x % CHANNELS4];
        highest = select(highest, value, value > highest);
    }
    y[id.x] = highest;
}
