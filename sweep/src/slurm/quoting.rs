//! Text that a shell or Slurm shall take as it is.

/// One word of a POSIX shell that means `text`, whatever is in it.
#[must_use]
pub fn shell_quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+=:,@".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// One value of a line of `#SBATCH`, where sbatch knows quotes and backslashes but no variables.
pub(super) fn directive_quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    #[test]
    fn quoted_by_hand() {
        assert_eq!(shell_quoted("/a/b-1.toml"), "/a/b-1.toml");
        assert_eq!(shell_quoted("a b'; rm -r $HOME"), r"'a b'\''; rm -r $HOME'");
        assert_eq!(shell_quoted(""), "''");
        assert_eq!(directive_quoted(r#"/a "b\"#), r#""/a \"b\\""#);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_real_shell_gives_it_back(text in "[ -~äλ\n]{0,20}") {
            let script = format!("printf %s {}", shell_quoted(&text));
            let output = Command::new("sh").args(["-c", &script]).output().unwrap();
            prop_assert!(output.status.success());
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }
}
