// Parts of changes * sums: a thread adds up a part's rows of pixels for an image and some outputs, in registers.
//
// How often the inner loop runs depends on the image, so that the sums where nothing changes are not read. All threads
// of a workgroup have the same image and part, and stay together.

const IMAGES = {{ images }}u;
const ROWS = {{ rows }}u; // Of pixels, of all planes of an image.
const WIDTH = {{ width }}u; // Pixels of a row.
const PART_ROWS = {{ part_rows }}u; // Rows of a part.
const OUTPUTS = {{ outputs }}u;
const ACROSS = {{ across }}u; // Threads of a workgroup, side by side in outputs, so that loads are coalesced.

// The first of the pixel's sums, and the change's bits; [images, rows, width].
@group(0) @binding(0) var<storage, read_write> changes: array<vec2u>;
@group(0) @binding(1) var<storage, read_write> counts: array<u32>; // [images, rows]
// Not in vec4s: what lies side by side for threads that run together, a CPU loads at once.
@group(0) @binding(2) var<storage, read_write> sums: array<f32>; // [planes, height, width, outputs]
@group(0) @binding(3) var<storage, read_write> parts: array<f32>; // [parts, images, outputs]

@compute @workgroup_size(ACROSS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) id: vec3u) {
    let image = workgroup.y;
    let output = workgroup.x * ACROSS * {{ columns }}u + id.x;
    if (output >= OUTPUTS) {
        return;
    }
    // Past the last column the last one is added up again and not stored.
    #each column
    let at_$column = min(output + $columnu * ACROSS, OUTPUTS - 1u);
    var sum_$column = 0.0;
    #end
    let end = image * ROWS + min((workgroup.z + 1u) * PART_ROWS, ROWS);
    for (var row = image * ROWS + workgroup.z * PART_ROWS; row < end; row++) {
        let list_end = row * WIDTH + counts[row];
        for (var k = row * WIDTH; k < list_end; k++) {
            let change = changes[k];
            let by = bitcast<f32>(change.y);
            #each column
            sum_$column += by * sums[change.x + at_$column];
            #end
        }
    }
    let part = (workgroup.z * IMAGES + image) * OUTPUTS + output;
    #each column
    if (output + $columnu * ACROSS < OUTPUTS) {
        parts[part + $columnu * ACROSS] = sum_$column;
    }
    #end
}
