//! The embedded CIFAR-10 data are what they are said to be.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_simulations::dataset::{cifar10, prepare_cifar};
use std::path::PathBuf;

const EMBEDDED: &[u8] = glassbox_data::CIFAR10;

/// Per cent of the variance of all 3,072 standardised pixels, from NumPy's `eigh` of the correlation matrix of the raw
/// batches.
const EXPLAINED: [f64; 10] = [
    26.920_196_74,
    11.370_503_56,
    7.164_964_39,
    3.866_414_27,
    3.585_147_60,
    2.959_995_64,
    2.809_291_37,
    2.152_029_19,
    2.105_597_39,
    1.500_883_84,
];

#[test]
fn the_embedded_data_are_all_of_cifar10() {
    let data = cifar10().unwrap();
    assert_eq!((data.sample_count(), data.input_dimension()), (50_000, 10));
    // Five classes of 5,000 on either side.
    assert_eq!(data.labels().iter().filter(|label| **label > 0.0).count(), 25_000);
    // The first batch begins with a frog, two trucks, a deer and two automobiles.
    assert_eq!(data.labels()[..6], [1.0, -1.0, -1.0, 1.0, -1.0, -1.0]);
    let scores =
        |component: usize| data.inputs().iter().skip(component).step_by(10).map(|score| f64::from(*score));
    // Rounding to single precision: half a unit in the last place of scores below 128, whose mean is no larger.
    let rounding = 2.0_f64.powi(-18);
    for (component, expected) in EXPLAINED.iter().enumerate() {
        let mean = scores(component).sum::<f64>() / 5e4;
        assert!(mean.abs() < rounding, "mean {mean:e} of component {component}");
        let explained = 100.0 * scores(component).map(|score| score * score).sum::<f64>() / 5e4 / 3072.0;
        // The last digit of the table, and rounding, relative to a variance of at least 46.
        assert!(
            (explained - expected).abs() <= 1e-8 + 2e-7 * expected,
            "component {component} explains {explained} %"
        );
        for other in 0..component {
            let product = scores(component).zip(scores(other)).map(|(a, b)| a * b).sum::<f64>() / 5e4;
            // Each score is wrong by at most `rounding`, the other by less than 128 in size: on average far less.
            assert!(
                product.abs() < 2.0 * 128.0 * rounding,
                "components {component} and {other}: {product:e}"
            );
        }
    }
}

#[test]
fn the_embedded_file_has_not_changed() {
    // Length and CRC-32.
    let mut digest = flate2::Crc::new();
    digest.update(EMBEDDED);
    assert_eq!((EMBEDDED.len(), digest.sum()), (2_050_216, 0xef3e_15a5));
}

#[test]
#[ignore = "needs the raw files, takes half a minute: GLASSBOX_RAW_DATA=DIR with DIR/cifar10/data_batch_1.bin to …_5.bin"]
fn the_embedded_file_is_what_prepare_makes() {
    let raw = PathBuf::from(std::env::var_os("GLASSBOX_RAW_DATA").expect("GLASSBOX_RAW_DATA is not set"));
    let batches: Vec<PathBuf> =
        (1..=5).map(|batch| raw.join(format!("cifar10/data_batch_{batch}.bin"))).collect();
    let made = tempfile::tempdir().unwrap();
    let path = made.path().join("cifar10.safetensors");
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let prepared = pool.install(|| prepare_cifar(&batches, 10)).unwrap();
        prepared.write(&path).unwrap();
        assert!(std::fs::read(&path).unwrap() == EMBEDDED, "{threads} threads: the bytes differ");
        for (found, expected) in prepared.explained_variance_ratio.iter().zip(EXPLAINED) {
            // Half a unit of the table's last digit.
            assert!((100.0 * found - expected).abs() < 6e-9, "{found} instead of {expected} %");
        }
    }
}
