// Replaces each weight by the sum of the weights from it to the end of its line, a row or a column of a plane. One
// thread per line and four outputs.

const LEN = {{ len }}u; // Pixels of a line.
const STEP = {{ step }}u; // From a pixel of a line to the next, in pixels.
const LINES = {{ lines }}u; // Lines of a plane.
const LINE_STEP = {{ line_step }}u; // From a line of a plane to the next, in pixels.
const OUTPUTS4 = {{ outputs4 }}u; // Weights at a pixel, in vec4s.
const COUNT = {{ count }}u; // Threads that have work.

@group(0) @binding(0) var<storage, read_write> sums: array<vec4f>; // [planes, height, width, outputs]
#each apart
@group(0) @binding(1) var<storage, read_write> weight: array<vec4f>; // [planes, height, width, outputs]
#end

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let line = id.x / OUTPUTS4;
    let start = ((line / LINES) * (LEN * LINES) + (line % LINES) * LINE_STEP) * OUTPUTS4 + id.x % OUTPUTS4;
    var sum = vec4f();
    for (var left = LEN; left > 0u; left--) {
        let at = start + (left - 1u) * STEP * OUTPUTS4;
        #each apart
        sum += weight[at];
        #end
        #each in_place
        sum += sums[at];
        #end
        sums[at] = sum;
    }
}
