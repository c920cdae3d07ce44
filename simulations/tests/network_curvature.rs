//! The Hessian of a network: products against differences of the gradient, its two parts, its spectrum.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_simulations::dataset;
use glassbox_simulations::landscape::NetworkLandscape;
use glassbox_simulations::network::curvature::{CurvaturePart, hessian, hessian_vector_product};
use glassbox_simulations::network::reference::{self, Samples};
use glassbox_simulations::network::{Architecture, Initialisation};
use glassbox_simulations::noise::{NoiseStream, Purpose};
use glassbox_simulations::spectrum::Lanczos;
use nalgebra::{DMatrix, SymmetricEigen};

fn random(count: usize, seed: u64) -> Vec<f64> {
    let mut numbers = vec![0.0; count];
    NoiseStream::new(seed, Purpose::Subset, 1).gaussians(0, &mut numbers);
    numbers
}

fn dot(first: &[f64], second: &[f64]) -> f64 {
    first.iter().zip(second).map(|(a, b)| a * b).sum()
}

/// `count` images of MNIST under a network of `sizes`, with He's weights.
fn landscape(sizes: &[usize], count: usize, regularisation: f64) -> (NetworkLandscape, Vec<f64>) {
    let architecture = Architecture::new(sizes).unwrap();
    let weights = Initialisation::HE.draw(&architecture, 11, 0);
    let data = dataset::mnist().unwrap().subset(count, 5).unwrap();
    (NetworkLandscape::new(architecture, data, regularisation).unwrap(), weights)
}

fn sorted_eigenvalues(matrix: DMatrix<f64>) -> Vec<f64> {
    let mut values: Vec<f64> = SymmetricEigen::new(matrix).eigenvalues.iter().copied().collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Between kinks the gradient is a polynomial along any direction. Central differences at h and h/2, extrapolated, are
/// wrong by h⁴ times its fifth derivative, of which a thousand times the size of the product is a loose bound for these
/// networks, and by the rounding of gradients, 1e-13/h. A wrong term is of the order of the size itself.
#[test]
fn products_are_differences_of_the_reference_gradient() {
    let mut compared = 0;
    for (sizes, count) in [(&[10, 6, 4, 1][..], 20), (&[10, 1], 20), (&[10, 5, 5, 5, 1], 12)] {
        let (landscape, weights) = landscape(sizes, count, 0.0);
        let (network, samples) = (landscape.architecture(), landscape.samples());
        for seed in 0..10 {
            let direction = random(weights.len(), seed);
            let moved =
                |h: f64| -> Vec<f64> { weights.iter().zip(&direction).map(|(w, v)| w + h * v).collect() };
            let pattern = |h| reference::activation_pattern(network, samples, &moved(h)).unwrap();
            let Some(h) = (9..18).map(|e| 2.0_f64.powi(-e)).find(|h| pattern(*h) == pattern(-h)) else {
                continue;
            };
            let gradient = |h: f64| {
                let mut gradient = vec![0.0; weights.len()];
                reference::loss_and_gradient(network, samples, &moved(h), &mut gradient).unwrap();
                gradient
            };
            let slope = |h: f64| -> Vec<f64> {
                gradient(h).iter().zip(gradient(-h)).map(|(up, down)| (up - down) / (2.0 * h)).collect()
            };
            let mut product = vec![0.0; weights.len()];
            landscape.hessian_vector_product(&weights, &direction, &mut product).unwrap();
            let size = dot(&product, &product).sqrt() + dot(&gradient(0.0), &gradient(0.0)).sqrt();
            for ((coarse, fine), exact) in slope(h).iter().zip(slope(0.5 * h)).zip(&product) {
                let extrapolated = (4.0 * fine - coarse) / 3.0;
                let allowed = size * (h.powi(4) * 1e3 + 1e-13 / h);
                assert!((extrapolated - exact).abs() <= allowed, "{extrapolated} {exact}, h = {h}");
            }
            compared += 1;
        }
    }
    assert!(compared >= 10, "only {compared} directions avoid kinks");
}

#[test]
fn the_product_is_symmetric_on_the_papers_network() {
    let (landscape, weights) = landscape(&[10, 30, 30, 30, 30, 30, 30, 1], 500, 0.01);
    let (u, v) = (random(weights.len(), 1), random(weights.len(), 2));
    let (mut hu, mut hv) = (vec![0.0; weights.len()], vec![0.0; weights.len()]);
    landscape.hessian_vector_product(&weights, &u, &mut hu).unwrap();
    landscape.hessian_vector_product(&weights, &v, &mut hv).unwrap();
    // Sums of 500 samples and 4,830 weights: a few hundred roundings of terms of this size, in random order.
    let size = dot(&hu, &hu).sqrt() * dot(&v, &v).sqrt();
    assert!((dot(&v, &hu) - dot(&u, &hv)).abs() <= 1e-13 * size);
}

/// PHYSICS.md D.7.
#[test]
fn the_two_parts_are_what_they_are_said_to_be() {
    let (landscape, weights) = landscape(&[10, 6, 5, 1], 30, 0.0);
    let (network, samples) = (landscape.architecture(), landscape.samples());
    let of = |part| hessian(network, samples, &weights, part).unwrap();
    let [whole, first, second] =
        [CurvaturePart::Whole, CurvaturePart::GaussNewton, CurvaturePart::Residual].map(of);
    let largest = whole.amax();
    assert!((&first + &second - &whole).amax() <= 1e-14 * largest);
    assert!((&whole - whole.transpose()).amax() <= 1e-14 * largest);
    // f is linear in each layer: not a rounding error within one.
    for layer in network.layers() {
        let count = layer.range.len();
        let block = second.view((layer.range.start, layer.range.start), (count, count));
        assert_eq!(block.amax(), 0.0);
    }
    assert_eq!(second.trace(), 0.0);
    assert!(second.amax() > 1e-3 * largest);
    // No negative eigenvalue, and no more positive ones than unsatisfied samples.
    let outputs = reference::outputs(network, samples, &weights).unwrap();
    let missing: Vec<f64> =
        outputs.iter().zip(samples.labels).map(|(f, y)| (1.0 - f64::from(*y) * f).max(0.0)).collect();
    let unsatisfied = missing.iter().filter(|missing| **missing > 0.0).count();
    let eigenvalues = sorted_eigenvalues(first);
    let rounding = 1e-13 * eigenvalues[eigenvalues.len() - 1];
    assert!(eigenvalues[0] >= -rounding);
    assert!(eigenvalues.iter().filter(|value| **value > rounding).count() <= unsatisfied);
    assert!(unsatisfied > 5 && unsatisfied < weights.len());
    // tr H = (1/P) Σ θ |∇f|², with ∇f from the gradient of one sample, −y D ∇f.
    let mut trace = 0.0;
    for (index, missing) in missing.iter().enumerate().filter(|(_, missing)| **missing > 0.0) {
        let one = Samples {
            inputs: &samples.inputs[10 * index..10 * (index + 1)],
            labels: &samples.labels[index..=index],
        };
        let mut gradient = vec![0.0; weights.len()];
        reference::loss_and_gradient(network, one, &weights, &mut gradient).unwrap();
        trace += dot(&gradient, &gradient) / (missing * missing) / 30.0;
    }
    assert!((whole.trace() / trace - 1.0).abs() < 1e-13);
}

/// Claim 12: regularisation shifts the spectrum by lambda, and the extremes that Lanczos finds are its ends.
#[test]
fn regularisation_shifts_the_spectrum_of_real_data() {
    let sizes = [10, 7, 7, 7, 1];
    let ((plain, weights), (regularised, _)) = (landscape(&sizes, 300, 0.0), landscape(&sizes, 300, 0.037));
    let before = sorted_eigenvalues(plain.hessian(&weights).unwrap());
    let after = sorted_eigenvalues(regularised.hessian(&weights).unwrap());
    let largest = before[before.len() - 1];
    // Backward error of the dense eigenvalues: some ulps of the largest, times the root of 175.
    let rounding = 1e-13 * largest;
    assert!(before[0] < -1e-3 * largest, "the residual part makes negative curvature");
    for (before, after) in before.iter().zip(&after) {
        assert!((after - before - 0.037).abs() <= rounding, "{before} {after}");
    }
    let found = Lanczos::new(weights.len(), 120, 1).unwrap();
    let found = found
        .extremes(|vector, product| regularised.hessian_vector_product(&weights, vector, product).unwrap())
        .unwrap();
    for (end, exact) in [(found.smallest, after[0]), (found.largest, after[after.len() - 1])] {
        assert!((end.eigenvalue - exact).abs() <= end.error_bound + rounding, "{end:?} {exact}");
        assert!(end.error_bound <= 1e-8 * largest, "{end:?}");
    }
}

/// Claim 12 on the paper's network: 4,830 weights.
#[test]
fn regularisation_shifts_the_extremes_of_the_papers_network() {
    let sizes = [10, 30, 30, 30, 30, 30, 30, 1];
    let extremes = |regularisation| {
        let (landscape, weights) = landscape(&sizes, 400, regularisation);
        let lanczos = Lanczos::new(weights.len(), 80, 3).unwrap();
        lanczos
            .extremes(|vector, product| landscape.hessian_vector_product(&weights, vector, product).unwrap())
            .unwrap()
    };
    let (before, after) = (extremes(0.0), extremes(0.05));
    for (before, after) in [(before.smallest, after.smallest), (before.largest, after.largest)] {
        println!("{before:?} {after:?}");
        let allowed = before.error_bound + after.error_bound;
        assert!((after.eigenvalue - before.eigenvalue - 0.05).abs() <= allowed, "{before:?} {after:?}");
        assert!(allowed < 0.01 * 0.05, "{before:?} {after:?}");
    }
}

#[test]
fn one_and_two_threads_give_the_same_bits() {
    let (landscape, weights) = landscape(&[10, 12, 12, 1], 1000, 0.01);
    let direction = random(weights.len(), 4);
    let run = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
            let mut product = vec![0.0; weights.len()];
            let (network, samples) = (landscape.architecture(), landscape.samples());
            hessian_vector_product(
                network,
                samples,
                &weights,
                &direction,
                CurvaturePart::Whole,
                &mut product,
            )
            .unwrap();
            product
        })
    };
    assert_eq!(run(1), run(2));
}
