// What the convolution's kernels share: how images lie in memory, and which pixels lie under the filter.

const IMAGES = {{ images }}u;
const CHANNELS = {{ channels }}u;
const FILTERS = {{ filters }}u;
const HEIGHT = {{ height }}u;
const WIDTH4 = {{ width4 }}u; // Pixels of a row, in vec4s.
const ROWS = {{ rows }}u; // Rows per thread.
const BANDS = (HEIGHT + ROWS - 1u) / ROWS; // Bands of rows in an image, one per thread.
const KERNEL_ROWS = CHANNELS * 4u; // Rows of a filter's kernel, over all channels.
const WORKGROUP = {{ workgroup }}u;

@group(0) @binding(0) var<storage, read_write> images: array<vec4f>; // [images, channels, height, width]

// Column i of the result: the pixels under column i of the filter, for each of four output pixels; 0 outside the image.
// `start` is where the channel starts. Rows outside are those from HEIGHT on, and row -1, which as u32 is a huge
// number.
fn seen_by_columns(start: u32, row: u32, column: u32) -> mat4x4f {
    if (row >= HEIGHT) {
        return mat4x4f();
    }
    let at = start + row * WIDTH4 + column;
    let here = images[at];
    var before = 0.0;
    var after = vec2f();
    if (column > 0u) {
        before = images[at - 1u].w;
    }
    if (column + 1u < WIDTH4) {
        after = images[at + 1u].xy;
    }
    return mat4x4f(vec4f(before, here.xyz), here, vec4f(here.yzw, after.x), vec4f(here.zw, after));
}

