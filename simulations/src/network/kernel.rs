//! Single-precision kernels over a tile of samples. The vector kernels of a processor will be chosen here.

mod portable;

use super::architecture::Architecture;

/// Samples of a tile: their activations stay in cache from the forward to the backward pass.
pub(super) const TILE: usize = 128;

/// Samples that are worked on side by side.
pub(super) const LANES: usize = 8;

/// Activations and errors of one tile, `TILE` samples a neuron, reused from tile to tile.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The inputs, then every layer after its ReLU.
    pub(super) activations: Vec<f32>,
    /// Error of the layer above and of the layer below.
    pub(super) errors: [Vec<f32>; 2],
    /// Gradient of the tile.
    pub(super) gradient: Vec<f32>,
}

impl Scratch {
    /// Makes room for `architecture`.
    pub(super) fn fit(&mut self, architecture: &Architecture) {
        let neurons: usize = architecture.input_dimension()
            + architecture.layers().iter().map(|layer| layer.outputs).sum::<usize>();
        self.activations.resize(neurons * TILE, 0.0);
        for errors in &mut self.errors {
            errors.resize(architecture.largest_layer() * TILE, 0.0);
        }
        self.gradient.resize(architecture.weight_count(), 0.0);
    }
}

/// Adds nothing and divides nothing: writes the summed gradient of the tile to `scratch.gradient` and returns its
/// summed loss, or `None` in place of a gradient that is 0 because every sample is satisfied.
///
/// The inputs of the tile must already lie in `scratch.activations`, `TILE` samples an input, with zeros beyond
/// `labels.len()` up to a multiple of [`LANES`].
pub(super) fn tile(
    architecture: &Architecture,
    weights: &[f32],
    labels: &[f32],
    scratch: &mut Scratch,
) -> TileResult {
    portable::tile(architecture, weights, labels, scratch)
}

/// What a tile adds to the sums.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TileResult {
    /// Sum of the samples' losses.
    pub(super) loss: f64,
    /// Whether `scratch.gradient` was written; it is 0 otherwise.
    pub(super) has_gradient: bool,
}
