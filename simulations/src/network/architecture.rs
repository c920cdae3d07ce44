//! Shape of a network, and where each layer's weights lie.

use glassbox_oracle::Number;
use std::ops::Range;
use thiserror::Error;

/// A bias-free fully connected network: ReLU after every hidden layer, one linear output f.
///
/// Weights are one flat slice: matrix after matrix from input to output, each row-major (outputs × inputs).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Architecture {
    layers: Vec<Layer>,
}

/// One weight matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Where the matrix lies in the flat weights.
    pub range: Range<usize>,
    /// Columns: neurons that feed the layer.
    pub inputs: usize,
    /// Rows: neurons of the layer.
    pub outputs: usize,
}

impl Architecture {
    /// A network of `layer_sizes` neurons from the inputs to the output, which must be 1.
    ///
    /// # Errors
    /// [`NetworkError`] for fewer than two sizes, a size of 0, or several outputs.
    pub fn new(layer_sizes: &[usize]) -> Result<Self, NetworkError> {
        if layer_sizes.len() < 2 {
            return Err(NetworkError::TooFewLayers { count: layer_sizes.len() });
        }
        if let Some(index) = layer_sizes.iter().position(|size| *size == 0) {
            return Err(NetworkError::EmptyLayer { index });
        }
        if layer_sizes[layer_sizes.len() - 1] != 1 {
            return Err(NetworkError::Outputs { count: layer_sizes[layer_sizes.len() - 1] });
        }
        let mut start = 0_usize;
        let mut layers = Vec::with_capacity(layer_sizes.len() - 1);
        for sizes in layer_sizes.windows(2) {
            let count = sizes[0].checked_mul(sizes[1]).and_then(|count| start.checked_add(count));
            let Some(end) = count.filter(|end| u32::try_from(*end).is_ok()) else {
                return Err(NetworkError::TooLarge);
            };
            layers.push(Layer { range: start..end, inputs: sizes[0], outputs: sizes[1] });
            start = end;
        }
        Ok(Self { layers })
    }

    /// The paper's network: 10 inputs, six hidden layers of `width`, one output; `10 w + 5 w² + w` weights.
    ///
    /// # Errors
    /// [`NetworkError`] for width 0 or one whose weights exceed 2³².
    pub fn paper(width: usize) -> Result<Self, NetworkError> {
        Self::new(&[10, width, width, width, width, width, width, 1])
    }

    /// The weight matrices from input to output.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Number of weights N.
    #[must_use]
    pub fn weight_count(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.range.end)
    }

    /// Number of inputs.
    #[must_use]
    pub fn input_dimension(&self) -> usize {
        self.layers.first().map_or(0, |layer| layer.inputs)
    }

    /// Neurons of all layers, inputs and output included.
    #[must_use]
    pub fn neuron_count(&self) -> usize {
        self.input_dimension() + self.layers.iter().map(|layer| layer.outputs).sum::<usize>()
    }

    /// Neurons of the widest layer, inputs included.
    #[must_use]
    pub fn largest_layer(&self) -> usize {
        self.layers.iter().map(|layer| layer.inputs.max(layer.outputs)).max().unwrap_or(0)
    }
}

/// Why a network cannot be made or evaluated.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum NetworkError {
    /// No weight matrix.
    #[error("{count} layer sizes given; a network needs at least 2")]
    TooFewLayers {
        /// Sizes given.
        count: usize,
    },
    /// A layer without neurons.
    #[error("layer size {index} is 0; it must be at least 1")]
    EmptyLayer {
        /// Its position.
        index: usize,
    },
    /// More than one output.
    #[error("the last layer size is {count}; it must be 1")]
    Outputs {
        /// Outputs given.
        count: usize,
    },
    /// Too many weights.
    #[error("the network has more than 2^32 weights")]
    TooLarge,
    /// A gain outside its range.
    #[error("gain is {}; it must be finite and above 0", Number::from(.value))]
    Gain {
        /// The value given.
        value: f64,
    },
    /// A slice of a wrong length.
    #[error("{argument} has {length} elements; it must have {expected}")]
    Length {
        /// Name of the argument.
        argument: &'static str,
        /// Its length.
        length: usize,
        /// The length it must have.
        expected: usize,
    },
    /// No samples to average over.
    #[error("there are no samples; at least 1 is needed")]
    NoSamples,
    /// A sample that does not exist.
    #[error("sample {index} was asked for; the data set has {count}")]
    SampleIndex {
        /// The index asked for.
        index: u32,
        /// Samples of the data set.
        count: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weight_counts_of_the_paper() {
        let count = |width| Architecture::paper(width).unwrap().weight_count();
        assert_eq!([30, 72, 81, 82].map(count), [4830, 26_712, 33_696, 34_522]);
    }

    #[test]
    fn layers_follow_one_another() {
        let network = Architecture::new(&[3, 4, 2, 1]).unwrap();
        let ranges: Vec<_> = network.layers().iter().map(|layer| layer.range.clone()).collect();
        assert_eq!(ranges, [0..12, 12..20, 20..22]);
        assert_eq!((network.input_dimension(), network.largest_layer()), (3, 4));
    }

    #[test]
    fn impossible_shapes_are_refused() {
        let message = |sizes: &[usize]| Architecture::new(sizes).unwrap_err().to_string();
        assert_eq!(message(&[3]), "1 layer sizes given; a network needs at least 2");
        assert_eq!(message(&[3, 0, 1]), "layer size 1 is 0; it must be at least 1");
        assert_eq!(message(&[3, 2]), "the last layer size is 2; it must be 1");
        assert_eq!(message(&[1 << 40, 1 << 40, 1]), "the network has more than 2^32 weights");
    }
}
