package org.byway.testing

import org.byway.BywayException
import org.junit.jupiter.api.Assertions.assertFalse

/** The code of the error that `call` ends with, or `done`. Every error says in words what is wrong. */
suspend fun code(call: suspend () -> Any?): String = try {
    call()
    "done"
} catch (failure: BywayException) {
    assertFalse(failure.message.isNullOrBlank(), failure.code)
    failure.code
}
