//! What `write_npz` writes is read again, number by number.

use crate::files::{npy, numbers, seen};
use glassbox_trajectories::trajectory::{Arrays, Trajectory, write_npz};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_number_returns(
        replicas in 1..4_usize,
        steps in prop::collection::btree_set(any::<u64>(), 2..5),
        sizes in prop::collection::vec(1..4_u64, 1..4),
        seed in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO, 7),
        with_gradients in any::<bool>(),
    ) {
        let times: Vec<u64> = steps.into_iter().collect();
        let count = usize::try_from(sizes.iter().sum::<u64>()).unwrap();
        let weights: Vec<f64> = seed.iter().copied().cycle().take(replicas * times.len() * count).collect();
        let gradients: Vec<f64> = weights.iter().map(|weight| -weight).collect();
        let gradients = with_gradients.then_some(gradients.as_slice());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.npz");
        write_npz(&path, &Arrays { times: &times, replicas, weights: &weights, gradients, layers: Some(&sizes) }).unwrap();
        let seen = seen(&path).unwrap();
        let order: Vec<(usize, u64)> =
            (0..replicas).flat_map(|replica| times.iter().map(move |step| (replica, *step))).collect();
        prop_assert_eq!(seen.iter().map(|frame| (frame.0, frame.1)).collect::<Vec<_>>(), order);
        prop_assert_eq!(seen.iter().flat_map(|frame| frame.2.clone()).collect::<Vec<_>>(), weights);
        let read: Vec<f64> = seen.iter().filter_map(|frame| frame.3.clone()).flatten().collect();
        prop_assert_eq!(read, gradients.unwrap_or_default());
        let layers = Trajectory::open(&path).unwrap();
        let lengths: Vec<u64> = layers.layers().unwrap().iter().map(|layer| layer.len() as u64).collect();
        prop_assert_eq!(lengths, sizes);
    }
}

#[test]
fn arrays_that_do_not_fit_leave_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.npz");
    let weights = numbers(6);
    let sound = Arrays { times: &[0, 1], replicas: 1, weights: &weights, gradients: None, layers: None };
    for (arrays, expected) in [
        (Arrays { times: &[0, 1, 2, 3], ..sound }, "6 weights are no whole number of frames"),
        (Arrays { replicas: 0, ..sound }, "6 weights are no whole number of frames for 0 replicas"),
        (Arrays { gradients: Some(&weights[1..]), ..sound }, "5 gradients for 6 weights"),
    ] {
        let message = write_npz(&path, &arrays).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
        assert!(!path.exists());
    }
}

/// Single precision and the other byte order lose nothing but what the file had already lost.
#[test]
fn every_type_of_float_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.npz");
    let numbers = [0.1_f32, -2.5e-40, 3.0e38, 0.0, -1.0, 7.0];
    let expected: Vec<f64> = numbers.iter().map(|number| f64::from(*number)).collect();
    let types: [(&str, Vec<u8>); 4] = [
        ("'<f4'", numbers.iter().flat_map(|number| number.to_le_bytes()).collect()),
        ("'>f4'", numbers.iter().flat_map(|number| number.to_be_bytes()).collect()),
        ("'<f8'", expected.iter().flat_map(|number| number.to_le_bytes()).collect()),
        ("'>f8'", expected.iter().flat_map(|number| number.to_be_bytes()).collect()),
    ];
    for (descr, bytes) in types {
        let archive = crate::files::Archive::sound()
            .with("weights", npy(descr, false, "(1, 3, 2)", &bytes))
            .bytes(zip::CompressionMethod::Deflated);
        std::fs::write(&path, archive).unwrap();
        let read: Vec<f64> = seen(&path).unwrap().into_iter().flat_map(|frame| frame.2).collect();
        assert_eq!(read, expected, "{descr}");
    }
}
