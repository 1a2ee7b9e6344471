//! Networks for other programs: as code for Keras and PyTorch, and as an ONNX file.
//!
//! All of it follows from the layers of a [`Spec`](crate::spec::Spec). The code reads the weights from the file that Tenfold
//! exports, and turns them where the framework has another order; the ONNX file has them in it.

pub mod keras;
#[cfg(feature = "engine")]
pub mod onnx;
mod part;
mod program;
pub mod pytorch;
