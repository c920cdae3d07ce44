//! Autocovariances of series at all lags, by the fast Fourier transform.

use std::f64::consts::PI;

/// `Σ_t (x_t − centre)(x_{t+k} − centre)` for k from 0 below the length, with an error of rounding.
pub(crate) fn lagged_products(series: &[f64], centre: f64) -> Vec<f64> {
    // Twice the length, so that the series does not meet its own periodic image.
    let size = (2 * series.len()).next_power_of_two();
    let mut transform: Vec<[f64; 2]> = series.iter().map(|x| [x - centre, 0.0]).collect();
    transform.resize(size, [0.0; 2]);
    fourier(&mut transform);
    for value in &mut transform {
        *value = [value[0] * value[0] + value[1] * value[1], 0.0];
    }
    fourier(&mut transform);
    transform.iter().take(series.len()).map(|value| value[0] / size as f64).collect()
}

/// The discrete Fourier transform of a power of two of complex numbers (Cooley and Tukey, Math. Comput. 19, 297 (1965)).
fn fourier(values: &mut [[f64; 2]]) {
    let size = values.len();
    let mut reversed = 0;
    for i in 1..size {
        let mut bit = size >> 1;
        while reversed & bit != 0 {
            reversed ^= bit;
            bit >>= 1;
        }
        reversed |= bit;
        if i < reversed {
            values.swap(i, reversed);
        }
    }
    let roots: Vec<[f64; 2]> = (0..size / 2)
        .map(|k| {
            let (sine, cosine) = (-2.0 * PI * k as f64 / size as f64).sin_cos();
            [cosine, sine]
        })
        .collect();
    let mut half = 1;
    while half < size {
        let stride = size / (2 * half);
        for block in values.chunks_exact_mut(2 * half) {
            let (first, second) = block.split_at_mut(half);
            for (k, (a, b)) in first.iter_mut().zip(second).enumerate() {
                let [cosine, sine] = roots[k * stride];
                let turned = [b[0] * cosine - b[1] * sine, b[0] * sine + b[1] * cosine];
                *b = [a[0] - turned[0], a[1] - turned[1]];
                *a = [a[0] + turned[0], a[1] + turned[1]];
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn products_are_those_of_the_definition(series in prop::collection::vec(-10.0..10.0_f64, 1..70)) {
            let products = lagged_products(&series, 0.5);
            prop_assert_eq!(products.len(), series.len());
            for (k, product) in products.iter().enumerate() {
                let expected: f64 =
                    (0..series.len() - k).map(|t| (series[t] - 0.5) * (series[t + k] - 0.5)).sum();
                prop_assert!((product - expected).abs() < 1e-10);
            }
        }
    }
}
