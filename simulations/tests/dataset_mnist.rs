//! The embedded MNIST data are what they are said to be.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_simulations::dataset::{mnist, prepare};
use std::path::PathBuf;

#[test]
fn the_embedded_data_are_all_of_mnist() {
    let data = mnist().unwrap();
    assert_eq!((data.sample_count(), data.input_dimension()), (60_000, 10));
    // Digits 0, 2, 4, 6, 8 of the training set: 5923 + 5958 + 5842 + 5918 + 5851.
    assert_eq!(data.labels().iter().filter(|label| **label > 0.0).count(), 29_492);
    let largest = data.inputs().iter().fold(0.0_f32, |largest, score| largest.max(score.abs()));
    assert!((31.0..33.0).contains(&largest), "largest score {largest}");
    // PHYSICS.md, section A.
    let expected = [6.36, 5.41, 5.18, 4.55, 4.25, 3.97, 3.71, 3.54, 3.32, 3.17];
    for (component, expected) in expected.iter().enumerate() {
        let scores = || data.inputs().iter().skip(component).step_by(10).map(|score| f64::from(*score));
        let mean = scores().sum::<f64>() / 6e4;
        let deviation = (scores().map(|score| score * score).sum::<f64>() / 6e4).sqrt();
        // Each score is rounded to single precision, by less than 2e-6.
        assert!(mean.abs() < 2e-6, "mean {mean:e} of component {component}");
        assert!((deviation - expected).abs() <= 0.005, "deviation {deviation} of component {component}");
    }
}

#[test]
#[ignore = "needs the raw files: GLASSBOX_RAW_DATA=DIR with DIR/mnist/train-images-idx3-ubyte and …labels…"]
fn the_embedded_file_is_what_prepare_makes() {
    let raw = PathBuf::from(std::env::var_os("GLASSBOX_RAW_DATA").expect("GLASSBOX_RAW_DATA is not set"));
    let made = tempfile::tempdir().unwrap();
    let path = made.path().join("mnist.safetensors");
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let images = raw.join("mnist/train-images-idx3-ubyte");
        let labels = raw.join("mnist/train-labels-idx1-ubyte");
        pool.install(|| prepare(&images, &labels, 10)).unwrap().write(&path).unwrap();
        let embedded = glassbox_data::MNIST;
        assert!(std::fs::read(&path).unwrap() == embedded, "{threads} threads: the bytes differ");
    }
}
