//! Real data sets, embedded, each under its own terms: README.md has them, with whom to cite and how the files were made.
//!
//! A file holds two tensors of the safetensors format: `scores` (samples × 10, f32), standardised pixels projected on the first
//! ten principal components, and `labels` (samples, i8), +1 for even classes and −1 for odd ones.
//! `glassbox_simulations::dataset` reads them.
//!
//! ```
//! assert!(glassbox_data::MNIST.len() > 60_000 * (10 * 4 + 1));
//! assert!(glassbox_data::CIFAR10.len() > 50_000 * (10 * 4 + 1));
//! ```

/// The 60,000 training images of MNIST: Creative Commons Attribution-ShareAlike 3.0.
pub const MNIST: &[u8] = include_bytes!("../mnist-train-pca10.safetensors");

/// The 50,000 training images of CIFAR-10, by Krizhevsky, Nair and Hinton.
pub const CIFAR10: &[u8] = include_bytes!("../cifar10-train-pca10.safetensors");
