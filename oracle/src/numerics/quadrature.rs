//! Adaptive Gauss–Legendre quadrature of functions that are smooth between given breaks.
//!
//! A panel is accepted when 16 nodes and twice 16 nodes on its halves agree to 1e-14 of the whole integral. For
//! a function analytic about the panel the error of the halves is then smaller by about 2⁻³², so that what is left is
//! rounding.

/// A part of the range on which the integrand is resolved, and its integrals there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Panel<const N: usize> {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) integral: [f64; N],
}

const AGREEMENT: f64 = 1e-14;
/// More panels than any resolvable integrand needs.
const MOST_PANELS: usize = 20_000;

/// Panels in ascending order that resolve all N integrands between ascending `breaks`; `None` where they cannot be
/// resolved (or are not finite).
pub(crate) fn resolve<const N: usize>(
    breaks: &[f64],
    integrand: impl Fn(f64) -> [f64; N],
) -> Option<Vec<Panel<N>>> {
    let evaluate = |low: f64, high: f64| panel(low, high, &integrand);
    let mut open: Vec<_> = breaks.windows(2).map(|pair| evaluate(pair[0], pair[1])).collect();
    let mut scale = [0.0; N];
    for part in &open {
        (0..N).for_each(|k| scale[k] += part.integral[k].abs());
    }
    open.reverse();
    let mut done = Vec::new();
    while let Some(whole) = open.pop() {
        if done.len() + open.len() > MOST_PANELS {
            return None;
        }
        let middle = 0.5 * (whole.low + whole.high);
        let halves = [evaluate(whole.low, middle), evaluate(middle, whole.high)];
        let sum: [f64; N] = std::array::from_fn(|k| halves[0].integral[k] + halves[1].integral[k]);
        if (0..N).all(|k| (sum[k] - whole.integral[k]).abs() <= AGREEMENT * scale[k]) {
            done.push(Panel { integral: sum, ..whole });
        } else {
            open.push(halves[1]);
            open.push(halves[0]);
            // A first look may have missed a narrow part.
            (0..N).for_each(|k| scale[k] = scale[k].max(sum[k].abs()));
        }
    }
    Some(done)
}

/// The integrals over all panels.
pub(crate) fn total<const N: usize>(panels: &[Panel<N>]) -> [f64; N] {
    std::array::from_fn(|k| panels.iter().map(|part| part.integral[k]).sum())
}

/// One panel of 16 nodes.
pub(crate) fn panel<const N: usize>(low: f64, high: f64, integrand: &impl Fn(f64) -> [f64; N]) -> Panel<N> {
    let (centre, half) = (0.5 * (low + high), 0.5 * (high - low));
    let mut integral = [0.0; N];
    for (node, weight) in GAUSS_LEGENDRE_16 {
        let (left, right) = (integrand(centre - half * node), integrand(centre + half * node));
        (0..N).for_each(|k| integral[k] += half * weight * (left[k] + right[k]));
    }
    Panel { low, high, integral }
}

/// Positive nodes and weights on [−1, 1] (Abramowitz and Stegun 25.4).
const GAUSS_LEGENDRE_16: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_88),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_894),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn polynomials_of_degree_31_are_exact() {
        let [zeroth, even, odd] = panel(0.0, 2.0, &|x: f64| [1.0, x.powi(30), x.powi(31)]).integral;
        assert_relative_eq!(zeroth, 2.0, max_relative = 1e-15);
        assert_relative_eq!(even, 2.0_f64.powi(31) / 31.0, max_relative = 1e-14);
        assert_relative_eq!(odd, 2.0_f64.powi(32) / 32.0, max_relative = 1e-14);
    }

    #[test]
    fn narrow_and_kinked_integrands_are_resolved() {
        // A Gaussian 1e-4 wide, and a kink, beside each other.
        let integrand = |x: f64| [(-0.5 * ((x - 0.3) / 1e-4).powi(2)).exp(), (x - 0.5).abs()];
        let [narrow, kinked] = total(&resolve(&[0.0, 0.2999, 0.5, 1.0], integrand).unwrap());
        assert_relative_eq!(narrow, 1e-4 * (2.0 * std::f64::consts::PI).sqrt(), max_relative = 1e-13);
        assert_relative_eq!(kinked, 0.25, max_relative = 1e-14);
    }

    #[test]
    fn what_cannot_be_resolved_is_refused() {
        assert_eq!(resolve(&[0.0, 1.0], |_| [f64::NAN]), None);
    }
}
