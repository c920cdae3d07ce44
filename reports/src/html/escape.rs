//! Text from outside, made harmless in HTML text and attributes.

use glassbox_trajectories::printable;

/// The text with markup characters as entities. What does not print, save line breaks and tabs, is [written out](printable): HTML and
/// XML must not hold it, or it would turn the direction of the text around it.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(character),
            _ => safe.push_str(&printable(character.encode_utf8(&mut [0; 4]))),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn markup_and_control_characters_are_harmless() {
        let safe = escaped("<a href=\"x\">&'\u{1b}[0m\u{202e}\u{ffff}\n");
        assert_eq!(safe, "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\\u{1b}[0m\\u{202e}\\u{ffff}\n");
    }
}
