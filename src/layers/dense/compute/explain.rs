//! A dense layer's value: all input values, each times a weight.

use super::Dense;
use crate::{
    domain::arithmetic::{Share, Step, Weighted, Window},
    model::explain::{Explain, Explained, Scene, all_of},
    spec::shape::Shape,
};

/// Products that are listed one by one, the largest first. The others are given as one sum.
const TOLD: usize = 12;

impl Explain for Dense {
    fn explain(&self, scene: &Scene) -> Explained {
        let output = scene.at.channel;
        let weights = scene.parameters[0].chunks_exact(self.outputs).map(|row| row[output]);
        // The sizes of a plane before the maps were flattened, if their planes lay one after the other.
        let [height, width] = match scene.input {
            Shape::Values { plane: Some(plane), .. } => plane,
            _ => [1, 1],
        };
        let share = |(at, (&input, weight)): (usize, (&f32, f32))| Share {
            channel: (at / (height * width)) as u32,
            row: (at / width % height) as u32,
            column: (at % width) as u32,
            input,
            weight,
        };
        let mut shares: Vec<Share> = scene.x.iter().zip(weights).enumerate().map(share).collect();
        shares.sort_by(|a, b| b.value().abs().total_cmp(&a.value().abs()));
        let others = shares.split_off(TOLD.min(shares.len()));
        let weighted = Weighted {
            inputs: scene.x.len() as u32,
            shares,
            others: others.iter().map(|share| f64::from(share.value())).sum::<f64>() as f32,
            bias: scene.parameters[1][output],
            activation: self.activation.words().map(str::to_owned),
            output: scene.value,
        };
        Explained { step: Some(Step::Weighted(weighted)), from: None }
    }

    fn reach(&self, input: Shape, _: Window) -> Window {
        all_of(input)
    }
}
