//! Launches kernels on WebGPU, and has what all kernels share.

use super::unroll;
use burn::{
    backend::{
        Cube, TensorMetadata,
        ops::{FloatTensorOps, IntTensorOps},
        tensor::FloatTensor,
        wgpu::{CubeDim, KernelSource, SourceKernel, SourceTemplate},
    },
    cubecl::{ExecutionMode, prelude::*, server::KernelArguments},
    tensor::{DType, Shape, TensorData},
};
use std::{borrow::Cow, cell::RefCell, mem::ManuallyDrop};

/// The most workgroups that WebGPU allows along one dimension.
const MOST_WORKGROUPS: usize = 65_535;

/// The most bytes that all partial sums of one sum may have: every WebGPU adapter allows a tensor of this size.
const MOST_PARTS_BYTES: usize = 128 << 20;

/// The beginning of `main` in kernels with one row of threads, and its replacement if the row is wrapped into lines.
const ROW_ENTRY: &str = "fn main(@builtin(global_invocation_id) id: vec3u) {";
const WRAPPED_ENTRY: &str = "fn main(@builtin(global_invocation_id) place: vec3u) {
    let id = vec3u(place.y * {{ line }}u + place.x, 0u, 0u);";

/// A kernel's text, the numbers that are written into it, and the repetitions of its blocks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kernel {
    /// Text that stands before `text`.
    opening: &'static str,
    text: &'static str,
    numbers: Vec<(&'static str, usize)>,
    repeats: Vec<(&'static str, usize)>,
    /// Whether its row of threads is wrapped into lines.
    is_wrapped: bool,
}

impl Kernel {
    /// The kernel of this text, whose entry point is `main` and whose buffers are bound from 0 on.
    pub fn new(text: &'static str) -> Self {
        Self { opening: "", text, numbers: Vec::new(), repeats: Vec::new(), is_wrapped: false }
    }

    /// Writes each number in place of its placeholder, `{{ name }}`.
    pub fn numbers<const N: usize>(mut self, numbers: [(&'static str, usize); N]) -> Self {
        self.numbers.extend(numbers);
        self
    }

    /// Repeats the blocks called `name` `count` times.
    pub fn repeat(mut self, name: &'static str, count: usize) -> Self {
        self.repeats.push((name, count));
        self
    }

    /// Keeps the blocks called `name` if `wanted`, and removes them otherwise.
    pub fn only_if(self, name: &'static str, wanted: bool) -> Self {
        self.repeat(name, usize::from(wanted))
    }

    /// Runs the kernel on `tensors`, which are contiguous and in the order of their bindings. A workgroup has `across`
    /// by `down` threads; the text can use both numbers by these names.
    ///
    /// # Panics
    /// If a tensor is neither f32 nor u32, or there are more workgroups than WebGPU allows.
    #[cfg_attr(feature = "profile", track_caller)]
    pub fn launch(self, [across, down]: [usize; 2], workgroups: [usize; 3], tensors: &[&FloatTensor<Cube>]) {
        self.numbers([("across", across), ("down", down)]).launch_grid([across, down], workgroups, tensors);
    }

    /// Runs the kernel on `tensors` with this many threads in a workgroup.
    #[cfg_attr(feature = "profile", track_caller)]
    fn launch_grid(self, threads: [usize; 2], workgroups: [usize; 3], tensors: &[&FloatTensor<Cube>]) {
        let [across, down] = threads.map(|count| count as u32);
        let known = |x: &&FloatTensor<Cube>| matches!(x.dtype, DType::F32 | DType::U32);
        assert!(tensors.iter().all(known), "the kernels are written for f32 and u32");
        assert!(workgroups.iter().all(|&count| count <= MOST_WORKGROUPS), "too many workgroups: {workgroups:?}");
        let [x, y, z] = workgroups.map(|count| count as u32);
        let buffers = tensors.iter().map(|x| x.handle.clone().binding()).collect();
        let client = tensors[0].client.clone();
        #[cfg(feature = "profile")]
        let (name, profiled) = (self.name(std::panic::Location::caller()), client.clone());
        let run = move || {
            client.launch(
                Box::new(SourceKernel::new(self, CubeDim::new_2d(across, down))),
                CubeCount::Static(x, y, z),
                KernelArguments::new().with_buffers(buffers),
            );
        };
        #[cfg(feature = "profile")]
        if super::profile::is_on() {
            let ((), time) = profiled.profile(run, "kernel").expect("the adapter has timestamp queries");
            let time = async { time.resolve().await.map(|ticks| 1e3 * ticks.duration().as_secs_f64()) };
            return super::profile::note(name, time);
        }
        run();
    }

    /// The kernel's folder, and the first words of the comment that opens its text; of the last one if the text has
    /// several files.
    #[cfg(feature = "profile")]
    fn name(&self, caller: &std::panic::Location) -> String {
        let room = caller.file().trim_start_matches("src/").trim_end_matches("/webgpu.rs");
        let paragraphs = self.text.split("\n\n").map(str::trim_start);
        let opening = paragraphs.filter(|paragraph| paragraph.lines().all(|line| line.starts_with("//"))).last();
        let what = opening.unwrap_or_default().trim_start_matches("// ").split([';', ':', '.', '\n']).next();
        format!("{room}: {}", what.unwrap_or_default())
    }

    /// As [`launch`](Self::launch), with a row of at least `count` threads, `workgroup` of them in each workgroup. The
    /// text can use the number `workgroup` by this name. If the row has more workgroups than WebGPU allows, it is
    /// wrapped into lines. The kernel's text need not know of this.
    #[cfg_attr(feature = "profile", track_caller)]
    pub fn launch_row(mut self, workgroup: usize, count: usize, tensors: &[&FloatTensor<Cube>]) {
        let [across, lines] = wrapped(count.div_ceil(workgroup));
        if lines > 1 {
            self.is_wrapped = true;
            self = self.numbers([("line", across * workgroup)]);
        }
        self.numbers([("workgroup", workgroup)]).launch_grid([workgroup, 1], [across, lines, 1], tensors);
    }

    /// The kernel of this text, whose threads take one channel each, or four if `channels` is a multiple of four (see
    /// [`lanes`]). The text calls this type `Values`.
    pub fn in_lanes(text: &'static str, channels: usize) -> Self {
        let fours = lanes(channels) == 4;
        Self { opening: include_str!("lanes.wgsl"), ..Self::new(text) }.only_if("fours", fours).only_if("ones", !fours)
    }

    /// Runs the kernel of this text, which treats each of `len` values alike. The text calls what a thread takes, one
    /// value or four, `Values`, and the number of threads `COUNT`.
    #[cfg_attr(feature = "profile", track_caller)]
    pub fn element_wise(text: &'static str, len: usize, tensors: &[&FloatTensor<Cube>]) {
        /// Threads in a workgroup.
        const WORKGROUP: usize = 256;
        let fours = len.is_multiple_of(4);
        let count = if fours { len / 4 } else { len };
        Self { opening: include_str!("element_wise.wgsl"), ..Self::new(text) }
            .numbers([("count", count)])
            .only_if("fours", fours)
            .only_if("ones", !fours)
            .launch_row(WORKGROUP, count, tensors);
    }
}

/// A row of workgroups as lines of equal length that WebGPU allows: the length of a line, and the number of lines. The
/// last line can have idle workgroups.
fn wrapped(workgroups: usize) -> [usize; 2] {
    let lines = workgroups.div_ceil(MOST_WORKGROUPS).max(1);
    [workgroups.div_ceil(lines), lines]
}

impl Kernel {
    /// The text. If the row is wrapped, `main` computes its place in the row first.
    fn entered(&self) -> Cow<'static, str> {
        if !self.is_wrapped {
            return self.text.into();
        }
        assert!(self.text.contains(ROW_ENTRY), "a row's kernel takes its place as `id`");
        self.text.replacen(ROW_ENTRY, WRAPPED_ENTRY, 1).into()
    }
}

impl KernelSource for Kernel {
    fn source(&self) -> SourceTemplate {
        let text = unroll(self.opening, &self.repeats) + &unroll(&self.entered(), &self.repeats);
        let template = SourceTemplate::new(text);
        self.numbers.iter().fold(template, |template, (name, number)| template.register(*name, number.to_string()))
    }

    fn id(&self) -> KernelId {
        // Natively, checked mode would make naga count each loop's rounds to end it in time. The kernels' own bounds
        // end their loops.
        KernelId::new::<Self>().info(self.clone()).mode(ExecutionMode::Unchecked)
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// `x`, whose elements must lie row by row. Those of all tensors here do.
///
/// Burn's own `into_contiguous` would reorder others. Its kernels would be a tenth of the worker's bytes.
///
/// # Panics
/// If the elements lie otherwise.
pub fn contiguous(x: FloatTensor<Cube>) -> FloatTensor<Cube> {
    assert!(x.is_contiguous(), "the kernels take tensors whose elements lie row by row, unlike {x:?}");
    x
}

/// `x`, or a copy if somebody else holds `x` too: a tensor that may be overwritten.
pub fn owned(x: FloatTensor<Cube>) -> FloatTensor<Cube> {
    const WORKGROUP: usize = 256;
    let x = contiguous(x);
    if x.can_mut() {
        return x;
    }
    let copy = Cube::float_empty(x.shape(), &x.device(), x.dtype().into());
    let count = x.shape().num_elements();
    let kernel = Kernel::new(include_str!("copy.wgsl")).numbers([("count", count)]);
    // Four values per thread, so that a row of 65,535 workgroups is enough for 67 million values.
    kernel.launch_row(WORKGROUP, count.div_ceil(4), &[&x, &copy]);
    copy
}

/// A tensor of `shape` with undefined values, on the device of `like`.
pub fn empty<const D: usize>(shape: [usize; D], like: &FloatTensor<Cube>) -> FloatTensor<Cube> {
    Cube::float_empty(Shape::from(shape), &like.device(), like.dtype().into())
}

/// Words that were uploaded, each with its device and tensor. The latest used stand last.
type Kept = Vec<(burn::cubecl::Device, Vec<u32>, FloatTensor<Cube>)>;

/// The most words that are kept: more than the shapes and learning rates of a step. No more, since each keeps a page of
/// the device's memory occupied.
const MOST_KEPT: usize = 32;

thread_local! {
    /// Never dropped, since a thread can end after the device has.
    static KEPT: RefCell<ManuallyDrop<Kept>> = const { RefCell::new(ManuallyDrop::new(Vec::new())) };
}

/// `words` in a tensor of u32 on the device of `like`. It must not be written to.
///
/// Recently used words are not uploaded again, since for each upload Burn submits the kernels before it.
pub fn words<const N: usize>(words: [u32; N], like: &FloatTensor<Cube>) -> FloatTensor<Cube> {
    KEPT.with_borrow_mut(|kept| {
        let device = like.device();
        let found = kept.iter().position(|(on, known, _)| known[..] == words && *on == device);
        let entry = found.map_or_else(
            || {
                let tensor = Cube::int_from_data(TensorData::new(words.to_vec(), [N]), &device);
                (device.clone(), words.to_vec(), tensor)
            },
            |at| kept.remove(at),
        );
        if kept.len() == MOST_KEPT {
            kept.remove(0);
        }
        let tensor = entry.2.clone();
        kept.push(entry);
        tensor
    })
}

/// `sizes` as [`words`], for a kernel that serves all sizes. A driver takes long to compile each kernel.
pub fn sizes<const N: usize>(sizes: [usize; N], like: &FloatTensor<Cube>) -> FloatTensor<Cube> {
    words(sizes.map(|size| size as u32), like)
}

/// `values` as [`words`], for a kernel that reads them as f32, although the tensor's type is u32. For numbers that
/// change at each step, which therefore cannot be part of the text.
pub fn values<const N: usize>(values: [f32; N], like: &FloatTensor<Cube>) -> FloatTensor<Cube> {
    words(values.map(f32::to_bits), like)
}

/// Whether the adapter of `x` runs its threads four at a time, as adapters do that compute on a CPU.
///
/// On these, loads are slow and spilled registers are cheap, so tiles can be larger than on a GPU.
pub fn has_narrow_planes(x: &FloatTensor<Cube>) -> bool {
    x.client.properties().hardware.plane_size_max <= 4
}

/// The gradient before ReLU, given ReLU's output `y` and the gradient with respect to it. Both are contiguous and of
/// one shape; their number of elements is a multiple of 4.
pub fn relu_gradient(y: &FloatTensor<Cube>, grad_y: &FloatTensor<Cube>) -> FloatTensor<Cube> {
    const WORKGROUP: usize = 256;
    let grad_x = Cube::float_empty(y.shape(), &y.device(), y.dtype().into());
    let count = y.shape().num_elements() / 4;
    Kernel::new(include_str!("relu_gradient.wgsl")).numbers([("count", count)]).launch_row(
        WORKGROUP,
        count,
        &[y, grad_y, &grad_x],
    );
    grad_x
}

/// Values that a thread takes at once from a row of `count` values.
pub fn lanes(count: usize) -> usize {
    if count.is_multiple_of(4) { 4 } else { 1 }
}

/// How a sum over many terms is divided into partial sums, one for each thread. [`add_parts`] adds them up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Terms in a partial sum; the last one may have fewer.
    pub share: usize,
    /// Number of partial sums.
    pub count: usize,
}

impl Parts {
    /// Divides `terms` among partial sums of `len` values each. Each has at least `least` terms, and there are at most
    /// `most` of them. All together they fit in a tensor that every adapter allows.
    pub fn of(terms: usize, least: usize, most: usize, len: usize) -> Self {
        let most = most.min(MOST_PARTS_BYTES / size_of::<f32>() / len).max(1);
        let share = least.max(terms.div_ceil(most));
        Self { share, count: terms.div_ceil(share) }
    }
}

/// The sum of `parts` over their first dimension, in `shape`.
pub fn add_parts<const D: usize>(parts: &FloatTensor<Cube>, shape: [usize; D]) -> FloatTensor<Cube> {
    const WORKGROUP: usize = 64;
    let total = empty(shape, parts);
    let len = total.shape().num_elements();
    let count = len / lanes(len);
    let part_count = parts.shape().num_elements() / len;
    Kernel::in_lanes(include_str!("add_parts.wgsl"), len)
        .numbers([("count", count), ("parts", part_count)])
        .launch_row(WORKGROUP, count, &[parts, &total]);
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_wrapped_into_lines_that_webgpu_takes_and_loses_no_workgroup() {
        assert_eq!(wrapped(0), [0, 1]);
        assert_eq!(wrapped(65_535), [65_535, 1]);
        assert_eq!(wrapped(65_536), [32_768, 2]);
        for workgroups in [131_070, 131_071, 1_000_003, 10_000_000] {
            let [across, lines] = wrapped(workgroups);
            assert!(across <= MOST_WORKGROUPS && lines <= MOST_WORKGROUPS && across * lines >= workgroups);
            assert!(across * lines - workgroups < lines, "no line is idle");
        }
    }

    #[test]
    fn parts_hold_all_terms_and_fit_in_one_tensor_of_every_adapter() {
        assert_eq!(Parts::of(1_000, 64, 256, 10), Parts { share: 64, count: 16 });
        assert_eq!(Parts::of(100_000, 64, 256, 10), Parts { share: 391, count: 256 });
        for (terms, len) in [(1024, 11 * 11 * 500 * 512), (65_536, 1024 * 4096), (1, 1 << 25), (1024, 1 << 25)] {
            let Parts { share, count } = Parts::of(terms, 4, 16, len);
            assert!(share * count >= terms && share * (count - 1) < terms, "{terms} terms: {count} parts of {share}");
            assert!(4 * count * len <= MOST_PARTS_BYTES, "{count} parts of {len} values");
        }
    }

    #[test]
    fn a_wrapped_kernel_finds_its_place_by_line_and_column() {
        let kernel = Kernel::new(include_str!("copy.wgsl"));
        assert_eq!(kernel.entered(), kernel.text);
        let wrapped = Kernel { is_wrapped: true, ..kernel };
        assert!(wrapped.entered().contains("place.y * {{ line }}u + place.x"));
    }
}
