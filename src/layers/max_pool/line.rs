//! A max pool in a short line: `max8`, `max8s1p`.

use crate::{
    layers::{MaxPool, pools::line},
    spec::text::{Rest, Token},
};
use std::fmt;

impl Token for MaxPool {
    const WORD: &'static str = "max";

    fn write(&self, f: &mut fmt::Formatter) -> fmt::Result {
        line::write_window(self.side, self.stride, self.padding, f)
    }

    fn read(rest: &mut Rest) -> Result<Self, String> {
        let (side, stride, padding) = line::read_window(rest)?;
        Ok(Self { side, stride, padding })
    }
}
