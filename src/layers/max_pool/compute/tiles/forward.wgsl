// The maximum of each square. One thread per four channels of a square.

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>; // [n, h, w, c]
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>; // [n, h / side, w / side, c]
// The number of threads; height; width; channels in vec4s; the side of a square.
@group(0) @binding(2) var<storage, read_write> sizes: array<u32>;

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= sizes[0]) {
        return;
    }
    let height = sizes[1];
    let width = sizes[2];
    let channels4 = sizes[3];
    let side = sizes[4];
    let square = id.x / channels4;
    let column = square % (width / side);
    let row = square / (width / side) % (height / side);
    let image = square / (width / side) / (height / side);
    let corner = (image * height + row * side) * width + column * side;
    var highest = x[corner * channels4 + id.x % channels4];
    for (var i = 1u; i < side * side; i++) {
        let value = x[(corner + i / side * width + i % side) * channels4 + id.x % channels4];
        highest = select(highest, value, value > highest);
    }
    y[id.x] = highest;
}
