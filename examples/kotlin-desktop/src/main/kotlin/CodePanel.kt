package org.example

import java.awt.Color
import java.awt.Dimension
import java.awt.Graphics
import javax.swing.JPanel
import org.byway.QrCode

/** A QR code, dark on light in every theme: phones read no other. */
class CodePanel(private val code: QrCode) : JPanel() {
    init {
        preferredSize = Dimension(code.size * SCALE, code.size * SCALE)
        background = Color.WHITE
    }

    override fun paintComponent(graphics: Graphics) {
        super.paintComponent(graphics)
        graphics.color = Color.BLACK
        for (row in 0 until code.size) {
            for (column in 0 until code.size) {
                if (code.isDark(column, row)) graphics.fillRect(column * SCALE, row * SCALE, SCALE, SCALE)
            }
        }
    }

    private companion object {
        /** Pixels a module. */
        const val SCALE = 4
    }
}
