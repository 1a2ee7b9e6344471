// How the lines of one axis, rows or columns, lie in memory. Stands before each of the pool's kernels.

const LEN = {{ len }}u; // Pixels of a line.
const STEP = {{ step }}u; // From a pixel of a line to the next.
const LINES = {{ lines }}u; // Lines of a plane.
const LINE_STEP = {{ line_step }}u; // From a line of a plane to the next.
const COUNT = {{ count }}u; // Lines of all planes.
const BEFORE = {{ before }}u; // Pixels of a window before its own.
const LOWEST = -0x1.fffffep+127f; // Value outside the plane. f32's lowest, since WGSL has no infinity.

// Where in a tensor the line of this number starts.
fn start_of(line: u32) -> u32 {
    return (line / LINES) * (LEN * LINES) + (line % LINES) * LINE_STEP;
}

