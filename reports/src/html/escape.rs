//! Text from outside, made harmless in HTML text and attributes.

/// The text with markup characters as entities, and as spaces what neither HTML nor XML may hold:
/// control characters, save line breaks and tabs, and the two code points that are no characters.
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
            _ if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => safe.push(' '),
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn markup_and_control_characters_are_harmless() {
        assert_eq!(escaped("<a href=\"x\">&'\u{1b}[0m"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39; [0m");
    }
}
