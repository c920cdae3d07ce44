//! Floating-point numbers as bytes, decoded a block at a time.

/// How a floating-point number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FloatFormat {
    pub(crate) width: FloatWidth,
    pub(crate) big_endian: bool,
}

/// Width of a stored number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FloatWidth {
    /// 32 bits.
    Single,
    /// 64 bits.
    Double,
}

impl FloatFormat {
    /// Bytes of one number.
    pub(crate) const fn size(self) -> usize {
        match self.width {
            FloatWidth::Single => 4,
            FloatWidth::Double => 8,
        }
    }

    /// Decodes `numbers.len()` numbers from the start of `bytes`, which has at least as many. One branch for the whole
    /// block, so that each loop becomes vector instructions.
    pub(crate) fn decode(self, bytes: &[u8], numbers: &mut [f64]) {
        match (self.width, self.big_endian) {
            (FloatWidth::Double, false) => convert(bytes, numbers, f64::from_le_bytes),
            (FloatWidth::Double, true) => convert(bytes, numbers, f64::from_be_bytes),
            (FloatWidth::Single, false) => {
                convert(bytes, numbers, |item| f64::from(f32::from_le_bytes(item)));
            }
            (FloatWidth::Single, true) => {
                convert(bytes, numbers, |item| f64::from(f32::from_be_bytes(item)));
            }
        }
    }
}

#[inline]
fn convert<const SIZE: usize>(bytes: &[u8], numbers: &mut [f64], number: impl Fn([u8; SIZE]) -> f64) {
    let (items, _) = bytes.as_chunks::<SIZE>();
    for (place, item) in numbers.iter_mut().zip(items) {
        *place = number(*item);
    }
}

/// Numbers whose finiteness is tested together.
const TESTED_TOGETHER: usize = 256;

/// Returns the position of the first number that is NaN or infinite.
pub fn first_not_finite(numbers: &[f64]) -> Option<usize> {
    let all_finite = |block: &[f64]| block.iter().fold(true, |finite, number| finite & number.is_finite());
    let block = numbers.chunks(TESTED_TOGETHER).position(|block| !all_finite(block))?;
    let start = block * TESTED_TOGETHER;
    numbers[start..].iter().position(|number| !number.is_finite()).map(|index| start + index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_gives_the_same_numbers() {
        let singles: Vec<f32> = (0..37_u8).map(|index| f32::from(index) * 0.1 - 1.7).collect();
        let expected: Vec<f64> = singles.iter().map(|number| f64::from(*number)).collect();
        let bytes: [(FloatWidth, bool, Vec<u8>); 4] = [
            (FloatWidth::Single, false, singles.iter().flat_map(|number| number.to_le_bytes()).collect()),
            (FloatWidth::Single, true, singles.iter().flat_map(|number| number.to_be_bytes()).collect()),
            (FloatWidth::Double, false, expected.iter().flat_map(|number| number.to_le_bytes()).collect()),
            (FloatWidth::Double, true, expected.iter().flat_map(|number| number.to_be_bytes()).collect()),
        ];
        for (width, big_endian, bytes) in bytes {
            let format = FloatFormat { width, big_endian };
            assert_eq!(bytes.len(), format.size() * expected.len());
            let mut numbers = vec![0.0; expected.len()];
            format.decode(&bytes, &mut numbers);
            assert_eq!(numbers, expected, "{format:?}");
        }
    }

    #[test]
    fn the_first_number_that_is_not_finite_is_found_anywhere() {
        let mut numbers = vec![f64::MAX; 3 * TESTED_TOGETHER + 5];
        assert_eq!(first_not_finite(&numbers), None);
        numbers[3 * TESTED_TOGETHER + 4] = f64::NAN;
        for index in [3 * TESTED_TOGETHER + 4, 2 * TESTED_TOGETHER, 255, 0] {
            numbers[index] = if index % 2 == 0 { f64::NEG_INFINITY } else { f64::NAN };
            assert_eq!(first_not_finite(&numbers), Some(index));
        }
        assert_eq!(first_not_finite(&[]), None);
    }
}
