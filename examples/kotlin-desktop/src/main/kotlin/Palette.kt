package org.example

import java.awt.Color

/** Colours of a theme. Text on each background has a contrast of 7 to 1 or more. */
class Palette(
    val background: Color,
    val card: Color,
    val line: Color,
    val text: Color,
    val quiet: Color,
    val accent: Color,
    private val good: Color,
    private val old: Color,
    private val bad: Color,
) {
    fun of(tone: Tone): Color = when (tone) {
        Tone.GOOD -> good
        Tone.OLD -> old
        Tone.BAD -> bad
    }

    companion object {
        val LIGHT = Palette(
            background = Color(0xF4F5F7),
            card = Color.WHITE,
            line = Color(0xDADDE2),
            text = Color(0x17191C),
            quiet = Color(0x4A4F57),
            accent = Color(0x0B4F9E),
            good = Color(0xDDF3E4),
            old = Color(0xFFF1CC),
            bad = Color(0xFBDFDD),
        )
        val DARK = Palette(
            background = Color(0x15171A),
            card = Color(0x1F2226),
            line = Color(0x353A41),
            text = Color(0xECEEF1),
            quiet = Color(0xB4BAC3),
            accent = Color(0x9CC7FF),
            good = Color(0x173D27),
            old = Color(0x463A12),
            bad = Color(0x4D1F1D),
        )
    }
}
