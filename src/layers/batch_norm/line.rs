//! Batch normalisation in a short line: `norm`, `normsg`.

use crate::{
    layers::BatchNorm,
    spec::text::{self, Rest, Token},
};
use std::fmt;

impl Token for BatchNorm {
    const WORD: &'static str = "norm";

    fn write(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(if self.scale { "s" } else { "" })?;
        text::write_activation(self.activation, f)
    }

    fn read(rest: &mut Rest) -> Result<Self, String> {
        let scale = rest.takes('s');
        Ok(Self { activation: rest.activation().unwrap_or_default(), scale })
    }
}
