//! Untrusted text on a person's screen.

/// Returns `true` if a character controls the display instead of showing something: controls, marks that reorder the
/// surrounding text (Unicode's bidirectional algorithm, UAX #9), separators at which some terminals break lines, and
/// invisible characters.
///
/// Names, posts and statements come from strangers. An app that shows them beside its own words removes these
/// characters; otherwise a text could rewrite its surroundings. Line breaks and tabs are among them.
pub fn is_display_control(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' // directional marks
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // embeddings, overrides, isolates
            | '\u{2028}' | '\u{2029}' // separators that some terminals break at
            | '\u{200b}' | '\u{2060}' | '\u{feff}' // invisible
            | '\u{fff9}'..='\u{fffb}' // interlinear annotation
            | '\u{e0000}'..='\u{e007f}' // tags
        )
}
