// The convolution: a thread keeps the sums of a row of pixels by four-output columns in registers.

const ACROSS = {{ across }}u; // Threads of a workgroup side by side in outputs, so that loads are coalesced.
const DOWN = {{ down }}u; // Threads of a workgroup one below the other in pixels.

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>; // [pixels, inputs]
@group(0) @binding(1) var<storage, read_write> weight: array<vec4f>; // [9, inputs, outputs]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [pixels, outputs]
// Pixels of all images, height, width, and the channels of a pixel, in vec4s, of inputs and outputs.
@group(0) @binding(3) var<storage, read_write> sizes: array<u32>;

@compute @workgroup_size(ACROSS, DOWN)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
    let pixels = sizes[0];
    let height = i32(sizes[1]);
    let width = i32(sizes[2]);
    let inputs4 = sizes[3];
    let outputs4 = sizes[4];
    let pixel = (group.y * DOWN + id.y) * {{ rows }}u;
    let column = group.x * ACROSS + id.x;
    if (pixel >= pixels || column >= outputs4) {
        return;
    }
    // Past the last pixel the last one is summed again and not stored.
    #each row
    let pixel_$row = i32(min(pixel + $rowu, pixels - 1u));
    let row_$row = pixel_$row / width % height;
    let column_$row = pixel_$row % width;
    var sum_$row = vec4f();
    #end
    for (var place = 0; place < 9; place++) {
        let down = place / 3 - 1;
        let right = place % 3 - 1;
        #each row
        // What lies outside the image, above it or left of it as a huge number, counts nothing; something inside is loaded
        // in its place. Without branches: SwiftShader would take seconds to compile them.
        let inside_$row = (u32(row_$row + down) < u32(height)) & (u32(column_$row + right) < u32(width));
        let counts_$row = select(0.0, 1.0, inside_$row);
        let from_$row = u32(select(pixel_$row, pixel_$row + down * width + right, inside_$row)) * inputs4;
        #end
        for (var k = 0u; k < inputs4; k++) {
            let w = (u32(place) * inputs4 + k) * 4u * outputs4 + column;
            let weights = mat4x4f(weight[w], weight[w + outputs4], weight[w + 2u * outputs4], weight[w + 3u * outputs4]);
            #each row
            sum_$row += weights * (counts_$row * x[from_$row + k]);
            #end
        }
    }
    #each row
    if (pixel + $rowu < pixels) {
        y[(pixel + $rowu) * outputs4 + column] = sum_$row;
    }
    #end
}
