//! The networks: their layers, their initial weights, and the operations that Burn does not bring.

pub(crate) mod cpu;
pub mod cui2017;
mod facts;
pub mod layers;
pub mod loss;
pub mod network;
pub mod tenfold2026;
pub mod tensors;
#[cfg(any(feature = "gpu", test))]
pub(crate) mod wgsl;

pub use burn::tensor::Device;
pub use cui2017::{Cui2017, Cui2017Config};
pub use layers::dropout::Dropout;
pub use network::{Network, Prepared};
pub use tenfold2026::{Tenfold2026, Tenfold2026Config};
#[cfg(feature = "profile")]
pub use wgsl::profile;

use burn::{
    Tensor,
    module::{Module, ModuleVisitor, Param},
    tensor::Gradients,
};

/// A tensor of a network, or its gradient, under its name.
pub struct NamedTensor {
    /// Names of the modules around it and its own, joined by points: `hidden.weight`.
    pub name: String,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Its elements, row by row, on the network's device and outside any graph.
    pub values: Tensor<1>,
    /// Whether training changes it by its gradient: not so the frozen parameters and the kept statistics.
    pub is_trained: bool,
}

/// Whether training changes the parameter of this name by its gradient, wherever the network computes.
fn is_trained(name: &str) -> bool {
    name != "whiten.weight" && !name.ends_with(".statistics")
}

/// Where a walk through a network's modules is.
#[derive(Clone, Debug, Default)]
pub struct Path(Vec<String>);

impl Path {
    /// Enters a module, as [`ModuleVisitor`] and `ModuleMapper` tell it; which network it is, is not part of a name.
    pub fn enter(&mut self, name: &str, container_type: &str) {
        if !container_type.starts_with("Enum:") {
            self.0.push(name.to_owned());
        }
    }

    /// Leaves it.
    pub fn exit(&mut self, container_type: &str) {
        if !container_type.starts_with("Enum:") {
            self.0.pop();
        }
    }

    /// The name of what is here.
    pub fn name(&self) -> String {
        self.0.join(".")
    }
}

/// The parameters of `network` in a fixed order.
pub fn named_parameters<M: Module>(network: &M) -> Vec<NamedTensor> {
    collect(network, None)
}

/// The gradients of those parameters of `network` that have one, in a fixed order.
pub fn named_gradients<M: Module>(network: &M, gradients: &Gradients) -> Vec<NamedTensor> {
    collect(network, Some(gradients))
}

/// The parameters, or their gradients where `gradients` are given.
fn collect<M: Module>(network: &M, gradients: Option<&Gradients>) -> Vec<NamedTensor> {
    struct Collector<'a> {
        gradients: Option<&'a Gradients>,
        path: Path,
        found: Vec<NamedTensor>,
    }

    impl ModuleVisitor for Collector<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let value = match self.gradients {
                None if param.val().is_autodiff() => Some(param.val().inner()),
                None => Some(param.val()),
                Some(gradients) => param.val().grad(gradients),
            };
            let Some(value) = value else { return };
            let shape = value.dims().to_vec();
            let count = shape.iter().product::<usize>();
            let (name, values) = (self.path.name(), tensors::reshape(value, [count]));
            let is_trained = is_trained(&name);
            self.found.push(NamedTensor { name, shape, values, is_trained });
        }

        fn enter_module(&mut self, name: &str, container_type: &str) {
            self.path.enter(name, container_type);
        }

        fn exit_module(&mut self, _name: &str, container_type: &str) {
            self.path.exit(container_type);
        }
    }

    let mut collector = Collector { gradients, path: Path::default(), found: Vec::new() };
    network.visit(&mut collector);
    collector.found
}
