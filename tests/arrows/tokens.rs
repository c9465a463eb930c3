//! Rust source as tokens: enough to see which names a file uses.

/// The tokens without their lines.
pub(crate) fn words(code: &str) -> Vec<String> {
    tokens(code).into_iter().map(|(token, _)| token).collect()
}

/// Names, `::` and single marks, each with its line. No comments, no strings, no characters, no lifetimes.
pub(crate) fn tokens(code: &str) -> Vec<(String, usize)> {
    let text: Vec<char> = code.chars().collect();
    let is_name = |c: &char| *c == '_' || c.is_alphanumeric();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < text.len() {
        let start = at;
        let next = text.get(at + 1).copied().unwrap_or('\0');
        match text[at] {
            '/' if next == '/' => at += text[at..].iter().take_while(|c| **c != '\n').count(),
            '/' if next == '*' => at = end_of_comment(&text, at),
            '"' => at = end_of_string(&text, at, '"'),
            // A character literal, unless it is a lifetime: `'a'` closes, `'a` does not.
            '\'' if next == '\\' || text.get(at + 2) == Some(&'\'') => at = end_of_string(&text, at, '\''),
            '\'' => at += 1 + text[at + 1..].iter().take_while(|c| is_name(c)).count(),
            ':' if next == ':' => {
                found.push(("::".to_owned(), line));
                at += 2;
            }
            c if is_name(&c) => {
                at += text[at..].iter().take_while(|c| is_name(c)).count();
                let name: String = text[start..at].iter().collect();
                match raw_string_hashes(&text[at..]) {
                    Some(hashes) if matches!(name.as_str(), "r" | "br" | "cr") => {
                        at = end_of_raw_string(&text, at + hashes + 1, hashes);
                    }
                    _ => found.push((name, line)),
                }
            }
            c if c.is_whitespace() => at += 1,
            c => {
                found.push((c.to_string(), line));
                at += 1;
            }
        }
        at = at.min(text.len());
        line += text[start..at].iter().filter(|c| **c == '\n').count();
    }
    found
}

/// Comments nest.
fn end_of_comment(text: &[char], mut at: usize) -> usize {
    let mut open = 0;
    while at < text.len() {
        match (text[at], text.get(at + 1)) {
            ('/', Some('*')) => (open, at) = (open + 1, at + 2),
            ('*', Some('/')) => (open, at) = (open - 1, at + 2),
            _ => at += 1,
        }
        if open == 0 {
            break;
        }
    }
    at
}

fn end_of_string(text: &[char], open: usize, quote: char) -> usize {
    let mut at = open + 1;
    while at < text.len() && text[at] != quote {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The number of `#` before the quote, if a raw string opens here.
fn raw_string_hashes(text: &[char]) -> Option<usize> {
    let hashes = text.iter().take_while(|c| **c == '#').count();
    (text.get(hashes) == Some(&'"')).then_some(hashes)
}

fn end_of_raw_string(text: &[char], mut at: usize, hashes: usize) -> usize {
    while at < text.len() {
        if text[at] == '"' && raw_close(&text[at + 1..], hashes) {
            return at + 1 + hashes;
        }
        at += 1;
    }
    at
}

fn raw_close(text: &[char], hashes: usize) -> bool {
    text.len() >= hashes && text[..hashes].iter().all(|c| *c == '#')
}
