// The gradient through maxima.wgsl: each pixel's goes to the first maximum of its window. One thread per line.
//
// The three steps of maxima are computed again and then followed back. The gradient of a maximum goes to the greater of
// its two values, or to the first of equal ones. The line is spelled out, so that it stays in registers.

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> grad_y: array<f32>;
@group(0) @binding(2) var<storage, read_write> grad_x: array<f32>;

@compute @workgroup_size({{ workgroup }})
fn main(@builtin(global_invocation_id) id: vec3u) {
    let line = id.x;
    if (line >= COUNT) {
        return;
    }
    let start = start_of(line);
    var of_1: array<f32, LEN + 7u>;
    var of_2: array<f32, LEN + 6u>;
    var of_4: array<f32, LEN + 4u>;
    var grad_1: array<f32, LEN + 7u>;
    var grad_2: array<f32, LEN + 6u>;
    var grad_4: array<f32, LEN + 4u>;
    #each outside
    of_1[select($outsideu, LEN + $outsideu, $outsideu >= BEFORE)] = LOWEST;
    #end
    #each pixel
    of_1[BEFORE + $pixelu] = x[start + $pixelu * STEP];
    #end
    #each once
    of_2[$onceu] = max(of_1[$onceu], of_1[$onceu + 1u]);
    #end
    #each twice
    of_4[$twiceu] = max(of_2[$twiceu], of_2[$twiceu + 2u]);
    #end
    #each pixel
    {
        let grad = grad_y[start + $pixelu * STEP];
        let later = of_4[$pixelu + 4u] > of_4[$pixelu];
        grad_4[$pixelu] += select(grad, 0.0, later);
        grad_4[$pixelu + 4u] += select(0.0, grad, later);
    }
    #end
    #each twice
    {
        let later = of_2[$twiceu + 2u] > of_2[$twiceu];
        grad_2[$twiceu] += select(grad_4[$twiceu], 0.0, later);
        grad_2[$twiceu + 2u] += select(0.0, grad_4[$twiceu], later);
    }
    #end
    #each once
    {
        let later = of_1[$onceu + 1u] > of_1[$onceu];
        grad_1[$onceu] += select(grad_2[$onceu], 0.0, later);
        grad_1[$onceu + 1u] += select(0.0, grad_2[$onceu], later);
    }
    #end
    #each pixel
    grad_x[start + $pixelu * STEP] = grad_1[BEFORE + $pixelu];
    #end
}
