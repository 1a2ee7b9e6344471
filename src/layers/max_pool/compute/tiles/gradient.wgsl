// The gradient goes to the first maximum of each square. One thread per four channels of an input pixel.

const COUNT = {{ count }}u; // All images' input values, in vec4s.
const HEIGHT = {{ height }}u;
const WIDTH = {{ width }}u;
const CHANNELS4 = {{ channels4 }}u;
const SIDE = {{ side }}u;

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>; // [n, h, w, c]
@group(0) @binding(1) var<storage, read_write> grad_y: array<vec4f>; // [n, h / side, w / side, c]
@group(0) @binding(2) var<storage, read_write> grad_x: array<vec4f>; // [n, h, w, c]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let channel = id.x % CHANNELS4;
    let pixel = id.x / CHANNELS4;
    let column = pixel % WIDTH;
    let row = pixel / WIDTH % HEIGHT;
    let image = pixel / WIDTH / HEIGHT;
    if (row / SIDE >= HEIGHT / SIDE || column / SIDE >= WIDTH / SIDE) {
        grad_x[id.x] = vec4f();
        return;
    }
    let corner = (image * HEIGHT + row / SIDE * SIDE) * WIDTH + column / SIDE * SIDE;
    let own = row % SIDE * SIDE + column % SIDE;
    var highest = x[corner * CHANNELS4 + channel];
    var first = vec4u();
    for (var i = 1u; i < SIDE * SIDE; i++) {
        let value = x[(corner + i / SIDE * WIDTH + i % SIDE) * CHANNELS4 + channel];
        first = select(first, vec4u(i), value > highest);
        highest = select(highest, value, value > highest);
    }
    let square = (image * (HEIGHT / SIDE) + row / SIDE) * (WIDTH / SIDE) + column / SIDE;
    grad_x[id.x] = select(vec4f(), grad_y[square * CHANNELS4 + channel], first == vec4u(own));
}
