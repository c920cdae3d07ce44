//! Full covariances by recursion and matrix exponential, equipartition, and what is refused.

use super::*;
use approx::assert_relative_eq;

fn bath() -> Bath {
    Bath::new(0.1, 0.6, 3.0).unwrap()
}

/// Some symmetric matrix with eigenvalues of both signs, from a fixed rule.
fn hessian(count: usize, shift: f64) -> DMatrix<f64> {
    let element = |i: usize, j: usize| ((i * j + i + j) as f64).sin() + if i == j { shift } else { 0.0 };
    DMatrix::from_fn(count, count, element)
}

fn offset(count: usize) -> DVector<f64> {
    DVector::from_fn(count, |i, _| (1.7 * i as f64).cos())
}

/// Mean and covariance of the displacement from those of the weight at its origin.
fn displaced(
    step: &DMatrix<f64>,
    noise: &DMatrix<f64>,
    mean: &DVector<f64>,
    covariance: &DMatrix<f64>,
) -> (DVector<f64>, DMatrix<f64>) {
    let loss = step - DMatrix::identity(step.nrows(), step.ncols());
    (&loss * mean, &loss * covariance * loss.transpose() + noise)
}

fn assert_follows(basin: &AnisotropicBasin, lag: f64, mean: &DVector<f64>, covariance: &DMatrix<f64>) {
    let count = basin.dimension();
    for weight in 0..count {
        let got = basin.weight_displacement(weight, lag).unwrap();
        assert_relative_eq!(got.mean(), mean[weight], max_relative = 1e-10, epsilon = 1e-12);
        assert_relative_eq!(got.variance(), covariance[(weight, weight)], max_relative = 1e-10);
    }
    let direction = DVector::from_fn(count, |i, _| (0.3 + i as f64).sin());
    let got = basin.combination(direction.as_slice(), lag).unwrap();
    assert_relative_eq!(got.mean(), direction.dot(mean), max_relative = 1e-10, epsilon = 1e-12);
    let variance = (direction.transpose() * covariance * &direction)[(0, 0)];
    assert_relative_eq!(got.variance(), variance, max_relative = 1e-10);
    // The population: averages over weights.
    let all = basin.displacement(lag).unwrap();
    let average = |of: &dyn Fn(usize) -> f64| (0..count).map(of).sum::<f64>() / count as f64;
    let square = average(&|i| mean[i] * mean[i] + covariance[(i, i)]);
    assert_relative_eq!(all.mean_squared_displacement(), square, max_relative = 1e-10);
    let overlap = average(&|i| basin.weight_displacement(i, lag).unwrap().overlap(0.3));
    assert_relative_eq!(all.overlap(0.3), overlap, max_relative = 1e-12);
}

/// Second route: the recursion of the full mean and covariance matrix, `w ← (1 − mu dt H) w + noise`.
#[test]
fn steps_follow_the_matrix_recursion() {
    let (count, dt) = (6, 0.5);
    // Eigenvalues between −3 and 5, and shifted so that some modes turn round at every step.
    for shift in [0.0, 30.0] {
        let hessian = hessian(count, shift);
        let step = DMatrix::identity(count, count) - &hessian * (bath().mobility() * dt);
        let kick = DMatrix::identity(count, count) * bath().noise_variance(dt);
        let advance = |steps: usize, mut mean: DVector<f64>, mut covariance: DMatrix<f64>| {
            for _ in 0..steps {
                mean = &step * mean;
                covariance = &step * covariance * step.transpose() + &kick;
            }
            (mean, covariance)
        };
        let zero = || DMatrix::zeros(count, count);
        let (mean, covariance) = advance(7, offset(count), zero());
        let basin = AnisotropicBasin::from_hessian(bath(), hessian.as_slice(), Clock::Steps { dt }).unwrap();
        let basin = basin.from_fixed(offset(count).as_slice()).unwrap().after_waiting(7.0 * dt).unwrap();
        for lag in [1, 2, 9] {
            let power = (0..lag).fold(DMatrix::identity(count, count), |power, _| &step * power);
            let (_, noise) = advance(lag, DVector::zeros(count), zero());
            let (moved, spread) = displaced(&power, &noise, &mean, &covariance);
            assert_follows(&basin, lag as f64 * dt, &moved, &spread);
        }
        let loss = 0.5 * (mean.dot(&(&hessian * &mean)) + (&hessian * &covariance).trace());
        assert_relative_eq!(basin.expected_loss().unwrap(), loss, max_relative = 1e-10);
    }
}

/// Second route: the matrix exponential; the noise by that of Van Loan's block matrix (IEEE Trans. Autom. Control
/// 23, 395 (1978)).
#[test]
fn continuous_time_follows_the_matrix_exponential() {
    let count = 5;
    let hessian = hessian(count, 0.5);
    let drift = &hessian * -bath().mobility();
    let propagate = |time: f64| -> (DMatrix<f64>, DMatrix<f64>) {
        let mut block = DMatrix::zeros(2 * count, 2 * count);
        block.view_mut((0, 0), (count, count)).copy_from(&(-&drift * time));
        let kick = DMatrix::identity(count, count) * (2.0 * bath().diffusion() * time);
        block.view_mut((0, count), (count, count)).copy_from(&kick);
        block.view_mut((count, count), (count, count)).copy_from(&(drift.transpose() * time));
        let exponential = block.exp();
        let step = exponential.view((count, count), (count, count)).transpose();
        let noise = &step * exponential.view((0, count), (count, count));
        (step, noise)
    };
    let basin = AnisotropicBasin::from_hessian(bath(), hessian.as_slice(), Clock::Continuous).unwrap();
    let basin = basin.from_fixed(offset(count).as_slice()).unwrap().after_waiting(1.5).unwrap();
    let (step, covariance) = propagate(1.5);
    let mean = step * offset(count);
    for lag in [0.3, 2.0, 11.0] {
        let (step, noise) = propagate(lag);
        let (moved, spread) = displaced(&step, &noise, &mean, &covariance);
        assert_follows(&basin, lag, &moved, &spread);
    }
}

#[test]
fn the_stationary_state_is_equipartition_with_the_correction_of_the_step() {
    let hessian = hessian(6, 8.0);
    for (clock, correction) in [(Clock::Continuous, 0.0), (Clock::Steps { dt: 1.0 }, 0.5)] {
        let basin = AnisotropicBasin::from_hessian(bath(), hessian.as_slice(), clock).unwrap();
        let basin = basin.stationary().unwrap();
        for (loss, stiffness) in basin.mode_losses().unwrap().iter().zip(basin.stiffnesses()) {
            let expected = 0.5 * bath().thermal_energy() / (1.0 - correction * bath().mobility() * stiffness);
            assert_relative_eq!(*loss, expected, max_relative = 1e-13);
        }
        // Waiting from the minimum leads there.
        let waited = AnisotropicBasin::from_hessian(bath(), hessian.as_slice(), clock).unwrap();
        let waited = waited.after_waiting(4000.0).unwrap();
        assert_relative_eq!(
            waited.expected_loss().unwrap(),
            basin.expected_loss().unwrap(),
            max_relative = 1e-12
        );
        let (a, b) = (basin.displacement(3.0).unwrap(), waited.displacement(3.0).unwrap());
        assert_relative_eq!(a.overlap(0.2), b.overlap(0.2), max_relative = 1e-12);
        assert_relative_eq!(
            a.non_gaussian_parameter().unwrap(),
            b.non_gaussian_parameter().unwrap(),
            max_relative = 1e-10
        );
    }
}

#[test]
fn one_stiffness_for_all_is_the_quadratic_well() {
    let clock = Clock::Steps { dt: 1.0 };
    let well = QuadraticWell::new(bath(), 3.0, clock).unwrap().from_fixed(0.4).unwrap();
    let basin = AnisotropicBasin::diagonal(bath(), &[3.0; 50_000], clock).unwrap();
    let basin = basin.from_fixed(&[0.4; 50_000]).unwrap();
    let (one, all) = (well.displacement(5.0).unwrap(), basin.displacement(5.0).unwrap());
    assert_relative_eq!(all.overlap(0.1), one.overlap(0.1), max_relative = 1e-14);
    assert_relative_eq!(
        all.mean_squared_displacement(),
        one.mean_squared_displacement(),
        max_relative = 1e-14
    );
    // Eigenpairs of a rotation by 0.3 leave it as it is.
    let (s, c) = 0.3_f64.sin_cos();
    let turned = AnisotropicBasin::from_eigenpairs(bath(), &[3.0, 3.0], &[c, s, -s, c], clock).unwrap();
    let turned = turned.from_fixed(&[0.4, 0.4]).unwrap().weight_displacement(1, 5.0).unwrap();
    assert_relative_eq!(turned.mean(), one.mean(), max_relative = 1e-14);
}

/// Claim 34: a mode with `1 < mu k dt < 2` alternates, so that displacements over odd lags exceed those over even.
#[test]
fn a_stiff_mode_turns_round_at_every_step() {
    let bath = Bath::new(1e-3, 1e-6, 6e4).unwrap();
    let basin = AnisotropicBasin::diagonal(bath, &[1500.0], Clock::Steps { dt: 1.0 }).unwrap();
    let basin = basin.stationary().unwrap();
    let square = |lag| basin.mean_squared_displacement(lag).unwrap();
    assert!(square(1.0) > square(2.0) && square(3.0) > square(2.0) && square(3.0) < square(1.0));
}

#[test]
fn unbound_modes_are_named_where_they_matter() {
    let basin = AnisotropicBasin::diagonal(bath(), &[1.0, 0.0, -2.0], Clock::Continuous).unwrap();
    let message = basin.clone().stationary().unwrap_err().to_string();
    assert_eq!(
        message,
        "mode 1 has stiffness 0; a stationary state needs it above 0, and mobility * stiffness * dt below 2 on a step clock"
    );
    let unstable = AnisotropicBasin::diagonal(bath(), &[25.0], Clock::Steps { dt: 1.0 }).unwrap();
    assert!(unstable.stationary().is_err());
    // A zero mode diffuses freely; nothing of the others enters it, even after any time.
    assert_relative_eq!(basin.weight_displacement(1, 2.0).unwrap().variance(), 4.0 * bath().diffusion());
    let bound = basin.weight_displacement(0, f64::INFINITY).unwrap().overlap(1.0);
    assert_relative_eq!(basin.overlap(f64::INFINITY, 1.0).unwrap(), bound / 3.0, max_relative = 1e-15);
    assert_eq!(basin.mode_losses().unwrap(), [0.0; 3]);
    let lost = basin.after_waiting(1e9).unwrap().mode_losses().unwrap_err().to_string();
    assert_eq!(lost, "the loss of a mode at waiting_time = 1000000000 is too large for a double");
    // Without temperature nothing leaves the minimum.
    let cold = Bath::new(1.0, 0.0, 1.0).unwrap();
    let cold = AnisotropicBasin::diagonal(cold, &[1.0, -1.0], Clock::Continuous).unwrap();
    assert_eq!(cold.mean_squared_displacement(5.0).unwrap(), 0.0);
}

#[test]
fn bad_arguments_are_named() {
    let new = |hessian: &[f64]| AnisotropicBasin::from_hessian(bath(), hessian, Clock::Continuous);
    let message = new(&[1.0, 0.5, 0.4, 1.0]).unwrap_err().to_string();
    assert_eq!(message, "element of the Hessian is 0.5; it must be that of the transposed matrix");
    assert!(new(&[1.0, 0.0, 0.0]).is_err() && new(&[]).is_err() && new(&[f64::NAN]).is_err());
    assert!(AnisotropicBasin::diagonal(bath(), &[f64::INFINITY], Clock::Continuous).is_err());
    let pairs =
        |vectors: &[f64]| AnisotropicBasin::from_eigenpairs(bath(), &[1.0, 1.0], vectors, Clock::Continuous);
    assert!(
        pairs(&[1.0, 0.0, 1e-3, 1.0]).is_err() && pairs(&[1.0]).is_err() && pairs(&[f64::NAN; 4]).is_err()
    );
    let basin = pairs(&[1.0, 0.0, 0.0, 1.0]).unwrap();
    assert!(basin.weight_displacement(2, 1.0).is_err() && basin.mode_displacement(2, 1.0).is_err());
    assert!(basin.combination(&[1.0], 1.0).is_err() && basin.clone().from_fixed(&[f64::NAN, 0.0]).is_err());
    assert!(basin.mode(2).is_err() && basin.after_waiting(-1.0).is_err());
}
