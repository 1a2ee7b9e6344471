//! Networks for other programs: as code for Keras and PyTorch, and as an ONNX file.
//!
//! All of it follows from the layers of a [`Spec`](crate::spec::Spec). The code reads the weights from the file that
//! Tenfold exports, and reorders them if the framework has another order. The ONNX file contains the weights.

pub mod keras;
pub mod onnx;
pub mod part;
mod program;
pub mod pytorch;
pub mod turned;
