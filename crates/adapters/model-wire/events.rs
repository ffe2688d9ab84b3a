//! Server-sent events: the data of each event, as soon as its bytes are there.

use super::failure::Unreadable;

/// The longest line that is taken in. What goes on for longer is no event of a model.
const MAX_LINE: usize = 1024 * 1024;

/// Puts events together from bytes that come in pieces of any size.
#[derive(Default)]
pub(crate) struct EventReader {
    line: Vec<u8>,
    data: String,
    has_data: bool,
    follows_return: bool,
}

impl EventReader {
    /// Takes bytes in, and returns the data of the events that they complete.
    ///
    /// # Errors
    /// When a line or an event has no end, or is no UTF-8.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<String>, Unreadable> {
        let mut events = Vec::new();
        for byte in bytes {
            // A line ends with LF, CR, or both.
            let is_second_half =
                std::mem::replace(&mut self.follows_return, *byte == b'\r') && *byte == b'\n';
            match byte {
                b'\n' if is_second_half => {}
                b'\n' | b'\r' => events.extend(self.end_line()?),
                _ if self.line.len() >= MAX_LINE => return Err(Unreadable::WithoutEnd),
                other => self.line.push(*other),
            }
        }
        Ok(events)
    }

    /// Ends a line: an empty one ends the event, a comment or another field than `data` says nothing.
    fn end_line(&mut self) -> Result<Option<String>, Unreadable> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return Ok(std::mem::take(&mut self.has_data).then(|| std::mem::take(&mut self.data)));
        }
        let line = std::str::from_utf8(&line).map_err(|_| Unreadable::NotText)?;
        let Some(value) = line.strip_prefix("data").and_then(value_of) else {
            return Ok(None);
        };
        if self.data.len() + value.len() > MAX_LINE {
            return Err(Unreadable::WithoutEnd);
        }
        if std::mem::replace(&mut self.has_data, true) {
            self.data.push('\n');
        }
        self.data.push_str(value);
        Ok(None)
    }
}

/// Returns what stands behind a field's name, without the colon and one space.
fn value_of(rest: &str) -> Option<&str> {
    if rest.is_empty() {
        return Some("");
    }
    rest.strip_prefix(':').map(|value| value.strip_prefix(' ').unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let mut reader = EventReader::default();
        pieces.iter().flat_map(|piece| reader.feed(piece).unwrap()).collect()
    }

    #[test]
    fn the_data_of_each_event_is_returned() {
        assert_eq!(read(&[b"data: a\n\ndata:b\n\n"]), ["a", "b"]);
    }

    #[test]
    fn every_way_to_end_a_line_ends_it() {
        for text in ["data: a\n\ndata: b\n\n", "data: a\r\n\r\ndata: b\r\n\r\n", "data: a\r\rdata: b\r\r"] {
            assert_eq!(read(&[text.as_bytes()]), ["a", "b"], "{text:?}");
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(read(&bytes), ["a", "b"], "{text:?} byte by byte");
        }
    }

    #[test]
    fn a_letter_may_be_split_anywhere() {
        let text = "data: Zoë 🐆\n\n".as_bytes();
        for size in 1..text.len() {
            let pieces: Vec<&[u8]> = text.chunks(size).collect();
            assert_eq!(read(&pieces), ["Zoë 🐆"], "{size}");
        }
    }

    #[test]
    fn comments_and_other_fields_say_nothing() {
        assert_eq!(read(&[b": hello\n\nevent: message\nid: 7\ndatabase: x\ndata: a\nretry: 5\n\n"]), ["a"]);
    }

    #[test]
    fn several_lines_of_data_are_one_event() {
        assert_eq!(read(&[b"data: a\ndata\ndata: b\n\n"]), ["a\n\nb"]);
    }

    #[test]
    fn an_event_that_is_not_ended_is_not_returned() {
        assert_eq!(read(&[b"data: a\n"]), Vec::<String>::new());
    }

    #[test]
    fn a_line_or_an_event_without_end_is_refused() {
        let mut reader = EventReader::default();
        let line = vec![b'x'; MAX_LINE];
        assert!(reader.feed(&line).is_ok());
        assert!(matches!(reader.feed(b"x"), Err(Unreadable::WithoutEnd)));

        let mut reader = EventReader::default();
        let line = format!("data: {}\n", "x".repeat(MAX_LINE / 2 + 1));
        assert!(reader.feed(line.as_bytes()).is_ok());
        assert!(matches!(reader.feed(line.as_bytes()), Err(Unreadable::WithoutEnd)));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(matches!(EventReader::default().feed(b"data: \xff\n"), Err(Unreadable::NotText)));
    }
}
