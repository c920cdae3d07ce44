//! The Python dictionary in a NumPy header, taken as strictly as NumPy does: exactly three keys, each once, nothing behind.
//!
//! Why not a crate: `ndarray-npy` and `npyz` read headers by grammars of Python literals, but hand out whole arrays or one
//! number after the other, not blocks; and what is needed of the grammar is this.

/// The three values of the dictionary.
#[derive(Debug)]
pub(super) struct Literal<'a> {
    /// The type, such as `<f8`.
    pub(super) description: &'a str,
    pub(super) fortran_order: bool,
    pub(super) shape: Vec<usize>,
}

/// Most dimensions of an array: NumPy 2 allows 64.
const MOST_DIMENSIONS: usize = 64;

impl<'a> Literal<'a> {
    /// Parses the text of a header; the error says what is wrong, in words.
    pub(super) fn parse(text: &'a str) -> Result<Self, String> {
        let mut rest = Rest(text.trim_start_matches([' ', '\t']));
        let (mut description, mut fortran_order, mut shape) = (None, None, None);
        rest.need("{")?;
        while !rest.take("}") {
            let key = rest.string()?;
            rest.need(":")?;
            let doubled = match key {
                "descr" => {
                    if rest.is_at(['[', '(']) {
                        return Err("is a structured array; plain numbers are needed".to_owned());
                    }
                    description.replace(rest.string()?).is_some()
                }
                "fortran_order" => fortran_order.replace(rest.truth()?).is_some(),
                "shape" => shape.replace(rest.tuple()?).is_some(),
                other => {
                    let other = other.escape_debug();
                    return Err(format!("has a header with the key '{other}', which NumPy does not know"));
                }
            };
            if doubled {
                return Err(format!("has a header with the key '{key}' twice"));
            }
            if !rest.take(",") {
                rest.need("}")?;
                break;
            }
        }
        if !rest.0.trim_start_matches(BLANK).is_empty() {
            return Err(rest.wrong("nothing may stand behind the dictionary"));
        }
        let missing = |key: &str| format!("has a header without '{key}'");
        Ok(Self {
            description: description.ok_or_else(|| missing("descr"))?,
            fortran_order: fortran_order.ok_or_else(|| missing("fortran_order"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }
}

/// What separates words inside brackets.
const BLANK: [char; 5] = [' ', '\t', '\n', '\r', '\x0c'];

/// The text that was not yet taken.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn wrong(&self, what: &str) -> String {
        let shown: String = self.0.trim_end().chars().take(20).flat_map(char::escape_debug).collect();
        format!("has a header that is damaged: {what}, before '{shown}'")
    }

    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_start_matches(BLANK);
    }

    fn is_at(&mut self, marks: [char; 2]) -> bool {
        self.skip_blanks();
        self.0.starts_with(marks)
    }

    /// Takes `mark`, if it is next.
    fn take(&mut self, mark: &str) -> bool {
        self.skip_blanks();
        let rest = self.0.strip_prefix(mark);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn need(&mut self, mark: &str) -> Result<(), String> {
        if self.take(mark) { Ok(()) } else { Err(self.wrong(&format!("'{mark}' is needed"))) }
    }

    /// A string in single or double quotes, without escapes.
    fn string(&mut self) -> Result<&'a str, String> {
        let quote = if self.take("'") {
            '\''
        } else if self.take("\"") {
            '"'
        } else {
            return Err(self.wrong("a string is needed"));
        };
        let (string, rest) = self.0.split_once(quote).ok_or_else(|| self.wrong("a string does not end"))?;
        if string.contains(['\\', '\n', '\r']) {
            return Err(self.wrong("a string has an escape"));
        }
        self.0 = rest;
        Ok(string)
    }

    /// Takes letters and digits, as many as there are.
    fn word(&mut self) -> &'a str {
        self.skip_blanks();
        let end = self.0.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let (word, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        word
    }

    fn truth(&mut self) -> Result<bool, String> {
        match self.word() {
            "True" => Ok(true),
            "False" => Ok(false),
            _ => Err("has a header whose 'fortran_order' is neither True nor False".to_owned()),
        }
    }

    /// A tuple of lengths: `()`, `(3,)`, `(2, 3)` or `(2, 3,)`.
    fn tuple(&mut self) -> Result<Vec<usize>, String> {
        if !self.take("(") {
            return Err(self.wrong("'shape' is not a tuple"));
        }
        let mut lengths = Vec::new();
        while !self.take(")") {
            lengths.push(self.length()?);
            if lengths.len() > MOST_DIMENSIONS {
                return Err(format!("has a shape of more than {MOST_DIMENSIONS} dimensions"));
            }
            if !self.take(",") {
                self.need(")")?;
                if lengths.len() == 1 {
                    return Err(
                        "has a header whose 'shape' is not a tuple, but a number in brackets".to_owned()
                    );
                }
                break;
            }
        }
        Ok(lengths)
    }

    /// A length in decimal digits. Python 2 wrote long ones with an L.
    fn length(&mut self) -> Result<usize, String> {
        self.skip_blanks();
        let before = Rest(self.0);
        let word = self.word();
        let digits = word.strip_suffix('L').unwrap_or(word);
        let sound = !digits.is_empty()
            && digits.bytes().all(|digit| digit.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        let length = if sound { digits.parse().ok() } else { None };
        length.ok_or_else(|| before.wrong("a length is needed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_numpy_takes_is_taken() {
        for (text, order, shape) in [
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }      \n", false, vec![2, 3]),
            ("{'descr' : '<f8' , 'fortran_order' :True, 'shape': (2,3,)}", true, vec![2, 3]),
            ("  {\"shape\": (7,), \"fortran_order\": False, \"descr\": \"<f8\"}", false, vec![7]),
            ("{'descr': '<f8',\n 'fortran_order': False,\n 'shape': ()}", false, vec![]),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (10L, 0)}", false, vec![10, 0]),
        ] {
            let literal = Literal::parse(text).unwrap();
            assert_eq!(
                (literal.description, literal.fortran_order, literal.shape),
                ("<f8", order, shape),
                "{text}"
            );
        }
    }

    #[test]
    fn what_numpy_refuses_is_refused() {
        let sound = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }";
        for (from, to, expected) in [
            ("}", "} 1", "nothing may stand behind"),
            ("}", "}}", "nothing may stand behind"),
            ("}", "", "a string is needed"),
            ("False", "Falsehood", "neither True nor False"),
            ("False", "0", "neither True nor False"),
            ("(2, 3)", "(2, 3), 'shape': (2, 3)", "the key 'shape' twice"),
            ("'descr'", "'descr': '<f4', 'descr'", "the key 'descr' twice"),
            ("'descr'", "'extra': 1, 'descr'", "the key 'extra'"),
            ("'descr'", "descr", "a string is needed"),
            ("'descr': '<f8', ", "", "without 'descr'"),
            ("'fortran_order': False, ", "", "without 'fortran_order'"),
            ("'shape': (2, 3), ", "", "without 'shape'"),
            ("'<f8'", "'<f8' '<f4'", "'}' is needed"),
            ("'<f8'", "[('a', '<f8')]", "structured"),
            ("(2, 3)", "[2, 3]", "'shape' is not a tuple"),
            ("(2, 3)", "(2)", "not a tuple"),
            ("(2, 3)", "(,)", "a length is needed"),
            ("(2, 3)", "(2,, 3)", "a length is needed"),
            ("(2, 3)", "(-2, 3)", "a length is needed"),
            ("(2, 3)", "(02, 3)", "a length is needed"),
            ("(2, 3)", "(2.0, 3)", "')' is needed"),
            ("(2, 3)", "(1_0, 3)", "a length is needed"),
            ("(2, 3)", "(99999999999999999999, 3)", "a length is needed"),
            ("(2, 3)", "(2 3)", "')' is needed"),
            (", 'shape'", " 'shape'", "'}' is needed"),
        ] {
            let text = sound.replacen(from, to, 1);
            let refusal = Literal::parse(&text).unwrap_err();
            assert!(refusal.contains(expected), "{text}: {refusal}");
        }
        assert!(Literal::parse("").unwrap_err().contains("'{' is needed"));
    }
}
