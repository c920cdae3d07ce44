//! The Box–Muller transform in single precision: two words become two Gaussian numbers.
//!
//! Only operations that IEEE 754 rounds in one way are used (no fused multiply-add, no library function), so every
//! machine and every set of instructions gives the same bits; arrays of lanes become vectors when compiled for them.
//! Polynomials for the logarithm, sine and cosine are those of Cephes (S. L. Moshier, single-precision `logf`, `sinf`,
//! `cosf`): relative errors of some 1e-7.

/// Radius `√(−2 ln u)` for `u = (word + ½) / 2³²`, at most 6.764.
#[inline(always)]
pub(super) fn radius(word: u32) -> f32 {
    const POLYNOMIAL: [f32; 9] = [
        7.037_683_6e-2,
        -1.151_461e-1,
        1.167_699_9e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_8e-1,
        2.000_071_5e-1,
        -2.499_999_4e-1,
        0.333_333_3,
    ];
    /// ln 2 in two parts: the first times any exponent here is exact.
    const LN_2: [f32; 2] = [355.0 / 512.0, -2.121_944_4e-4];
    const ROOT_OF_HALF: u32 = 0x3f35_04f3;
    const SCALE: f32 = 1.0 / 4_294_967_296.0;

    // u = mantissa × 2^exponent with the mantissa in [√½, √2).
    let bits = (word as f32 + 0.5).to_bits().wrapping_sub(ROOT_OF_HALF);
    let exponent = (bits.cast_signed() >> 23) - 32;
    let mantissa = f32::from_bits((bits & 0x007f_ffff) + ROOT_OF_HALF);
    // Near u = 1 its distance from 1 is known better than u itself.
    let below_one = -(!word as f32 + 0.5) * SCALE;
    let t = if exponent == 0 { below_one } else { mantissa - 1.0 };
    let exponent = exponent as f32;
    let mut polynomial = POLYNOMIAL[0];
    for coefficient in &POLYNOMIAL[1..] {
        polynomial = polynomial * t + coefficient;
    }
    let square = t * t;
    // Smallest terms first.
    let logarithm = ((polynomial * t * square + exponent * LN_2[1]) - 0.5 * square) + t + exponent * LN_2[0];
    (-2.0 * logarithm).sqrt()
}

/// Cosine and sine of `2 pi (word + ½) / 2³²`.
#[inline(always)]
pub(super) fn direction(word: u32) -> [f32; 2] {
    const SINE: [f32; 3] = [-1.951_529_6e-4, 8.332_161e-3, -1.666_665_5e-1];
    const COSINE: [f32; 3] = [2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2];
    const QUARTER_TURN: f32 = std::f32::consts::FRAC_PI_2 / 1_073_741_824.0;

    // The nearest quarter turn, and what is left: an angle of at most pi/4.
    let quarter = word.wrapping_add(1 << 29) >> 30;
    let rest = word.wrapping_sub(quarter << 30).cast_signed();
    let angle = (rest as f32 + 0.5) * QUARTER_TURN;
    let square = angle * angle;
    let sine = ((SINE[0] * square + SINE[1]) * square + SINE[2]) * square * angle + angle;
    let cosine =
        ((COSINE[0] * square + COSINE[1]) * square + COSINE[2]) * square * square - 0.5 * square + 1.0;
    let (x, y) = if quarter & 1 == 0 { (cosine, sine) } else { (sine, cosine) };
    let sign_x = (quarter.wrapping_add(1) & 2) << 30;
    let sign_y = (quarter & 2) << 30;
    [f32::from_bits(x.to_bits() ^ sign_x), f32::from_bits(y.to_bits() ^ sign_y)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words at both ends and spread between.
    fn words() -> impl Iterator<Item = u32> {
        let edges = (0..2000).flat_map(|word| [word, u32::MAX - word, (1 << 31) - 1000 + word]);
        let near_root_of_half = 3_037_000_499 - 1000..3_037_000_499 + 1000;
        edges.chain(near_root_of_half).chain((0..100_000).map(|index: u32| index.wrapping_mul(0x9E37_79B9)))
    }

    #[test]
    fn radius_agrees_with_double_precision() {
        for word in words() {
            // 1 − u is exact in double precision, and so is its logarithm's argument.
            let exact = (-2.0 * libm::log1p(-(f64::from(!word) + 0.5) / 4_294_967_296.0)).sqrt();
            let error = (f64::from(radius(word)) / exact - 1.0).abs();
            assert!(error < 4e-7, "word {word}: relative error {error:.1e}");
        }
        assert!((f64::from(radius(0)) - 6.763_8).abs() < 1e-3 && radius(u32::MAX) > 0.0);
    }

    #[test]
    fn direction_agrees_with_double_precision() {
        for word in words() {
            let angle = std::f64::consts::TAU * (f64::from(word) + 0.5) / 4_294_967_296.0;
            let (sine, cosine) = libm::sincos(angle);
            let [x, y] = direction(word).map(f64::from);
            assert!((x - cosine).abs() < 2e-7 && (y - sine).abs() < 2e-7, "word {word}: ({x}, {y})");
        }
    }

    /// The exact second moment over all 2³² words, of which a Gaussian's radius has 2 and its direction ½.
    #[test]
    #[ignore = "visits all 2^32 words: about a minute"]
    fn variance_over_all_words_is_one() {
        let (mut radii, mut directions) = (0.0, 0.0);
        for start in (0..=u32::MAX).step_by(1 << 16) {
            let (mut radius_sum, mut direction_sum) = (0.0, 0.0);
            for word in start..=start + 0xFFFF {
                radius_sum += f64::from(radius(word)).powi(2);
                direction_sum += f64::from(direction(word)[0]).powi(2);
            }
            radii += radius_sum;
            directions += direction_sum;
        }
        let variance = radii * directions / 2_f64.powi(64);
        println!("variance − 1 = {:.1e}", variance - 1.0);
        assert!((variance - 1.0).abs() < 1e-7);
    }
}
