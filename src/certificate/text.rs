//! The certificate for a terminal.

use super::Certificate;
use super::figure::replicas;
use std::fmt;

impl fmt::Display for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{:<20} {:>7}  {:<11} {:>10}  caught by",
            "mutant", "caught", "interval", "replicas"
        )?;
        for row in &self.rows {
            let rate = row.any.rate;
            let caught = format!("{}/{}", rate.caught, rate.runs);
            let interval = format!("{:.2}–{:.2}", row.any.low, row.any.high);
            let needed = row.replicas_needed.map_or_else(|| "–".to_owned(), replicas);
            let kinds: Vec<&str> = row
                .by_kind
                .iter()
                .filter(|(_, detection)| detection.rate.caught > 0)
                .map(|(kind, _)| kind.heading())
                .collect();
            let kinds = if kinds.is_empty() { "–".to_owned() } else { kinds.join(", ") };
            writeln!(formatter, "{:<20} {caught:>7}  {interval:<11} {needed:>10}  {kinds}", row.mutant)?;
        }
        let (wrong, all) = (self.rows.iter().filter(|row| !row.correct), self.rows.len());
        let caught = wrong.clone().filter(|row| row.any.rate.caught == row.any.rate.runs).count();
        let alarms: u32 = self.rows.iter().filter(|row| row.correct).map(|row| row.any.rate.caught).sum();
        let correct = all - wrong.count();
        writeln!(formatter, "\n{caught} of {} mutants caught in every run", all - correct)?;
        if correct > 0 {
            writeln!(
                formatter,
                "{alarms} of {} runs of the correct program raised an alarm",
                self.repetitions
            )?;
        }
        Ok(())
    }
}
