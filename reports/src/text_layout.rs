//! Room that text takes, estimated: the reader's fonts are unknown, so estimates are generous.

use crate::theme::LINE_SPACING;

/// Width of a text in layout units at a font size, for a wide sans-serif face.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(character_width).sum::<f64>() * size
}

/// Height of a number of lines.
pub(crate) fn height(lines: usize, size: f64) -> f64 {
    lines as f64 * size * LINE_SPACING
}

fn character_width(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '\'' | '|' | '!' | '.' | ',' | ':' | ';' | ' ' => 0.34,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | '·' => 0.42,
        '⁰' | '¹' | '²' | '³' | '⁴'..='⁹' | '⁻' => 0.44,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' | '…' => 0.95,
        '+' | '−' | '×' | '±' | '=' | '<' | '>' | '≤' | '≥' => 0.8,
        'A'..='Z' => 0.72,
        '0'..='9' => 0.62,
        // East Asian wide characters and beyond
        '\u{1100}'.. if character >= '\u{2e80}' => 1.05,
        _ => 0.61,
    }
}

/// Text broken at spaces so that each line fits; a word longer than a line is cut.
pub(crate) fn wrap(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let word = shorten(word, size, room);
        let joined = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
        if width(&joined, size) <= room {
            line = joined;
        } else {
            lines.push(std::mem::replace(&mut line, word));
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Text cut to fit, with an ellipsis where something is missing.
pub(crate) fn shorten(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = width("…", size);
    for character in text.chars() {
        used += character_width(character) * size;
        if used > room {
            break;
        }
        kept.push(character);
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{shorten, width, wrap};

    #[test]
    fn lines_fit_whatever_the_words() {
        let text = format!("difference from the law {} in standard errors", "x".repeat(300));
        for room in [40.0, 100.0, 300.0] {
            let lines = wrap(&text, 10.0, room);
            assert!(lines.iter().all(|line| width(line, 10.0) <= room), "{lines:?}");
        }
        assert!(wrap("  ", 10.0, 50.0).is_empty());
        assert_eq!(shorten("abc", 10.0, 100.0), "abc");
    }
}
