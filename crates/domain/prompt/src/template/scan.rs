//! Splits a template into its tags and their words, with the line of each.

/// What a tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagKind {
    /// `{{ … }}`: writes a value.
    Value,
    /// `{% … %}`: decides or repeats.
    Statement,
}

/// One piece of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or number.
    Word(String),
    /// A text in quotation marks, by its length in characters.
    Text(usize),
    /// Anything else: `|`, `==`.
    Sign(String),
}

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) line: usize,
    pub(super) token: Token,
}

/// A tag and what stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) kind: TagKind,
    pub(super) line: usize,
    pub(super) tokens: Vec<Placed>,
}

/// Returns the tags of a text. Where the engine does not understand it, they are what they seem to be.
pub(super) fn tags(source: &str) -> Vec<Tag> {
    let mut scanner = Scanner { rest: source, line: 1 };
    std::iter::from_fn(|| scanner.next_tag()).collect()
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
}

impl Scanner<'_> {
    fn next_tag(&mut self) -> Option<Tag> {
        while !self.rest.is_empty() {
            if self.skip("{#") {
                while !self.rest.is_empty() && !self.skip("#}") {
                    self.step();
                }
            } else if self.skip("{{") {
                return Some(self.tag(TagKind::Value, "}}"));
            } else if self.skip("{%") {
                return Some(self.tag(TagKind::Statement, "%}"));
            } else {
                self.step();
            }
        }
        None
    }

    fn tag(&mut self, kind: TagKind, end: &str) -> Tag {
        let (line, mut tokens) = (self.line, Vec::new());
        // A sign at either end only says what becomes of the blanks around the tag.
        let _ = self.skip("-") || self.skip("+");
        while !self.rest.is_empty() {
            let ends = [end.to_owned(), format!("-{end}"), format!("+{end}")];
            if ends.iter().any(|end| self.skip(end)) {
                break;
            }
            let line = self.line;
            if let Some(token) = self.token() {
                tokens.push(Placed { line, token });
            }
        }
        Tag { kind, line, tokens }
    }

    fn token(&mut self) -> Option<Token> {
        let first = self.step()?;
        if first.is_whitespace() {
            return None;
        }
        if first == '"' || first == '\'' {
            return Some(Token::Text(self.text(first)));
        }
        if is_word(first) {
            let mut word = String::from(first);
            while let Some(next) = self.rest.chars().next().filter(|&c| is_word(c)) {
                word.push(next);
                self.step();
            }
            return Some(Token::Word(word));
        }
        let mut sign = String::from(first);
        if (first == '=' || first == '!') && self.skip("=") {
            sign.push('=');
        }
        Some(Token::Sign(sign))
    }

    /// Passes over a text in quotation marks, and returns how long it is.
    fn text(&mut self, quote: char) -> usize {
        let mut length = 0;
        while let Some(next) = self.step() {
            if next == quote {
                break;
            }
            if next == '\\' {
                self.step();
            }
            length += 1;
        }
        length
    }

    fn skip(&mut self, prefix: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(prefix) else { return false };
        self.rest = rest;
        true
    }

    fn step(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next()?;
        self.rest = chars.as_str();
        if next == '\n' {
            self.line += 1;
        }
        Some(next)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_lines_are_found() {
        let found = tags("a\n{{- \"}}\" | upper -}}\n{# {{ no }} #}{% if\nx != 'it\\'s' %}");
        let shown: Vec<_> = found.iter().map(|tag| (tag.kind, tag.line, tag.tokens.len())).collect();
        assert_eq!(shown, [(TagKind::Value, 2, 3), (TagKind::Statement, 3, 4)]);
        assert_eq!(found[1].tokens[1], Placed { line: 4, token: Token::Word("x".into()) });
        assert_eq!(found[1].tokens[2].token, Token::Sign("!=".into()));
        assert_eq!(found[1].tokens[3].token, Token::Text(4));
    }
}
