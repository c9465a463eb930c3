package org.byway.internals

import org.byway.BywayException
import org.byway.Cursor
import org.byway.Page

/** A page of a list of a fake: its cursors are places in the list. */
internal fun <T> page(all: List<T>, after: Cursor?, limit: Int): Page<T> {
    if (limit < 0) throw BywayException.Input("A number of items is not below zero.", "number")
    val from = if (after == null) 0 else after.value.toIntOrNull()?.takeIf { it in 0..all.size }
        ?: throw BywayException.Input("This cursor does not belong to this list.", "bad_cursor")
    val items = all.drop(from).take(limit.coerceIn(1, LARGEST_PAGE))
    return Page(items, Cursor("${from + items.size}").takeIf { from + items.size < all.size })
}

/** The largest page of a list, as in the store. */
private const val LARGEST_PAGE = 1000
