//! A convolution in a short line: `conv18k4`, `conv18k4s2vnrh`.

use crate::{
    layers::Convolution,
    spec::{
        shape::Padding,
        text::{self, Rest, Token},
    },
};
use std::fmt;

impl Token for Convolution {
    const WORD: &'static str = "conv";

    fn write(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}k{}", self.outputs, self.kernel)?;
        if self.stride != 1 {
            write!(f, "s{}", self.stride)?;
        }
        let flags = [(self.padding == Padding::None, "v"), (!self.bias, "n")];
        for (_, letter) in flags.into_iter().filter(|(is_set, _)| *is_set) {
            f.write_str(letter)?;
        }
        text::write_activation(self.activation, f)?;
        text::write_initial(self.initial, f)
    }

    fn read(rest: &mut Rest) -> Result<Self, String> {
        let outputs = rest.number()?.ok_or("its number of outputs is missing, as in conv18k4")?;
        let kernel = rest.number_after('k')?.ok_or("its kernel is missing, as in conv18k4")?;
        let stride = rest.number_after('s')?.unwrap_or(1);
        let padding = if rest.takes('v') { Padding::None } else { Padding::Same };
        let bias = !rest.takes('n');
        let activation = rest.activation().unwrap_or_default();
        Ok(Self { outputs, kernel, stride, padding, bias, activation, initial: rest.initial() })
    }
}
