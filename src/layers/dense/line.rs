//! A dense layer in a short line: `dense384`, `dense384rh`.

use crate::{
    layers::Dense,
    spec::text::{self, Rest, Token},
};
use std::fmt;

impl Token for Dense {
    const WORD: &'static str = "dense";

    fn write(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.outputs)?;
        text::write_activation(self.activation, f)?;
        text::write_initial(self.initial, f)
    }

    fn read(rest: &mut Rest) -> Result<Self, String> {
        let outputs = rest.number()?.ok_or("its number of outputs is missing, as in dense10")?;
        let activation = rest.activation().unwrap_or_default();
        Ok(Self { outputs, activation, initial: rest.initial() })
    }
}
