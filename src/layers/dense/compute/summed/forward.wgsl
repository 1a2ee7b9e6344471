// Partial sums of changes * sums. A thread adds up some rows of pixels for one image and some outputs, in registers.
//
// The length of the inner loop depends on the image, so that sums are not read where nothing changes. All threads of a
// workgroup have the same image and rows, so they do not diverge.

const IMAGES = {{ images }}u;
const ROWS = {{ rows }}u; // Rows of all planes of an image.
const WIDTH = {{ width }}u; // Pixels of a row.
const PART_ROWS = {{ part_rows }}u; // Rows in a partial sum.
const OUTPUTS = {{ outputs }}u;
const ACROSS = {{ across }}u; // A workgroup's threads along the outputs, so that loads are coalesced.

// Where the pixel's sums start, and the change's bits; [images, rows, width].
@group(0) @binding(0) var<storage, read_write> changes: array<vec2u>;
@group(0) @binding(1) var<storage, read_write> counts: array<u32>; // [images, rows]
// f32, not vec4f: a CPU loads adjacent values of threads that run together at once.
@group(0) @binding(2) var<storage, read_write> sums: array<f32>; // [planes, height, width, outputs]
@group(0) @binding(3) var<storage, read_write> parts: array<f32>; // [parts, images, outputs]

@compute @workgroup_size(ACROSS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) id: vec3u) {
    let image = workgroup.y;
    let output = workgroup.x * ACROSS * {{ columns }}u + id.x;
    if (output >= OUTPUTS) {
        return;
    }
    // A thread past the last column sums the last one again and does not store it.
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
