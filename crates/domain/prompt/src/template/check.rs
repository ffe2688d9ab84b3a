//! Which tags a template may hold. What passes cannot fail when it is filled in: every name exists, every filter has
//! what it needs, and nothing is called, counted or repeated twice over.

use super::{
    TemplateFault, filters,
    scan::{Placed, Tag, TagKind, Token, tags},
};
use crate::facts::{LISTS, TEXTS};

/// The most words, texts and signs of one tag: the engine works on them level by level, on a stack that ends.
const MOST_TOKENS: usize = 200;
/// The most `elif` of a text: for the engine each stands in the one before.
const MOST_ELIFS: usize = 100;
/// The longest text that stands between the items of a list, in characters.
const MOST_BETWEEN: usize = 20;
/// What a loop knows of itself.
const LOOP: &[&str] = &["loop.first", "loop.index", "loop.last"];
/// Words that join conditions.
const OPERATORS: &[&str] = &["and", "or", "not"];
/// Words that are values.
const CONSTANTS: &[&str] = &["true", "false", "none"];
/// Signs that stand between values.
const SIGNS: &[&str] = &["==", "!=", "~"];

/// Looks at every tag of a text.
pub(super) fn check(source: &str) -> Result<(), Vec<TemplateFault>> {
    let (mut faults, mut item, mut elifs) = (Vec::new(), None, 0);
    for tag in tags(source) {
        let outcome = match tag.kind {
            _ if tag.tokens.len() > MOST_TOKENS => Err(too_long(&tag)),
            TagKind::Value => Expression::of(&tag.tokens, tag.line, item.as_deref()).check(),
            TagKind::Statement => statement(&tag, &mut item),
        };
        faults.extend(outcome.err());
        elifs += usize::from(tag.tokens.first().is_some_and(|first| shown(&first.token) == "elif"));
        if elifs > MOST_ELIFS {
            let message = format!("a text holds at most {MOST_ELIFS} `elif`; end one `if` and begin another");
            faults.push(TemplateFault::new(tag.line, message));
            break;
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn too_long(tag: &Tag) -> TemplateFault {
    TemplateFault::new(
        tag.line,
        format!("a tag holds at most {MOST_TOKENS} words, texts and signs; split it"),
    )
}

/// Tells whether a name that the engine has found is a fact or leads to one.
pub(super) fn is_reachable(name: &str) -> bool {
    let is_fact =
        |fact: &str| fact == name || fact.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    TEXTS.iter().chain(LISTS).any(|fact| is_fact(fact))
}

fn statement(tag: &Tag, item: &mut Option<String>) -> Result<(), TemplateFault> {
    let Some((first, rest)) = tag.tokens.split_first() else {
        return Err(TemplateFault::new(tag.line, "this tag is empty"));
    };
    match (&first.token, rest) {
        (Token::Word(word), _) if word == "if" || word == "elif" => {
            Expression::of(rest, tag.line, item.as_deref()).check()
        }
        (Token::Word(word), []) if word == "else" || word == "endif" => Ok(()),
        (Token::Word(word), []) if word == "endfor" => {
            *item = None;
            Ok(())
        }
        (Token::Word(word), _) if word == "for" => {
            if item.is_some() {
                return Err(TemplateFault::new(tag.line, "a `for` may not stand in another"));
            }
            // Also where the loop is not usable, so that its body is not complained about.
            if let Some(Token::Word(name)) = rest.first().map(|placed| &placed.token) {
                *item = Some(name.clone());
            }
            repeat(tag.line, rest)
        }
        _ => Err(TemplateFault::new(tag.line, "use only `if`, `elif`, `else`, `endif`, `for` and `endfor`")),
    }
}

/// Looks at what follows `for`: a name of one's own, `in`, and a fact that is a list.
fn repeat(line: usize, tokens: &[Placed]) -> Result<(), TemplateFault> {
    let words: Vec<&Token> = tokens.iter().map(|placed| &placed.token).collect();
    let [Token::Word(name), Token::Word(of), list @ ..] = words.as_slice() else {
        return Err(TemplateFault::new(line, "write it as in `for service in business.services`"));
    };
    let is_taken = |taken: &str| TEXTS.iter().chain(LISTS).chain(LOOP).any(|fact| root(fact) == taken);
    if is_taken(name) || OPERATORS.contains(&name.as_str()) || CONSTANTS.contains(&name.as_str()) {
        return Err(TemplateFault::new(line, format!("`{name}` is taken; call the item something else")));
    }
    let list: String = list.iter().map(|token| shown(token)).collect();
    if of != "in" || !LISTS.contains(&list.as_str()) {
        let lists = LISTS.join("`, `");
        return Err(TemplateFault::new(line, format!("a `for` runs over `{lists}`, and nothing else")));
    }
    Ok(())
}

/// Looks at an expression from its first token to its last.
struct Expression<'a> {
    tokens: &'a [Placed],
    line: usize,
    /// What the item of the loop around is called.
    item: Option<&'a str>,
    /// The token before.
    last: Option<&'a Token>,
}

impl<'a> Expression<'a> {
    fn of(tokens: &'a [Placed], line: usize, item: Option<&'a str>) -> Self {
        Self { tokens, line, item, last: None }
    }

    fn check(mut self) -> Result<(), TemplateFault> {
        while let Some(token) = self.next() {
            match token {
                Token::Text(_) => {}
                Token::Word(word) if word == "in" => self.membership()?,
                Token::Word(word) if OPERATORS.contains(&word.as_str()) => {}
                Token::Word(word) if CONSTANTS.contains(&word.as_str()) => {}
                Token::Word(word) => {
                    let path = self.path(word);
                    self.variable(&path)?;
                    self.no_call()?;
                }
                Token::Sign(sign) if sign == "|" => self.filter()?,
                Token::Sign(sign) if sign == "(" || SIGNS.contains(&sign.as_str()) => {}
                Token::Sign(sign) if sign == ")" => self.no_call()?,
                Token::Sign(sign) => {
                    return Err(
                        self.fault(format!("`{sign}` has no place here; compare, join and filter only"))
                    );
                }
            }
            if matches!(token, Token::Text(_)) {
                self.no_call()?;
            }
            self.last = Some(token);
        }
        Ok(())
    }

    fn next(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        self.line = first.line;
        Some(&first.token)
    }

    fn peek(&self) -> Option<&'a Token> {
        self.tokens.first().map(|placed| &placed.token)
    }

    /// Reads on as long as names follow one another with dots between.
    fn path(&mut self, first: &str) -> String {
        let mut path = first.to_owned();
        while let [Placed { token: Token::Sign(dot), .. }, Placed { token: Token::Word(word), .. }, rest @ ..] =
            self.tokens
            && dot == "."
        {
            path.push('.');
            path.push_str(word);
            self.tokens = rest;
        }
        path
    }

    fn variable(&self, path: &str) -> Result<(), TemplateFault> {
        let in_loop = self.item.is_some_and(|item| item == path || LOOP.contains(&path));
        if in_loop || TEXTS.contains(&path) || LISTS.contains(&path) {
            return Ok(());
        }
        Err(self.fault(format!("there is no variable `{path}`")))
    }

    fn filter(&mut self) -> Result<(), TemplateFault> {
        let Some(Token::Word(name)) = self.next() else {
            return Err(self.fault("name a filter after `|`"));
        };
        if filters::PLAIN.contains(&name.as_str()) {
            return self.no_call();
        }
        if !filters::WITH_TEXT.contains(&name.as_str()) {
            let known: Vec<_> = filters::PLAIN.iter().chain(filters::WITH_TEXT).copied().collect();
            return Err(self.fault(format!("there is no filter `{name}`; there are {}", known.join(", "))));
        }
        let most = if name == "join" { MOST_BETWEEN } else { usize::MAX };
        let argument = [self.next().cloned(), self.next().cloned(), self.next().cloned()];
        match argument {
            [Some(Token::Sign(open)), Some(Token::Text(length)), Some(Token::Sign(close))]
                if open == "(" && close == ")" && length <= most =>
            {
                self.no_call()
            }
            _ if name == "join" => {
                Err(self
                    .fault(format!("write join(\", \") with a text of at most {MOST_BETWEEN} characters")))
            }
            _ => Err(self.fault("write default(\"…\") with one text")),
        }
    }

    /// Looks at what stands around `in`: a text before, a fact behind.
    fn membership(&mut self) -> Result<(), TemplateFault> {
        let is_text_before = match self.last {
            Some(Token::Text(_)) => true,
            Some(Token::Word(word)) => word == "not",
            Some(Token::Sign(_)) | None => false,
        };
        let is_fact_behind = match self.next() {
            Some(Token::Word(word)) => {
                let path = self.path(word);
                self.variable(&path)?;
                !LOOP.contains(&path.as_str())
            }
            Some(Token::Text(_) | Token::Sign(_)) | None => false,
        };
        if is_text_before && is_fact_behind {
            return self.no_call();
        }
        Err(self.fault("`in` stands between a text and a fact, as in `\"es\" in business.languages`"))
    }

    fn no_call(&self) -> Result<(), TemplateFault> {
        match self.peek() {
            Some(Token::Sign(sign)) if sign == "(" || sign == "." || sign == "[" => {
                Err(self.fault("nothing may be called or looked into here"))
            }
            _ => Ok(()),
        }
    }

    fn fault(&self, message: impl Into<String>) -> TemplateFault {
        TemplateFault::new(self.line, message)
    }
}

fn root(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

fn shown(token: &Token) -> &str {
    match token {
        Token::Word(word) => word,
        Token::Sign(sign) => sign,
        Token::Text(_) => "\"",
    }
}

#[cfg(test)]
mod tests {
    use crate::template::Template;

    fn refused(source: &str) -> (usize, String) {
        let Err(mut faults) = Template::compile(source) else { panic!("taken in: {source}") };
        let fault = faults.remove(0);
        (fault.line, fault.message)
    }

    #[test]
    fn an_unknown_variable_is_named_with_its_line() {
        let (line, message) = refused("one\ntwo {{ business.owner }}");
        assert_eq!((line, message.as_str()), (2, "there is no variable `business.owner`"));
        assert_eq!(refused("{% if a\n and b %}{% endif %}").0, 1);
        for source in ["{{ foo }}", "{{ business }}", "{{ contact.phone }}", "{{ item }}", "{{ loop.index }}"]
        {
            assert!(refused(source).1.starts_with("there is no variable"), "{source}");
        }
    }

    #[test]
    fn an_unknown_filter_is_named_also_where_it_would_not_run() {
        let (line, message) = refused("{% if false %}\n{{ now | shout }}{% endif %}");
        assert_eq!(line, 2);
        assert!(message.starts_with("there is no filter `shout`; there are lower"), "{message}");
    }

    #[test]
    fn nothing_is_included_set_defined_called_or_counted() {
        for source in [
            "{% include \"x\" %}",
            "{% extends \"x\" %}",
            "{% set a = 1 %}",
            "{% macro a() %}{% endmacro %}",
            "{% raw %}{{ x }}{% endraw %}",
            "{% with a = 1 %}{% endwith %}",
            "{{ range(1000000) }}",
            "{{ now.upper() }}",
            "{{ \"a\".upper() }}",
            "{{ (now)() }}",
            "{{ business[\"owner\"] }}",
            "{{ [1, 2] }}",
            "{{ {\"a\": 1} }}",
            "{{ now * 3 }}",
            "{{ now - 1 }}",
            "{{ 5 }}",
            "{{ \"a\" if now }}",
            "{{ now is string }}",
            "{{ now | join }}",
            "{{ now | join(now) }}",
            "{{ now | join(\"123456789012345678901\") }}",
            "{{ now | upper(\"a\") }}",
            "{{ now | default(\"a\", true) }}",
            "{{ now in now }}",
            "{{ \"a\" in \"abc\" }}",
        ] {
            refused(source);
        }
    }

    #[test]
    fn a_text_is_refused_before_the_engine_runs_out_of_stack() {
        for (first, more, last) in [
            ("{{ now", " ~ now", " }}"),
            ("{{ now", " | trim", " }}"),
            ("{% if now", " or now", " %}{% endif %}"),
        ] {
            let (line, message) = refused(&format!("one\n{first}{}{last}", more.repeat(2_000)));
            assert_eq!((line, message.starts_with("a tag holds at most 200")), (2, true), "{message}");
            assert!(Template::compile(&format!("{first}{}{last}", more.repeat(99))).is_ok());
        }
        let elifs = |count: usize| format!("{{% if now %}}{}{{% endif %}}", "{% elif now %}\n".repeat(count));
        let (line, message) = refused(&elifs(1_000));
        assert_eq!((line, message.starts_with("a text holds at most 100")), (101, true), "{message}");
        assert!(Template::compile(&elifs(100)).is_ok());
    }

    #[test]
    fn a_loop_runs_over_a_list_and_holds_no_other() {
        let nested =
            "{% for a in business.services %}{% for b in business.services %}{% endfor %}{% endfor %}";
        assert!(refused(nested).1.contains("may not stand in another"));
        for source in [
            "{% for a in business.name %}{% endfor %}",
            "{% for a, b in business.services %}{% endfor %}",
            "{% for business in business.services %}{% endfor %}",
            "{% for a in business.services if a %}{% endfor %}",
            "{% for a in business.services %}{{ a.b }}{% endfor %}",
            "{% for a in business.services %}{% endfor %}{{ a }}",
            "{% for a in business.services %}{{ \"1\" in loop.index }}{% endfor %}",
        ] {
            refused(source);
        }
    }

    #[test]
    fn every_fault_is_told_at_once() {
        assert_eq!(Template::compile("{{ a }}\n{{ b | c }}\n{{ now | d }}").unwrap_err().len(), 3);
    }

    #[test]
    fn what_is_useful_is_taken_in() {
        for source in [
            "{% for a in business.services %}{{ loop.index }}. {{ a }}{% if not loop.last %},{% endif %}{% endfor %}",
            "{% if (channel == \"sms\" or channel != 'voice') and not (contact.name == none) %}x{% endif %}",
            "{% if \"es\" not in business.languages %}x{% else %}y{% endif %}",
            "{{ \"Dear \" ~ contact.name | default('you') | trim }}",
            "{#- {{ anything }} -#}{{- now -}}",
        ] {
            assert!(Template::compile(source).is_ok(), "{source}");
        }
    }
}
