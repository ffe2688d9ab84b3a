//! Rust text without its comments and literals, so that a search finds code and nothing else.

use std::iter::Peekable;
use std::str::Chars;

/// Returns the text with comments, strings and characters left out and every line break kept.
pub fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('/', Some('/')) => skip_line(&mut letters),
            ('/', Some('*')) => skip_block(&mut letters, &mut code),
            ('"', _) => skip_string(&mut letters, &mut code),
            ('r', Some('"' | '#')) if !ends_in_word(&code) || ends_in_byte_prefix(&code) => {
                code.push('r');
                skip_raw_string(&mut letters, &mut code);
            }
            ('\'', _) => skip_character(&mut letters, &mut code),
            _ => code.push(letter),
        }
    }
    code
}

type Letters<'a> = Peekable<Chars<'a>>;

fn skip_line(letters: &mut Letters<'_>) {
    while letters.next_if(|letter| *letter != '\n').is_some() {}
}

/// Skips a block comment, whose `/` has been read; they nest.
fn skip_block(letters: &mut Letters<'_>, code: &mut String) {
    let mut depth = 0_usize;
    let mut previous = '/';
    for letter in letters {
        keep_line_break(letter, code);
        previous = match (previous, letter) {
            ('/', '*') => {
                depth += 1;
                ' '
            }
            ('*', '/') => {
                depth -= 1;
                ' '
            }
            _ => letter,
        };
        if depth == 0 {
            return;
        }
    }
}

/// Skips a string, whose opening quote has been read.
fn skip_string(letters: &mut Letters<'_>, code: &mut String) {
    while let Some(letter) = letters.next() {
        keep_line_break(letter, code);
        match letter {
            '"' => return,
            '\\' => letters.next().into_iter().for_each(|escaped| keep_line_break(escaped, code)),
            _ => {}
        }
    }
}

/// Skips a raw string, whose `r` has been read; a raw identifier such as `r#type` is none and is kept.
fn skip_raw_string(letters: &mut Letters<'_>, code: &mut String) {
    let mut hashes = 0_usize;
    while letters.next_if_eq(&'#').is_some() {
        hashes += 1;
    }
    if letters.next_if_eq(&'"').is_none() {
        return code.push('#');
    }
    let mut closing = None;
    for letter in letters {
        keep_line_break(letter, code);
        closing = match (letter, closing) {
            ('"', _) => Some(0),
            ('#', Some(seen)) => Some(seen + 1),
            _ => None,
        };
        if closing == Some(hashes) {
            return;
        }
    }
}

/// Skips a character literal, whose opening quote has been read; of a lifetime only the quote goes.
fn skip_character(letters: &mut Letters<'_>, code: &mut String) {
    if letters.next_if_eq(&'\\').is_some() {
        letters.next();
        while letters.next_if(|letter| *letter != '\'' && *letter != '\n').is_some() {}
        letters.next_if_eq(&'\'');
    } else if let Some(letter) = letters.next_if(|letter| *letter != '\n')
        && letters.next_if_eq(&'\'').is_none()
    {
        code.push(letter);
    }
}

fn keep_line_break(letter: char, code: &mut String) {
    if letter == '\n' {
        code.push('\n');
    }
}

fn ends_in_word(code: &str) -> bool {
    code.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
}

/// Tells whether the word so far is the `b` or `c` of a raw byte string or C string.
fn ends_in_byte_prefix(code: &str) -> bool {
    code.strip_suffix(['b', 'c']).is_some_and(|before| !ends_in_word(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_line_breaks_stay() {
        assert_eq!(code_only("a // b\n/* c\n/* d */ e */ f\n/// g\n"), "a \n\n f\n\n");
    }

    #[test]
    fn strings_go_with_what_they_escape() {
        assert_eq!(code_only(r#"f("a // b", "\"c", b"d") // e"#), "f(, , b) ");
    }

    #[test]
    fn raw_strings_end_where_their_hashes_do() {
        assert_eq!(code_only("r#\"a \"b\" // c\"# d r\"\\\" e br##\"f\"#\"## g"), "r d r e br g");
    }

    #[test]
    fn a_raw_identifier_and_a_word_that_ends_in_r_are_code() {
        assert_eq!(code_only("r#type error\"x\" y"), "r#type error y");
    }

    #[test]
    fn a_quote_as_a_character_opens_no_string() {
        assert_eq!(code_only("'\"' a '\\'' b '\\u{22}' c"), " a  b  c");
    }

    #[test]
    fn a_lifetime_is_code() {
        assert_eq!(code_only("fn f<'a>(x: &'a str, y: &'static str)"), "fn f<a>(x: &a str, y: &static str)");
    }
}
