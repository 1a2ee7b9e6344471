//! The 3x3 convolution on the CPU, by Winograd's minimal filtering. Each thread takes a share of the images.

use super::{
    Conv3x3Gradients, Conv3x3Ops,
    transformed::{TransformedConv3x3Gradients, TransformedConv3x3Ops},
    winograd::{POINTS, Sizes, backward, forward, input_gradient, transform_weights, weights_gradient},
};
use crate::model::cpu::{contiguous, parallel, sizes, tensor, values};
use burn::backend::{Flex, tensor::FloatTensor};

impl TransformedConv3x3Ops for Flex {
    fn transformed_weights(weight: FloatTensor<Self>) -> FloatTensor<Self> {
        let weight = contiguous(weight);
        let [_, _, inputs, outputs] = sizes(&weight);
        tensor(transform_weights(values(&weight), inputs * outputs), [POINTS, inputs, outputs])
    }

    fn transformed_conv3x3(x: FloatTensor<Self>, weights: FloatTensor<Self>) -> FloatTensor<Self> {
        let [x, weights] = [x, weights].map(contiguous);
        let ([images, height, width, _], [_, inputs, outputs]) = (sizes(&x), sizes(&weights));
        let mut y = vec![0.0; images * height * width * outputs];
        let share = images.div_ceil(parallel::thread_count());
        let shares: Vec<&[f32]> = values(&x).chunks(share * height * width * inputs).collect();
        parallel::for_each_chunk(&mut y, share * height * width * outputs, |number, y| {
            forward(shares[number], values(&weights), Sizes { height, width, inputs, outputs }, y);
        });
        tensor(y, [images, height, width, outputs])
    }
}

impl Conv3x3Ops for Flex {
    fn conv3x3(x: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::transformed_conv3x3(x, Self::transformed_weights(weight))
    }
}

impl TransformedConv3x3Gradients for Flex {
    fn transformed_conv3x3_backward(weights: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        let [weights, grad] = [weights, grad].map(contiguous);
        let ([images, height, width, outputs], [_, inputs, _]) = (sizes(&grad), sizes(&weights));
        let mut grad_x = vec![0.0; images * height * width * inputs];
        let share = images.div_ceil(parallel::thread_count());
        let shares: Vec<&[f32]> = values(&grad).chunks(share * height * width * outputs).collect();
        parallel::for_each_chunk(&mut grad_x, share * height * width * inputs, |number, grad_x| {
            let sizes = Sizes { height, width, inputs, outputs };
            input_gradient(values(&weights), shares[number], sizes, grad_x);
        });
        tensor(grad_x, [images, height, width, inputs])
    }
}

impl Conv3x3Gradients for Flex {
    fn conv3x3_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [x, weight, grad] = [x, weight, grad].map(contiguous);
        let ([images, height, width, inputs], [_, _, _, outputs]) = (sizes(&x), sizes(&weight));
        let sizes = Sizes { height, width, inputs, outputs };
        let channels = inputs * outputs;
        let transformed = transform_weights(values(&weight), channels);
        let share = images.div_ceil(parallel::thread_count());
        let shares = values(&x).chunks(share * height * width * inputs);
        let shares: Vec<_> = shares.zip(values(&grad).chunks(share * height * width * outputs)).collect();
        let mut grad_x = vec![0.0; images * height * width * inputs];
        // Each share has its own sums. They are added up in order, so that one machine always gives one result.
        let mut sums = vec![0.0; shares.len() * transformed.len()];
        parallel::for_each_chunk_of_2(
            (&mut grad_x, share * height * width * inputs),
            (&mut sums, transformed.len()),
            |number, grad_x, sums| {
                let (x, grad) = shares[number];
                backward(x, &transformed, grad, sizes, grad_x, sums);
            },
        );
        let (total, others) = sums.split_at_mut(transformed.len());
        for other in others.chunks_exact(total.len()) {
            for (total, other) in total.iter_mut().zip(other) {
                *total += other;
            }
        }
        let grad_weight = weights_gradient(total, channels);
        (tensor(grad_x, [images, height, width, inputs]), tensor(grad_weight, [3, 3, inputs, outputs]))
    }

    fn conv3x3_input_gradient(weight: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::transformed_conv3x3_backward(Self::transformed_weights(weight), grad)
    }
}
