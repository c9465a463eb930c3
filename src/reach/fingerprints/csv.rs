//! Reading and printing fields as RFC 4180 has them: commas, quotes, doubled quotes, line ends within quotes.

/// The quotes of this record do not end, or something stands behind them.
#[derive(Debug, PartialEq)]
pub(super) struct BadQuotes;

/// The next record and what is left of the text; `None` at its end. An empty line is no record.
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

/// A quoted field from behind its first quote, and what follows its last.
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

/// A field as it is written.
pub(super) fn quoted(field: &str) -> String {
    if field.contains(['"', ',', '\r', '\n']) || field.is_empty() {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
