//! Numbers as Telegram's pages write them for people: `1.2K`, `11 234 567`, `0:27`, `4.5 MB`.

/// A count. Telegram rounds to `1.2K` and `11.2M`. A number that is too large to be a count of people is not taken.
pub(super) fn count(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !(c.is_ascii_digit() || is_separator(c))).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let factor: u64 = match unit.trim_start().chars().next() {
        Some('K' | 'k') => 1_000,
        Some('M') => 1_000_000,
        Some('B') => 1_000_000_000,
        _ => 1,
    };
    let count = if factor == 1 {
        // Any separator between thousands.
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        digits.parse().ok()?
    } else {
        scaled(number, factor)?
    };
    (count <= MAX_COUNT).then_some(count)
}

/// A length: `0:27`, `1:02:03`.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let parts: Vec<u64> = text.trim().split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    parts.into_iter().try_fold(0_u64, |sum, part| sum.checked_mul(60)?.checked_add(part))
}

/// The size of a file: `4.5 MB`.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.trim().split_once(char::is_whitespace)?;
    let factor = match unit.trim() {
        "B" => 1,
        "KB" => 1 << 10,
        "MB" => 1 << 20,
        "GB" => 1 << 30,
        _ => return None,
    };
    scaled(number, factor)
}

/// `1.25` times a factor, without rounding errors.
fn scaled(number: &str, factor: u64) -> Option<u64> {
    let (whole, part) = number.trim().split_once(['.', ',']).unwrap_or((number.trim(), ""));
    if part.len() > MAX_DECIMALS || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let tenth = u32::try_from(part.len()).ok().and_then(|decimals| 10_u64.checked_pow(decimals))?;
    let part = if part.is_empty() { 0 } else { part.parse::<u64>().ok()? };
    whole.parse::<u64>().ok()?.checked_mul(factor)?.checked_add(part.checked_mul(factor)? / tenth)
}

fn is_separator(c: char) -> bool {
    matches!(c, '.' | ',' | '\u{27}' | '\u{2019}') || c.is_whitespace()
}

/// Views of a post may be counted twice, but more than this is not a count of people.
const MAX_COUNT: u64 = 100_000_000_000;

/// Telegram writes one or two.
const MAX_DECIMALS: usize = 6;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_read_them() {
        for (text, number) in [
            ("389", Some(389)),
            ("1.2K", Some(1_200)),
            ("1.23K", Some(1_230)),
            ("11.2M subscribers", Some(11_200_000)),
            (" 3M", Some(3_000_000)),
            ("11 234 567 subscribers", Some(11_234_567)),
            ("11\u{a0}234", Some(11_234)),
            ("1,234 members, 5 online", Some(1_234)),
            ("0", Some(0)),
            ("1.K", Some(1_000)),
            ("", None),
            ("subscribers", None),
            (".", None),
            ("K", None),
            ("1.2.3K", None),
            ("-5", None),
            ("99999999999999999999", None),
            ("9999999999B", None),
            ("1.9999999999999K", None),
        ] {
            assert_eq!(count(text), number, "{text}");
        }
        for (text, length) in
            [("0:27", Some(27)), ("1:02:03", Some(3_723)), ("27", None), ("1:2:3:4", None), ("a:b", None), (":", None)]
        {
            assert_eq!(seconds(text), length, "{text}");
        }
        for (text, size) in
            [("4.5 MB", Some(4_718_592)), ("10 KB", Some(10_240)), ("7 B", Some(7)), ("Artist", None), ("1 XB", None)]
        {
            assert_eq!(bytes(text), size, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_number_or_not(text in "[0-9., \u{a0}:KMBG]{0,40}|\\PC{0,20}") {
            let _ = (seconds(&text), bytes(&text));
            prop_assert!(count(&text).is_none_or(|count| count <= MAX_COUNT));
        }

        #[test]
        fn a_whole_number_reads_as_itself(number in 0..MAX_COUNT) {
            prop_assert_eq!(count(&number.to_string()), Some(number));
        }
    }
}
