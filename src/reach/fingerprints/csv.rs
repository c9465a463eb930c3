//! Reading and printing fields in the format of RFC 4180: commas, quotes, doubled quotes, line ends within quotes.

/// A quoted field of this record has no end, or is followed by something other than a comma.
#[derive(Debug, PartialEq)]
pub(super) struct BadQuotes;

/// Returns the next record and the rest of the text, or `None` at its end. An empty line is not a record.
pub(super) fn record(mut text: &str) -> Option<(Result<Vec<String>, BadQuotes>, &str)> {
    text = text.trim_start_matches(['\r', '\n']);
    if text.is_empty() {
        return None;
    }
    let mut fields = Vec::new();
    loop {
        let (field, rest) = match text.strip_prefix('"') {
            Some(quoted) => match unquoted(quoted) {
                Some(read) => read,
                None => return Some((Err(BadQuotes), "")),
            },
            None => {
                let end = text.find([',', '\r', '\n']).unwrap_or(text.len());
                let (field, rest) = text.split_at_checked(end).unwrap_or((text, ""));
                (field.to_owned(), rest)
            }
        };
        fields.push(field);
        match rest.strip_prefix(',') {
            Some(rest) => text = rest,
            None if rest.is_empty() || rest.starts_with(['\r', '\n']) => return Some((Ok(fields), rest)),
            None => return Some((Err(BadQuotes), "")),
        }
    }
}

/// Returns a quoted field, given the text behind its first quote, and what follows its last quote.
fn unquoted(mut text: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    loop {
        let (piece, rest) = text.split_once('"')?;
        field.push_str(piece);
        match rest.strip_prefix('"') {
            Some(rest) => {
                field.push('"');
                text = rest;
            }
            None => return Some((field, rest)),
        }
    }
}

/// Returns a field as it is written.
pub(super) fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\r', '\n']) || field.is_empty() {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
