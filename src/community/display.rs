//! Text of strangers on a person's screen.

/// Whether a character steers a display instead of showing something: controls, marks that reorder what stands around
/// them (Unicode's bidirectional algorithm, UAX #9), separators that some terminals break at, and what is not seen at all.
///
/// Names, posts and statements come from strangers. Who shows them beside words of the app's own leaves these out, or a
/// text could rewrite what stands beside it. Line breaks and tabs are among them.
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
