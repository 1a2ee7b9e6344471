// The convolution. A thread keeps the sums of several pixels and four outputs in registers.

const ACROSS = {{ across }}u; // A workgroup's threads along the outputs, so that loads are coalesced.
const DOWN = {{ down }}u; // A workgroup's threads along the pixels.

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>; // [pixels, inputs]
@group(0) @binding(1) var<storage, read_write> weight: array<vec4f>; // [9, inputs, outputs]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [pixels, outputs]
// All images' pixels; height; width; a pixel's channels in vec4s, of inputs and of outputs.
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
    // A thread past the last pixel sums the last pixel again and does not store it.
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
        // Pixels outside the image count as 0; a pixel inside is loaded instead. As u32, negative places are huge
        // numbers. There are no branches, since SwiftShader would take seconds to compile them.
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
