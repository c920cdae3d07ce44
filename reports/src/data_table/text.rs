//! A table as text: aligned for a terminal, or CSV.

use super::DataTable;
use crate::csv::field;
use std::fmt::Write;

impl DataTable {
    /// Aligned columns under their names, every digit shown; `-` where there is no number.
    pub fn to_text(&self) -> String {
        let cells: Vec<Vec<String>> = self
            .columns
            .iter()
            .map(|column| {
                let numbers = column.values.iter().map(|value| value.map_or("-".to_owned(), shortest));
                std::iter::once(column.name.clone()).chain(numbers).collect()
            })
            .collect();
        let widths: Vec<usize> =
            cells.iter().map(|column| column.iter().map(String::len).max().unwrap_or(0)).collect();
        let mut text = String::new();
        for row in 0..=self.rows() {
            for (column, width) in cells.iter().zip(&widths) {
                let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "  " };
                // A String takes everything.
                let _ = write!(text, "{gap}{:>width$}", column[row]);
            }
            text.push('\n');
        }
        text
    }

    /// CSV (cells as in RFC 4180), behind lines that begin with `# `: the facts and the meaning of the columns.
    pub fn to_csv(&self) -> String {
        let mut text = format!("# {}\n", self.title);
        for (name, value) in &self.facts {
            let _ = writeln!(text, "# {name}: {value}");
        }
        for column in &self.columns {
            let _ = writeln!(text, "# {} = {}", column.name, column.meaning);
        }
        let names: Vec<String> = self.columns.iter().map(|column| field(&column.name)).collect();
        text += &(names.join(",") + "\n");
        for row in 0..self.rows() {
            let cells: Vec<String> = self
                .columns
                .iter()
                .map(|column| column.values[row].map_or(String::new(), shortest))
                .collect();
            text += &(cells.join(",") + "\n");
        }
        text
    }
}

/// The shortest digits that read back as the same number.
fn shortest(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

#[cfg(test)]
mod tests {
    use crate::DataTable;

    fn table() -> DataTable {
        let column =
            |numbers: &[f64]| numbers.iter().map(|number| Some(*number).filter(|n| !n.is_nan())).collect();
        DataTable::new("well", "A well")
            .with_fact("mobility", "0.001")
            .with_column("lag", "time", column(&[1.0, 1e6, f64::INFINITY]))
            .unwrap()
            .with_column("overlap", "fraction, within", column(&[0.1 + 0.2, 1e-300, f64::NAN]))
            .unwrap()
    }

    #[test]
    fn text_is_aligned_and_holds_every_digit() {
        insta::assert_snapshot!(table().to_text(), @r"
            lag              overlap
              1  0.30000000000000004
        1000000               1e-300
            inf                    -
        ");
    }

    #[test]
    fn csv_says_what_its_columns_are() {
        insta::assert_snapshot!(table().to_csv(), @r"
        # A well
        # mobility: 0.001
        # lag = time
        # overlap = fraction, within
        lag,overlap
        1,0.30000000000000004
        1000000,1e-300
        inf,
        ");
    }

    #[test]
    fn numbers_read_back_the_same() {
        for number in [1e-5, 123_456_789.123_456_79, 5e-324, f64::MAX, -0.0, 1e16, 9.999_999_999_999_998e15] {
            assert_eq!(super::shortest(number).parse::<f64>().unwrap().to_bits(), number.to_bits());
        }
    }
}
