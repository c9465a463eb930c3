package org.byway

import org.byway.ffi.GivenPicture
import org.byway.internals.native
import org.byway.internals.toModel
import org.byway.internals.toNative

/**
 * A picture for a post, without what a camera or a program wrote into it: the place, the time, the device, the uncropped
 * thumbnail. What the pixels show stays: cover faces and number plates before.
 *
 * ```
 * val gate = Picture.clean(photo, text = "The closed gate")
 * publisher.post("They locked us out.", listOf(gate))
 * ```
 */
public class Picture internal constructor(
    internal val content: ByteArray,
    /** `image/jpeg`, `image/png` or `image/webp`. */
    public val mediaType: String,
    /** Its width in pixels, as it is shown. */
    public val width: Int,
    /** Its height in pixels, as it is shown. */
    public val height: Int,
    /** What it shows, for people who can't see it; may be empty. */
    public val text: String,
) {
    /** A copy of the file, as it is published. */
    public val bytes: ByteArray get() = content.copyOf()

    /** Without the text: it says what a person is about to publish. */
    override fun toString(): String = "Picture($mediaType, ${width}x$height)"

    public companion object {
        /**
         * Removes from a JPEG, a PNG or a still WebP everything that is not needed to show it. [bytes] is the whole file, and is
         * not changed.
         *
         * Throws [BywayException.Input] (`unfit`) for another format, a damaged file, more than 8 MiB or 50 million pixels,
         * and for a [text] of more than 1000 bytes or with a line break.
         */
        public suspend fun clean(bytes: ByteArray, text: String = "", language: Language = Language.ENGLISH): Picture =
            native { org.byway.ffi.cleanPicture(GivenPicture(bytes, text), language.toNative()).toModel() }
    }
}
