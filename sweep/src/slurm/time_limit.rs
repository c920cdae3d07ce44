//! Time limits as Slurm writes them.

/// Seconds of `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, `days-hours:minutes` or
/// `days-hours:minutes:seconds`; `None` for anything else.
///
/// Stricter than Slurm: a field after the first stays below what makes one of the field before it.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let (days, rest) = match text.split_once('-') {
        Some((days, rest)) => (Some(number(days)?), rest),
        None => (None, text),
    };
    let fields: Vec<u64> = rest.split(':').map(number).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match (days, fields.as_slice()) {
        (None, [minutes]) => (0, *minutes, 0),
        (None, [minutes, seconds]) => (0, *minutes, below(*seconds, 60)?),
        (None, [hours, minutes, seconds]) => (*hours, below(*minutes, 60)?, below(*seconds, 60)?),
        (Some(_), [hours]) => (below(*hours, 24)?, 0, 0),
        (Some(_), [hours, minutes]) => (below(*hours, 24)?, below(*minutes, 60)?, 0),
        (Some(_), [hours, minutes, seconds]) => {
            (below(*hours, 24)?, below(*minutes, 60)?, below(*seconds, 60)?)
        }
        _ => return None,
    };
    Some(((days.unwrap_or(0) * 24 + hours) * 60 + minutes) * 60 + seconds)
}

/// Up to seven digits: nothing overflows.
fn number(text: &str) -> Option<u64> {
    let digits = (1..=7).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn below(value: u64, limit: u64) -> Option<u64> {
    (value < limit).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_of_slurm() {
        let day = 86_400;
        for (text, expected) in [
            ("90", 5_400),
            ("90:30", 5_430),
            ("2:03:04", 7_384),
            ("48:00:00", 2 * day),
            ("1-2", day + 7_200),
            ("1-2:03", day + 7_380),
            ("1-02:03:04", day + 7_384),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "-",
            "1-",
            "1:",
            "1:2:3:4",
            "1-24",
            "1:60",
            "1:60:00",
            "+1",
            "1h",
            " 1",
            "12345678",
            "1.5",
            "UNLIMITED",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
