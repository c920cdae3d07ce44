//! Text from outside for a terminal: it must not steer it, nor look like other text.

use std::borrow::Cow;

/// Text with everything that does not print written as Rust writes it: `\u{1b}`, `\r`, `\u{202e}`. That is control characters,
/// those that turn the direction of writing or have no width, private ones, and code points without a meaning. Line breaks and
/// tabs are among them; backslashes and quotes stay as they are.
///
/// ```
/// assert_eq!(glassbox_trajectories::printable("a\u{1b}[31m\u{202e}é"), "a\\u{1b}[31m\\u{202e}é");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(prints) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if prints(character) { safe.push(character) } else { safe.extend(character.escape_debug()) }
    }
    Cow::Owned(safe)
}

fn prints(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_control();
    }
    // Spaces of every width, of which Rust prints one only.
    if character.is_whitespace() && !matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}') {
        return true;
    }
    // Behind another character an accent of its own prints; alone it would be written as a number.
    let mut behind = [b'a', 0, 0, 0, 0];
    let length = character.encode_utf8(&mut behind[1..]).len();
    std::str::from_utf8(&behind[..=length]).is_ok_and(|text| text.escape_debug().eq(text.chars()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_written_out() {
        for character in [
            '\0', '\u{7}', '\u{8}', '\n', '\r', '\t', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}', '\u{ad}',
        ]
        .into_iter()
        .chain(
            "\u{200b}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}\u{feff}\u{e0041}"
                .chars(),
        ) {
            let text = format!("a{character}b");
            let safe = printable(&text);
            assert!(!safe.contains(character) && safe.starts_with("a\\") && safe.ends_with('b'), "{safe}");
        }
        for text in ["", "a \\ \"b\" 'c'", "é e\u{301} 日本\u{202f}\u{3000}Ω ✓ ─ 😀 µ"] {
            assert_eq!(printable(text), text);
        }
    }
}
