// Normalisation and GELU; a thread a vec4 of a pixel's channels.

const COUNT = {{ count }}u; // Values of all images, in vec4s.

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>; // [pixels, channels]
@group(0) @binding(1) var<storage, read_write> statistics: array<vec4f>; // [2, channels]
@group(0) @binding(2) var<storage, read_write> shift: array<vec4f>; // [channels]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [pixels, channels]

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= COUNT) {
        return;
    }
    let channel = id.x % CHANNELS4;
    let scale = inverseSqrt(statistics[CHANNELS4 + channel] + EPSILON);
    let z = (x[id.x] - statistics[channel]) * scale + shift[channel];
    y[id.x] = z * gate(z);
}
