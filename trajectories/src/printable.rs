//! Text from outside for a terminal: it must not steer it, nor look like other text.

use std::borrow::Cow;

/// Text with everything that does not print written as Rust writes it: `\u{1b}`, `\r`, `\u{202e}`. That is control characters,
/// those that turn the direction of writing or have no width, private ones, and code points without a meaning. Line breaks and
/// tabs are among them; backslashes and quotes stay as they are. Of a text of more than 1,000 bytes the first 500 and the last
/// 200 are left, with `…` between.
///
/// ```
/// assert_eq!(glassbox_trajectories::printable("a\u{1b}[31m\u{202e}é"), "a\\u{1b}[31m\\u{202e}é");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    let is_long = text.len() > LONGEST;
    if !is_long && text.chars().all(prints) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len().min(LONGEST) + 8);
    let mut write = |part: &str| {
        for character in part.chars() {
            if prints(character) { safe.push(character) } else { safe.extend(character.escape_debug()) }
        }
    };
    if is_long {
        write(&text[..text.floor_char_boundary(BEGINNING)]);
        write("…");
        write(&text[text.ceil_char_boundary(text.len() - END)..]);
    } else {
        write(text);
    }
    Cow::Owned(safe)
}

/// Bytes of a text that is shown whole; of a longer one the beginning and the end are.
const LONGEST: usize = 1000;
const BEGINNING: usize = 500;
const END: usize = 200;

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
        let long = printable(&"é".repeat(600)).into_owned();
        assert_eq!(long, format!("{}…{}", "é".repeat(250), "é".repeat(100)));
        for text in ["", "a \\ \"b\" 'c'", "é e\u{301} 日本\u{202f}\u{3000}Ω ✓ ─ 😀 µ"] {
            assert_eq!(printable(text), text);
        }
    }
}
