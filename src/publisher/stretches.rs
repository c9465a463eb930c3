//! The stretches in which two texts differ, for a person who signs one in place of the other. Nothing that differs is left out.

use std::ops::Range;

/// The stretches of each of the two texts that the other one does not have, with a few words around them. Where a text has nothing of its
/// own, the words around that place are in its list as well.
pub(super) fn differing<'a>(one: &'a str, other: &'a str) -> [Vec<&'a str>; 2] {
    let (ones, others) = (words(one), words(other));
    let runs = runs(
        &ones.iter().map(|word| &one[word.clone()]).collect::<Vec<_>>(),
        &others.iter().map(|word| &other[word.clone()]).collect::<Vec<_>>(),
    );
    let of = |text: &'a str, words: &[Range<usize>], runs: Vec<Range<usize>>| {
        let mut shown: Vec<Range<usize>> = Vec::new();
        for run in runs {
            let run = run.start.saturating_sub(AROUND)..(run.end + AROUND).min(words.len());
            match shown.last_mut() {
                Some(last) if run.start <= last.end => last.end = last.end.max(run.end),
                _ => shown.push(run),
            }
        }
        let bytes = |run: Range<usize>| {
            let begin = words.get(run.start).map_or(text.len(), |word| word.start);
            let end = run.end.checked_sub(1).and_then(|last| words.get(last)).map_or(begin, |word| word.end);
            text.get(begin..end).unwrap_or(text)
        };
        shown.into_iter().map(bytes).collect()
    };
    let (first, second) = runs.into_iter().unzip();
    [of(one, &ones, first), of(other, &others, second)]
}

/// The words of a text, each with the white space after it. Long ones are cut, so that a text without spaces has several.
fn words(text: &str) -> Vec<Range<usize>> {
    let (mut words, mut begin, mut length, mut after_space) = (Vec::new(), 0, 0, false);
    for (at, character) in text.char_indices() {
        if at > begin && ((after_space && !character.is_whitespace()) || length == LONGEST) {
            words.push(begin..at);
            (begin, length) = (at, 0);
        }
        (length, after_space) = (length + 1, character.is_whitespace());
    }
    if begin < text.len() {
        words.push(begin..text.len());
    }
    words
}

/// The runs of words that are not in a longest common sequence, side by side.
fn runs(one: &[&str], other: &[&str]) -> Vec<(Range<usize>, Range<usize>)> {
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let left = one[same..].iter().rev().zip(other[same..].iter().rev());
    let ends = left.take_while(|(one, other)| one == other).count();
    let (rows, columns) = (&one[same..one.len() - ends], &other[same..other.len() - ends]);
    // The length of the longest common sequence of what follows each pair of places.
    let width = columns.len() + 1;
    let mut longest = vec![0_u16; (rows.len() + 1) * width];
    for row in (0..rows.len()).rev() {
        for column in (0..columns.len()).rev() {
            let at = row * width + column;
            longest[at] = if rows[row] == columns[column] {
                longest[at + width + 1] + 1
            } else {
                longest[at + width].max(longest[at + 1])
            };
        }
    }
    let (mut row, mut column, mut runs) = (0, 0, Vec::new());
    while row < rows.len() || column < columns.len() {
        let (first, second) = (row, column);
        while row < rows.len() || column < columns.len() {
            let at = row * width + column;
            match (rows.get(row), columns.get(column)) {
                (Some(one), Some(other)) if one == other => break,
                (Some(_), Some(_)) if longest[at + width] >= longest[at + 1] => row += 1,
                (Some(_), None) => row += 1,
                _ => column += 1,
            }
        }
        if row > first || column > second {
            runs.push((same + first..same + row, same + second..same + column));
        }
        while let (Some(one), Some(other)) = (rows.get(row), columns.get(column))
            && one == other
        {
            (row, column) = (row + 1, column + 1);
        }
    }
    runs
}

/// The words that are shown before and after a stretch.
const AROUND: usize = 3;

/// In characters.
const LONGEST: usize = 40;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_stretch_that_differs_is_shown() {
        let [new, old] = differing("A b c d e F g h i j k l m n O p", "a b c d e f g h i j k l m n o p");
        assert_eq!(new, ["A b c d e F g h i ", "l m n O p"]);
        assert_eq!(old, ["a b c d e f g h i ", "l m n o p"]);
        let [new, old] = differing("a b c d e f", "a b c d secret e f");
        assert_eq!((new, old), (vec!["b c d e f"], vec!["b c d secret e f"]));
        assert_eq!(differing("", "a b"), [vec![""], vec!["a b"]]);
        assert_eq!(differing("a  b", "a  b"), [Vec::<&str>::new(), Vec::new()]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// What is shown of one text, put where the other was shown, makes the one text of the other: nothing else differs.
        #[test]
        fn what_is_not_shown_is_the_same_in_both_texts(
            words in prop::collection::vec("[ab]{1,2}[ \n]{0,2}", 0..80),
            edits in prop::collection::vec((any::<prop::sample::Index>(), "[abc ]{0,3}"), 0..6),
        ) {
            let (one, mut edited) = (words.concat(), words.clone());
            for (index, word) in edits.into_iter().filter(|_| !words.is_empty()) {
                edited[index.index(words.len())] = word;
            }
            let other = edited.concat();
            let [ones, others] = differing(&one, &other);
            prop_assert!(ones.len() == others.len());
            let rest = |text: &str, shown: &[&str]| {
                let (mut rest, mut left) = (String::new(), text);
                for stretch in shown {
                    let at = stretch.as_ptr() as usize - left.as_ptr() as usize;
                    rest.push_str(&left[..at]);
                    rest.push('|');
                    left = &left[at + stretch.len()..];
                }
                rest + left
            };
            prop_assert_eq!(rest(&one, &ones), rest(&other, &others));
        }
    }
}
