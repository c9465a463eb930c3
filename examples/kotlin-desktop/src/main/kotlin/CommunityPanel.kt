package org.example

import java.awt.BasicStroke
import java.awt.BorderLayout
import java.awt.Color
import java.awt.Component
import java.awt.ComponentOrientation
import java.awt.Dimension
import java.awt.FlowLayout
import java.awt.Font
import java.awt.Graphics
import java.awt.Graphics2D
import java.awt.RenderingHints
import java.text.Bidi
import java.time.ZoneId
import javax.swing.BorderFactory
import javax.swing.Box
import javax.swing.BoxLayout
import javax.swing.JButton
import javax.swing.JLabel
import javax.swing.JPanel
import javax.swing.JScrollPane
import javax.swing.JTextArea
import javax.swing.Scrollable
import javax.swing.SwingConstants
import org.byway.Event
import org.byway.EventStatus
import org.byway.Post

/** The whole window's content. */
class CommunityPanel(
    private val palette: Palette,
    private val words: Words,
    private val actions: Actions,
) : JPanel(BorderLayout()) {
    private val title = label("", 20f, Font.BOLD)
    private val refresh = button(words.refresh)
    private val share = button(words.share)
    private val bundle = button(words.bundle)
    private val top = column()
    private val feed = Feed()
    private var shown: Screen? = null

    init {
        background = palette.background
        val head = JPanel(BorderLayout(12, 4)).apply {
            isOpaque = false
            border = BorderFactory.createEmptyBorder(16, 20, 4, 12)
            add(title, BorderLayout.CENTER)
            // Below the name: a name is long, and so are the words of some languages.
            add(buttons(bundle, share, refresh), BorderLayout.SOUTH)
        }
        refresh.addActionListener { actions.refresh() }
        share.addActionListener { actions.share() }
        bundle.addActionListener { actions.bundle() }
        add(column(head, top), BorderLayout.NORTH)
        val scroll = JScrollPane(feed, JScrollPane.VERTICAL_SCROLLBAR_AS_NEEDED, JScrollPane.HORIZONTAL_SCROLLBAR_NEVER)
        scroll.border = BorderFactory.createEmptyBorder()
        scroll.viewport.background = palette.background
        scroll.verticalScrollBar.unitIncrement = 24
        add(scroll, BorderLayout.CENTER)
    }

    fun show(screen: Screen) {
        if (screen == shown) return
        val isSameFeed = shown?.posts == screen.posts && shown?.events == screen.events
        shown = screen
        title.text = screen.name
        refresh.isEnabled = !screen.isLoading
        refresh.text = if (screen.isLoading) words.loading else words.refresh
        top.removeAll()
        screen.banner?.let { top.add(note(it.text, palette.of(it.tone))) }
        if (screen.notes.isNotEmpty()) top.add(note(screen.notes.joinToString("\n\n"), palette.card))
        share.isEnabled = screen.id != null
        screen.message?.let { top.add(note(it, palette.card)) }
        screen.offer?.let { top.add(card(it)) }
        screen.shared?.let { top.add(card(it)) }
        if (!isSameFeed) {
            feed.removeAll()
            if (screen.events.isNotEmpty()) feed.add(heading(words.events))
            screen.events.forEach { feed.add(card(it)) }
            if (screen.posts.isNotEmpty()) feed.add(heading(words.posts))
            screen.posts.forEach { feed.add(card(it)) }
            feed.add(Box.createVerticalGlue())
        }
        revalidate()
        repaint()
    }

    private fun heading(text: String) = row(label(text, 13f, Font.BOLD, palette.quiet), top = 14, bottom = 2)

    /** The user decides by the fingerprints. What nobody signed has none, and says that it is a claim. */
    private fun card(offer: Offer): Component {
        val said = if (offer.isSigned) offer.text else "${words.claims} ${offer.home}\n${offer.text}"
        val inside = column(text(said))
        offer.fromKeys?.let { inside.add(fingerprint(words.keysHere, it)) }
        offer.toKeys?.let { inside.add(fingerprint(words.keysThere, it)) }
        val isLookedAt = !offer.isSigned || offer.toKeys != null
        val yes = button(if (isLookedAt) words.follow else words.look)
        yes.addActionListener { if (isLookedAt) actions.follow(offer) else actions.look() }
        val no = button(words.stay).apply { addActionListener { actions.stay(offer) } }
        inside.add(buttons(no, yes).apply { alignmentX = LEFT_ALIGNMENT })
        return rounded(inside, palette.card)
    }

    private fun fingerprint(of: String, keys: String) = column(
        label(of, 12f, Font.PLAIN, palette.quiet),
        text(keys).apply { font = Font(Font.MONOSPACED, Font.BOLD, 15) },
    ).apply {
        alignmentX = LEFT_ALIGNMENT
        border = BorderFactory.createEmptyBorder(10, 0, 0, 0)
    }

    private fun card(shared: Shared): Component {
        val inside = JPanel(BorderLayout(16, 0)).apply {
            isOpaque = false
            shared.code?.let { add(CodePanel(it), BorderLayout.WEST) }
            add(text(shared.link).apply { lineWrap = true; wrapStyleWord = false }, BorderLayout.CENTER)
        }
        return rounded(inside, palette.card)
    }

    private fun card(post: Post): Component {
        val at = post.created?.atZone(ZoneId.systemDefault())?.format(words.dates)
        val line = listOfNotNull(words.pinned.takeIf { post.isPinned }, at).joinToString(" · ")
        return card(line, post.text.ifEmpty { words.noText })
    }

    private fun card(event: Event): Component {
        val place = event.place?.let { listOfNotNull(it.name, it.address).joinToString(", ") }
        val status = when (event.status) {
            EventStatus.CANCELLED -> words.cancelled
            EventStatus.REMOVED -> words.removed
            EventStatus.ENDED -> words.ended
            else -> null
        }
        val hint = words.cancellation.takeIf { event.mentionsCancellation && status == null }
        return card(listOfNotNull(status, time(event), place, hint).joinToString(" · "), event.name)
    }

    /** An event without a time of day has days, which are the same wherever the reader is. */
    private fun time(event: Event): String? {
        val (first, last) = event.days ?: return event.start?.format(words.dates)
        val shown = listOf(first, last).distinct()
        return shown.joinToString(" – ") { it.format(words.days) }
    }

    private fun card(line: String, text: String): Component {
        val body = text(shortened(text))
        val inside = column(label(line, 12f, Font.PLAIN, palette.quiet).aligned(text), body)
        if (text.length > FOLDED) {
            val more = button(words.more)
            more.addActionListener {
                body.text = text
                more.isVisible = false
                revalidate()
            }
            inside.add(more)
        }
        return rounded(inside, palette.card)
    }

    private fun note(text: String, colour: Color): Component = rounded(text(text), colour)

    private fun buttons(vararg all: JButton) = JPanel(FlowLayout(FlowLayout.TRAILING, 8, 4)).apply {
        isOpaque = false
        all.forEach(::add)
    }

    private fun rounded(inside: Component, colour: Color): Component {
        val card = object : JPanel(BorderLayout()) {
            override fun paintComponent(graphics: Graphics) {
                val canvas = graphics.create() as Graphics2D
                canvas.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON)
                canvas.color = colour
                canvas.fillRoundRect(0, 0, width - 1, height - 1, 14, 14)
                canvas.color = palette.line
                canvas.stroke = BasicStroke(1f)
                canvas.drawRoundRect(0, 0, width - 1, height - 1, 14, 14)
                canvas.dispose()
            }

            override fun getMaximumSize() = Dimension(Int.MAX_VALUE, preferredSize.height)
        }
        card.isOpaque = false
        card.border = BorderFactory.createEmptyBorder(10, 14, 10, 14)
        card.add(inside)
        return row(card, top = 4, bottom = 4)
    }

    private fun row(inside: Component, top: Int, bottom: Int) = object : JPanel(BorderLayout()) {
        override fun getMaximumSize() = Dimension(Int.MAX_VALUE, preferredSize.height)
    }.apply {
        isOpaque = false
        border = BorderFactory.createEmptyBorder(top, 20, bottom, 20)
        alignmentX = LEFT_ALIGNMENT
        add(inside)
    }

    private fun column(vararg parts: Component) = JPanel().apply {
        layout = BoxLayout(this, BoxLayout.Y_AXIS)
        isOpaque = false
        parts.forEach { add((it as? javax.swing.JComponent)?.apply { alignmentX = LEFT_ALIGNMENT } ?: it) }
    }

    private fun text(text: String) = JTextArea(text).apply {
        lineWrap = true
        wrapStyleWord = true
        isEditable = false
        isOpaque = false
        font = Font(Font.SANS_SERIF, Font.PLAIN, 15)
        foreground = palette.text
        alignmentX = LEFT_ALIGNMENT
        componentOrientation = orientation(text)
    }

    private fun button(text: String) = JButton(text).apply {
        font = Font(Font.SANS_SERIF, Font.BOLD, 13)
        foreground = palette.accent
        background = palette.card
        isContentAreaFilled = false
        isOpaque = true
        val edge = BorderFactory.createLineBorder(palette.line, 1, true)
        border = BorderFactory.createCompoundBorder(edge, BorderFactory.createEmptyBorder(7, 14, 7, 14))
    }

    private fun label(text: String, size: Float, style: Int, colour: Color = palette.text) = JLabel(text).apply {
        font = Font(Font.SANS_SERIF, style, 12).deriveFont(style, size)
        foreground = colour
    }

    private fun JLabel.aligned(beside: String) = apply {
        if (!orientation(beside).isLeftToRight) {
            horizontalAlignment = SwingConstants.RIGHT
            maximumSize = Dimension(Int.MAX_VALUE, preferredSize.height)
        }
    }

    /** As wide as the window, as high as it needs. */
    private class Feed : JPanel(), Scrollable {
        init {
            layout = BoxLayout(this, BoxLayout.Y_AXIS)
            isOpaque = false
            border = BorderFactory.createEmptyBorder(0, 0, 16, 0)
        }

        override fun getPreferredScrollableViewportSize(): Dimension = preferredSize

        override fun getScrollableUnitIncrement(visible: java.awt.Rectangle, orientation: Int, direction: Int) = 24

        override fun getScrollableBlockIncrement(visible: java.awt.Rectangle, orientation: Int, direction: Int) = visible.height

        override fun getScrollableTracksViewportWidth() = true

        override fun getScrollableTracksViewportHeight() = false
    }

    private companion object {
        /** A longer text is folded: one post must not push the others off the screen. */
        const val FOLDED = 600

        fun shortened(text: String): String {
            if (text.length <= FOLDED) return text
            // Never half of a surrogate pair.
            val end = if (text[FOLDED - 1].isHighSurrogate()) FOLDED - 1 else FOLDED
            return text.substring(0, end) + "…"
        }

        /** The direction of its first letter, as browsers do (`dir="auto"`). */
        fun orientation(text: String): ComponentOrientation =
            if (Bidi(text, Bidi.DIRECTION_DEFAULT_LEFT_TO_RIGHT).baseIsLeftToRight()) {
                ComponentOrientation.LEFT_TO_RIGHT
            } else {
                ComponentOrientation.RIGHT_TO_LEFT
            }
    }
}
