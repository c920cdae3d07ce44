//! Is the noise of one replica that of another, perhaps shifted in time or from weight to weight?
//!
//! Each replica keeps a block of its innovations. The correlation r of two blocks of n independent Gaussian numbers makes
//! `r √((n − 1)/(1 − r²))` Student's t with n − 1 degrees of freedom, exactly, whatever their variances. The largest of
//! all correlations is judged with the number of comparisons (Bonferroni).

use glassbox_instructions::interleaved_sum;
use glassbox_instructions::{InstructionSet, Loop};
use glassbox_oracle::special::gaussian_two_sided_tail;
use glassbox_oracle::tail_probability::student_p_value;
use glassbox_oracle::verdict::{Evidence, Sensitivity};

/// Innovations kept a replica at most.
pub(crate) const BLOCK: usize = 4096;

/// Multiplications spent on the search at most.
const WORK: f64 = 1e9;

/// Fewest numbers in a comparison.
const FEWEST: usize = 30;

/// A correlation that matters: copies have 1, a share of common noise has its size.
const TOLERANCE: f64 = 0.3;

/// The blocks of all replicas: `rows` times of `columns` weights each, and behind each row zeros, so that a block shifted by
/// weights meets no weight of another row.
#[derive(Clone, Debug)]
pub(crate) struct NoiseBlocks {
    /// Saved moves that make a row.
    moves: usize,
    rows: usize,
    columns: usize,
    blocks: Vec<Vec<f64>>,
}

/// A pair of replicas (or one with itself) at a shift in time and weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Likeness {
    pub(crate) first: usize,
    pub(crate) second: usize,
    pub(crate) rows: usize,
    pub(crate) columns: isize,
    pub(crate) correlation: f64,
    moves: usize,
    count: usize,
}

/// What a search has found.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    pub(crate) largest: Likeness,
    comparisons: f64,
    fewest: usize,
}

impl NoiseBlocks {
    /// Room for the first innovations of each replica: as nearly square as their numbers allow.
    /// A row is made of so many `moves`.
    pub(crate) fn new(replicas: usize, rows: usize, weights: usize, moves: usize) -> Self {
        let side = 64;
        // At least 64 numbers a replica are kept, however many replicas there are: at most 2²⁴ in all.
        let room = BLOCK.min(((1 << 24) / replicas.max(1)).max(64));
        let columns = weights.min(if rows < side { room / rows.max(1) } else { side }).max(1);
        let rows = rows.min(room / columns);
        Self { moves, rows, columns, blocks: vec![Vec::new(); replicas] }
    }

    /// Adds the innovations of a replica at row `row`.
    pub(crate) fn add(&mut self, replica: usize, row: usize, values: &[f64]) {
        if row < self.rows {
            let block = &mut self.blocks[replica];
            block.extend_from_slice(&values[..self.columns]);
            block.resize(block.len() + self.columns / 2, 0.0);
        }
    }

    /// Numbers from one row to the next.
    fn stride(&self) -> usize {
        self.columns + self.columns / 2
    }

    /// The largest correlation over pairs and shifts; `None` where nothing can be compared.
    pub(crate) fn search(&self) -> Option<Search> {
        let replicas = self.blocks.len();
        let size = self.rows * self.columns;
        if self.rows == 0 || size < FEWEST {
            return None;
        }
        let shifts = (self.rows / 2 + self.columns - self.columns.div_ceil(2)).max(1);
        let mut best: Option<Likeness> = None;
        let (mut comparisons, mut fewest) = (0.0, usize::MAX);
        let complete = self.blocks.iter().map(|block| block.len() / self.stride()).min().unwrap_or_default();
        let squares: Vec<Squares> = self
            .blocks
            .iter()
            .map(|block| Squares::of(block, complete, self.columns, self.stride()))
            .collect();
        let mut look = |first: usize, second: usize, rows: usize, columns: isize| {
            let shift = (rows, columns);
            let Some(likeness) = self.correlation((first, second), shift, complete, &squares) else { return };
            comparisons += 1.0;
            fewest = fewest.min(likeness.count);
            if best.is_none_or(|best| likeness.strength() > best.strength()) {
                best = Some(likeness);
            }
        };
        // Without a shift: all pairs, or as many neighbours as the work allows.
        let near = reach(replicas, size as f64);
        for first in 0..replicas {
            for second in first + 1..replicas.min(first + near + 1) {
                look(first, second, 0, 0);
            }
        }
        // With a shift: a replica with itself, and as many neighbours.
        let near = reach(replicas, 4.0 * size as f64 * shifts as f64);
        for first in 0..replicas {
            for second in first.saturating_sub(near)..replicas.min(first + near + 1) {
                for rows in 1..=self.rows / 2 {
                    look(first, second, rows, 0);
                }
                if first <= second {
                    for columns in 1..=(self.columns / 2).cast_signed() {
                        look(first, second, 0, columns);
                        if first != second {
                            look(first, second, 0, -columns);
                        }
                    }
                }
            }
        }
        best.map(|largest| Search { largest, comparisons, fewest })
    }

    /// Of the first of `pair` with the second looked at so many rows later, or so many columns further on, among `complete`
    /// rows.
    fn correlation(
        &self,
        (first, second): (usize, usize),
        (rows, columns): (usize, isize),
        complete: usize,
        squares: &[Squares],
    ) -> Option<Likeness> {
        // A shift back is one forth of the other.
        let (one, other) = if columns < 0 { (second, first) } else { (first, second) };
        let shift = columns.unsigned_abs();
        let width = self.columns - shift;
        let shared = complete.checked_sub(rows)?;
        let count = shared * width;
        if count < FEWEST {
            return None;
        }
        let (square, other_square) = if shift == 0 {
            (squares[one].rows_before[shared], squares[other].rows_from[rows])
        } else {
            (squares[one].columns_before[width], squares[other].columns_from[shift])
        };
        let later = &self.blocks[other][rows * self.stride() + shift..complete * self.stride()];
        let product = InstructionSet::fastest().run(Product(&self.blocks[one], later));
        let norm = (square * other_square).sqrt();
        // Blocks without any noise have no correlation; that they stand still is another check's finding.
        let correlation = if norm > 0.0 { (product / norm).clamp(-1.0, 1.0) } else { 0.0 };
        Some(Likeness { first, second, rows, columns, correlation, moves: self.moves, count })
    }
}

/// The sum of the products of two blocks, up to the end of the shorter one.
struct Product<'a>(&'a [f64], &'a [f64]);

impl Loop for Product<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        interleaved_sum(self.0, self.1, |one, other| one * other)
    }
}

/// Sums of the squares of a block: of its first rows or columns, and from a row or column on.
struct Squares {
    rows_before: Vec<f64>,
    rows_from: Vec<f64>,
    columns_before: Vec<f64>,
    columns_from: Vec<f64>,
}

impl Squares {
    fn of(block: &[f64], rows: usize, columns: usize, stride: usize) -> Self {
        let (mut of_rows, mut of_columns) = (vec![0.0; rows], vec![0.0; columns]);
        for (row, of_row) in block.chunks(stride).zip(&mut of_rows) {
            for (number, of_column) in row.iter().zip(&mut of_columns) {
                *of_row += number * number;
                *of_column += number * number;
            }
        }
        let running = |sums: &mut dyn Iterator<Item = &f64>| {
            let mut total = 0.0;
            let mut all = vec![0.0];
            all.extend(sums.map(|sum| {
                total += sum;
                total
            }));
            all
        };
        // Never a difference: it would lose what is small beside what is large.
        let from = |sums: &[f64]| {
            let mut all = running(&mut sums.iter().rev());
            all.reverse();
            all
        };
        Self {
            rows_before: running(&mut of_rows.iter()),
            rows_from: from(&of_rows),
            columns_before: running(&mut of_columns.iter()),
            columns_from: from(&of_columns),
        }
    }
}

/// How many neighbours each replica can be compared with; at least 1.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 1 and the number of replicas"
)]
fn reach(replicas: usize, work: f64) -> usize {
    (WORK / (replicas as f64 * work)).clamp(1.0, replicas as f64) as usize
}

impl Likeness {
    /// Minus the logarithm of the p-value, to leading order.
    fn strength(&self) -> f64 {
        -0.5 * self.count as f64 * libm::log1p(-self.correlation * self.correlation)
    }

    /// In words.
    pub(crate) fn described(&self) -> String {
        let whose = if self.first == self.second {
            format!("the noise of replica {} with itself", self.first)
        } else {
            format!("the noise of replica {} with that of replica {}", self.first, self.second)
        };
        let shift = match (self.rows, self.columns) {
            (0, 0) => String::new(),
            (0, columns) => format!(", shifted by {columns} weights"),
            (rows, _) => format!(", shifted by {} saved moves", rows * self.moves),
        };
        format!("correlation {:.3} of {whose}{shift}", self.correlation)
    }
}

impl Search {
    pub(crate) fn comparisons(&self) -> f64 {
        self.comparisons
    }

    /// Evidence that no two blocks are more correlated than `allowed` (0: not at all).
    pub(crate) fn evidence(&self, name: &str, allowed: f64) -> Evidence {
        let Likeness { correlation, count, .. } = self.largest;
        let single =
            if allowed == 0.0 { student(correlation, count) } else { beyond(correlation, allowed, count) };
        let effect_per_standard_error = (self.fewest as f64).sqrt().recip();
        Evidence {
            observed: correlation,
            predicted: 0.0,
            standard_error: Some((count as f64).sqrt().recip()),
            p_value: Some((single * self.comparisons).clamp(0.0, 1.0)),
            effect_measure: "correlation",
            effect: correlation,
            practical_tolerance: TOLERANCE + allowed,
            sensitivity: Sensitivity::Largest { effect_per_standard_error, comparisons: self.comparisons },
            sample_size: count as u64,
            effective_sample_size: count as f64,
            failure: None,
            ..Evidence::failed(name, 0, "")
        }
    }
}

/// Two-sided tail of Student's t for the correlation of independent Gaussian blocks.
fn student(correlation: f64, count: usize) -> f64 {
    let degrees_of_freedom = count as f64 - 1.0;
    let square = correlation * correlation;
    if square >= 1.0 {
        return 0.0;
    }
    let t = (square / (1.0 - square) * degrees_of_freedom).sqrt();
    student_p_value(t, degrees_of_freedom)
}

/// Tail of Fisher's transformation of a correlation whose true magnitude is at most `allowed`.
fn beyond(correlation: f64, allowed: f64, count: usize) -> f64 {
    let transformed = libm::atanh(correlation.abs().min(1.0 - 1e-15)) - libm::atanh(allowed);
    let z = transformed * (count as f64 - 3.0).sqrt();
    if z > 0.0 { gaussian_two_sided_tail(z) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassbox_simulations::noise::{NoiseStream, Purpose};

    /// Noise by replica, row and weight.
    type Noise = Vec<Vec<Vec<f64>>>;

    fn blocks(replicas: usize, rows: usize, weights: usize) -> (NoiseBlocks, Noise) {
        let noise = |replica: usize, row: usize| {
            let mut values = vec![0.0; weights];
            let replica = u32::try_from(replica).unwrap();
            NoiseStream::new(5, Purpose::Langevin, replica).gaussians(row as u64, &mut values);
            values
        };
        let all: Noise =
            (0..replicas).map(|replica| (0..rows).map(|row| noise(replica, row)).collect()).collect();
        (filled(&all), all)
    }

    fn filled(all: &[Vec<Vec<f64>>]) -> NoiseBlocks {
        let mut blocks = NoiseBlocks::new(all.len(), all[0].len(), all[0][0].len(), 1);
        for (replica, rows) in all.iter().enumerate() {
            for (row, values) in rows.iter().enumerate() {
                blocks.add(replica, row, values);
            }
        }
        blocks
    }

    /// Second route: the correlation number by number.
    #[test]
    fn correlations_are_those_of_single_numbers() {
        let (blocks, all) = blocks(3, 9, 11);
        let squares: Vec<Squares> =
            blocks.blocks.iter().map(|block| Squares::of(block, 9, 11, blocks.stride())).collect();
        for (first, second) in [(0, 1), (2, 2), (2, 0)] {
            for (rows, columns) in [(0, 0), (3, 0), (4, 0), (0, 1), (0, 5), (0, -4)] {
                let (mut product, mut square, mut other_square, mut count) = (0.0, 0.0, 0.0, 0);
                for row in 0..9 - rows {
                    for column in 0..11_usize {
                        let Some(other) = column.checked_add_signed(columns).filter(|other| *other < 11)
                        else {
                            continue;
                        };
                        let (one, other) = (all[first][row][column], all[second][row + rows][other]);
                        product += one * other;
                        square += one * one;
                        other_square += other * other;
                        count += 1;
                    }
                }
                let found = blocks.correlation((first, second), (rows, columns), 9, &squares).unwrap();
                assert_eq!(found.count, count);
                assert!((found.correlation - product / (square * other_square).sqrt()).abs() < 1e-14);
            }
        }
    }

    /// A false alarm has probability 1e-3 at this threshold; the seed is fixed.
    #[test]
    fn independent_noise_passes_and_every_copy_is_found() {
        let (independent, all) = blocks(5, 40, 20);
        let search = independent.search().unwrap();
        assert!(search.evidence("x", 0.0).p_value.unwrap() > 1e-3);
        let found = |change: &dyn Fn(&mut Noise)| {
            let mut copy = all.clone();
            change(&mut copy);
            let search = filled(&copy).search().unwrap();
            assert!(search.evidence("x", 0.0).p_value.unwrap() < 1e-30);
            // Copies are found even if correlations of 0.3 are allowed.
            let copied = search.largest.correlation > 0.9;
            assert!(!copied || search.evidence("x", 0.3).p_value.unwrap() < 1e-30);
            search.largest
        };
        let copied = found(&|all| all[3] = all[1].clone());
        assert_eq!((copied.first, copied.second, copied.rows, copied.columns), (1, 3, 0, 0));
        let later = found(&|all| all[2] = (0..40).map(|row| all[4][(row + 7) % 40].clone()).collect());
        // Replica 2 at row n has what replica 4 has at row n + 7.
        assert_eq!((later.first, later.second, later.rows), (2, 4, 7));
        let moved = found(&|all| {
            for row in 0..40 {
                let source = all[0][row].clone();
                all[1][row] = (0..20).map(|weight| source[(weight + 3) % 20]).collect();
            }
        });
        assert_eq!((moved.first, moved.second, moved.columns), (0, 1, -3));
        assert!(moved.described().contains("shifted by -3 weights"));
        let itself = found(&|all| {
            for row in &mut all[2] {
                for pair in row.chunks_mut(2) {
                    pair[1] = pair[0];
                }
            }
        });
        assert_eq!((itself.first, itself.second, itself.columns), (2, 2, 1));
    }

    /// Student's t of a correlation, against the density of r for 5 numbers: (1 − r²)·3/4 integrated by hand.
    #[test]
    fn the_tail_of_a_correlation_is_exact() {
        let tail = |r: f64| 1.0 - 1.5 * (r - r.powi(3) / 3.0);
        for r in [0.1, 0.5, 0.9] {
            assert!((student(r, 5) - tail(r)).abs() < 1e-12);
        }
        assert_eq!(student(1.0, 5), 0.0);
    }
}
