// Normalisation and GELU; a thread a vec4 of a pixel's channels.

@group(0) @binding(0) var<storage, read_write> x: array<vec4f>; // [pixels, channels]
@group(0) @binding(1) var<storage, read_write> statistics: array<vec4f>; // [2, channels]
@group(0) @binding(2) var<storage, read_write> shift: array<vec4f>; // [channels]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [pixels, channels]
// Values of all images, and channels, in vec4s.
@group(0) @binding(4) var<storage, read_write> sizes: array<u32>;

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= sizes[0]) {
        return;
    }
    let channel = id.x % sizes[1];
    let scale = inverseSqrt(statistics[sizes[1] + channel] + EPSILON);
    let z = (x[id.x] - statistics[channel]) * scale + shift[channel];
    y[id.x] = z * gate(z);
}
