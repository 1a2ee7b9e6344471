//! Networks as ONNX files, which many programs run and Netron shows: <https://onnx.ai/onnx/repo-docs/IR.html>.
//!
//! The network in the file takes pixels from 0 to 1, `[n, 3, 32, 32]`, normalises them itself, and gives logits, `[n,
//! 10]`.

mod protobuf;

use super::{
    part::{Part, parts},
    turned::turned,
};
use crate::{
    layers::with_layer,
    spec::{
        Activation, IMAGE_SIDE, Spec, SpecError,
        shape::{LEAKY_SLOPE, Padding},
    },
};
use protobuf::Message;

/// The first version of ONNX's operators that has GELU.
const OPERATORS: u64 = 20;

/// The version of the format that belongs to these operators.
const FORMAT: u64 = 9;

/// The code of `f32` among ONNX's types.
const FLOAT: u64 = 1;

/// The name of the graph's input.
const INPUT: &str = "pixels";

/// The name of the graph's output.
const OUTPUT: &str = "logits";

/// The content of an ONNX file of the network of `spec`, for images normalised with the mean and the standard deviation of
/// each colour in `normalisation`. `values` returns a parameter's elements by its name, in Tenfold's order.
///
/// # Errors
/// If `spec` describes no possible network.
pub fn file(
    spec: &Spec,
    normalisation: [&[f32; 3]; 2],
    mut values: impl FnMut(&str) -> Vec<f32>,
) -> Result<Vec<u8>, SpecError> {
    let places = spec.places()?;
    let mut graph =
        Graph { message: Message::default(), last: INPUT.into(), entered: Vec::new(), nodes: 0, values: &mut values };
    graph.normalise(normalisation);
    for part in parts(&places) {
        graph.layer(&part);
    }
    let message = graph.end().text(2, spec.network.id());
    let message = message
        .message(11, tensor_info(INPUT, &[3, IMAGE_SIDE, IMAGE_SIDE]))
        .message(12, tensor_info(OUTPUT, &[crate::spec::CLASS_COUNT]));
    let operators = Message::default().text(1, "").int(2, OPERATORS);
    let layers = Message::default().text(1, "layers").text(2, &spec.to_string());
    let model = Message::default().int(1, FORMAT).text(2, "Tenfold").message(8, operators).message(14, layers);
    Ok(model.message(7, message).into_bytes())
}

/// A kind of layer in ONNX.
pub trait InOnnx {
    /// Adds its operations and values to the graph, without its activation.
    fn add_to(&self, part: &Part, graph: &mut Graph);
}

/// A graph of operations that follow each other.
pub struct Graph<'a> {
    message: Message,
    /// The name of the last operation's output.
    last: String,
    /// The name of each layer's input.
    entered: Vec<String>,
    nodes: usize,
    values: &'a mut dyn FnMut(&str) -> Vec<f32>,
}

/// An attribute of an operation.
pub enum Attribute {
    /// A whole number.
    Int(usize),
    /// Whole numbers.
    Ints(Vec<usize>),
    /// A number.
    Float(f32),
    /// A text.
    Text(&'static str),
}

impl Graph<'_> {
    /// Adds the operation `kind` on the last one's output and the tensors of these names.
    pub fn node(&mut self, kind: &str, tensors: &[&str], attributes: &[(&str, Attribute)]) {
        self.nodes += 1;
        let output = format!("{}_{}", kind.to_ascii_lowercase(), self.nodes);
        let mut node = Message::default().text(1, &self.last);
        for name in tensors {
            node = node.text(1, name);
        }
        node = node.text(2, &output).text(3, &output).text(4, kind);
        for (name, value) in attributes {
            let attribute = Message::default().text(1, name);
            node = node.message(
                5,
                match value {
                    Attribute::Int(value) => attribute.int(3, *value as u64).int(20, 2),
                    Attribute::Ints(values) => values.iter().fold(attribute, |a, &v| a.int(8, v as u64)).int(20, 7),
                    Attribute::Float(value) => attribute.float(2, *value).int(20, 1),
                    Attribute::Text(value) => attribute.text(4, value).int(20, 3),
                },
            );
        }
        self.last = output;
        self.add(1, node);
    }

    /// Adds a tensor with values to the file.
    pub fn tensor(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let tensor = shape.iter().fold(Message::default(), |tensor, &len| tensor.int(1, len as u64));
        self.add(5, tensor.int(2, FLOAT).text(8, name).bytes(9, &bytes));
    }

    fn add(&mut self, field: u32, message: Message) {
        self.message = std::mem::take(&mut self.message).message(field, message);
    }

    /// The graph. An identity gives the last operation's output its name.
    fn end(mut self) -> Message {
        let node = Message::default().text(1, &self.last).text(2, OUTPUT).text(3, OUTPUT).text(4, "Identity");
        self.add(1, node);
        self.message
    }

    fn normalise(&mut self, [mean, std]: [&[f32; 3]; 2]) {
        let shape = [1, 3, 1, 1];
        self.tensor("normalisation.mean", &shape, mean);
        self.tensor("normalisation.std", &shape, std);
        self.node("Sub", &["normalisation.mean"], &[]);
        self.node("Div", &["normalisation.std"], &[]);
    }

    fn layer(&mut self, part: &Part) {
        self.entered.push(self.last.clone());
        if let Some(earlier) = part.reaches {
            let earlier = self.entered[earlier].clone();
            self.node("Add", &[&earlier], &[]);
        }
        let kind = &part.place.layer.kind;
        with_layer!(kind, layer => layer.add_to(part, self));
        match kind.layer().activation() {
            Activation::None => {}
            Activation::Relu => self.node("Relu", &[], &[]),
            Activation::LeakyRelu => self.node("LeakyRelu", &[], &[("alpha", Attribute::Float(LEAKY_SLOPE))]),
            Activation::Tanh => self.node("Tanh", &[], &[]),
            Activation::Gelu => self.node("Gelu", &[], &[("approximate", Attribute::Text("tanh"))]),
        }
    }

    /// The elements of a parameter in Tenfold's order, by its name.
    pub fn values(&mut self, name: &str) -> Vec<f32> {
        (self.values)(name)
    }

    /// Adds a parameter in Tenfold's order.
    pub fn own(&mut self, name: &str, shape: &[usize]) {
        let values = self.values(name);
        self.tensor(name, shape, &values);
    }

    /// Adds the weights of a convolution, `[output, input, row, column]`.
    pub fn filters(&mut self, part: &Part, outputs: usize, side: usize) {
        let name = part.parameter("weight");
        let (inputs, values) = (part.channels(), self.values(&name));
        let values = if part.has_filters_first() {
            values
        } else {
            // [row, column, input, output] -> [output, input, row, column]
            turned(&values, [side, side, inputs, outputs], [3, 2, 0, 1])
        };
        self.tensor(&name, &[outputs, inputs, side, side], &values);
    }
}

/// The attributes of an operation on windows.
pub fn window(part: &Part, side: usize, stride: usize, padding: Padding) -> [(&'static str, Attribute); 3] {
    let [before, behind] = part.margins(padding, side, stride);
    [
        ("kernel_shape", Attribute::Ints(vec![side; 2])),
        ("strides", Attribute::Ints(vec![stride; 2])),
        ("pads", Attribute::Ints(vec![before, before, behind, behind])),
    ]
}

/// The description of a tensor that the graph takes or gives, by name, for any number of images.
fn tensor_info(name: &str, sizes: &[usize]) -> Message {
    let any = Message::default().message(1, Message::default().text(2, "n"));
    let shape = sizes.iter().fold(any, |shape, &len| shape.message(1, Message::default().int(1, len as u64)));
    let tensor = Message::default().int(1, FLOAT).message(2, shape);
    Message::default().text(1, name).message(2, Message::default().message(1, tensor))
}
