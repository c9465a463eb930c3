package org.byway

import java.io.IOException

/** Who can do something about an error. Every [BywayException] has one. */
public enum class ErrorKind(override val code: String) : Coded {
    /** A text or a value is not understood: show the message next to the field. */
    INPUT("input"),

    /** The exposure, the community's advice or a rule about addresses leaves nothing to try: ask the user. */
    NOT_PERMITTED("not_permitted"),

    /** The platform wants a token, or another one. */
    CREDENTIALS("credentials"),

    /** No strategy led there: show the verdict, and ask again later. */
    UNREACHED("unreached"),

    /** The host answers, but does not give what was asked for. */
    REFUSED("refused"),

    /** The platform states that it withholds the community. */
    WITHHELD("withheld"),

    /** The platform states that there is no such community. */
    NOT_FOUND("not_found"),

    /** The community is not on this device, and only the device was asked. */
    NOT_STORED("not_stored"),

    /** The store is locked, suspended or in use, or its key is missing or wrong. */
    STORE_CLOSED("store_closed"),

    /** Files of the store are damaged, missing or of a newer version. */
    STORE_DAMAGED("store_damaged"),

    /** The store's limit or the disk leaves no room. */
    STORE_FULL("store_full"),

    /** The answer is larger than the caller allowed. */
    TOO_LARGE("too_large"),

    /** A body stopped before its end. */
    BROKEN_OFF("broken_off"),

    /** A fault of Byway, of the app's own code or of the device: report it. */
    INTERNAL("internal"),

    /** The instance was closed. */
    CLOSED("closed"),

    /** The call was cancelled by something other than its coroutine. */
    CANCELLED("cancelled"),
}

/**
 * What every call of this library throws when it fails.
 *
 * [message] is a sentence in the client's language, for the user's eyes: it may quote what was given, so it does not
 * belong in a log. [kind] and [code] name nobody and may be logged. A code is stable within its kind.
 *
 * It is an [IOException], so that code that reads over HTTP handles it as any failed request.
 */
public sealed class BywayException(
    message: String,
    /** Who can do something about the error. */
    public val kind: ErrorKind,
    /** What is wrong: a stable code. */
    public val code: String,
    /** How far the access came, if one was made. */
    public val reachability: Reachability?,
    cause: Throwable?,
) : IOException(message, cause) {
    /** The kind and the code, which may be logged, with a stack trace or without. The [message] is for the user's eyes. */
    final override fun toString(): String = "BywayException(${kind.code} $code)"

    /** [ErrorKind.INPUT]. */
    public class Input(message: String, code: String, cause: Throwable? = null) :
        BywayException(message, ErrorKind.INPUT, code, null, cause)

    /** [ErrorKind.NOT_PERMITTED]. */
    public class NotPermitted(
        message: String,
        code: String,
        reachability: Reachability? = null,
        cause: Throwable? = null,
    ) : BywayException(message, ErrorKind.NOT_PERMITTED, code, reachability, cause)

    /** [ErrorKind.CREDENTIALS]. */
    public class Credentials(
        message: String,
        code: String,
        reachability: Reachability? = null,
        cause: Throwable? = null,
    ) : BywayException(message, ErrorKind.CREDENTIALS, code, reachability, cause)

    /** [ErrorKind.UNREACHED]. */
    public class Unreached(
        message: String,
        code: String,
        reachability: Reachability? = null,
        cause: Throwable? = null,
    ) : BywayException(message, ErrorKind.UNREACHED, code, reachability, cause)

    /** [ErrorKind.REFUSED]. */
    public class Refused(
        message: String,
        code: String,
        reachability: Reachability? = null,
        cause: Throwable? = null,
    ) : BywayException(message, ErrorKind.REFUSED, code, reachability, cause)

    /** [ErrorKind.WITHHELD]. */
    public class Withheld(
        message: String,
        code: String,
        reachability: Reachability? = null,
        cause: Throwable? = null,
    ) : BywayException(message, ErrorKind.WITHHELD, code, reachability, cause)

    /** [ErrorKind.NOT_FOUND]. */
    public class NotFound(
        message: String,
        code: String,
        reachability: Reachability? = null,
        cause: Throwable? = null,
    ) : BywayException(message, ErrorKind.NOT_FOUND, code, reachability, cause)

    /** [ErrorKind.NOT_STORED]. */
    public class NotStored(message: String, code: String, cause: Throwable? = null) :
        BywayException(message, ErrorKind.NOT_STORED, code, null, cause)

    /** [ErrorKind.STORE_CLOSED], [ErrorKind.STORE_DAMAGED] or [ErrorKind.STORE_FULL]. */
    public class Store(
        message: String,
        kind: ErrorKind,
        code: String,
        reachability: Reachability? = null,
        cause: Throwable? = null,
    ) : BywayException(message, kind, code, reachability, cause)

    /** [ErrorKind.TOO_LARGE]. */
    public class TooLarge(
        message: String,
        code: String,
        reachability: Reachability? = null,
        cause: Throwable? = null,
    ) : BywayException(message, ErrorKind.TOO_LARGE, code, reachability, cause)

    /** [ErrorKind.BROKEN_OFF]. */
    public class BrokenOff(
        message: String,
        code: String,
        reachability: Reachability? = null,
        cause: Throwable? = null,
    ) : BywayException(message, ErrorKind.BROKEN_OFF, code, reachability, cause)

    /** [ErrorKind.INTERNAL]. */
    public class Internal(
        message: String,
        code: String,
        reachability: Reachability? = null,
        cause: Throwable? = null,
    ) : BywayException(message, ErrorKind.INTERNAL, code, reachability, cause)

    /** [ErrorKind.CLOSED]. */
    public class Closed(message: String, code: String = "closed", cause: Throwable? = null) :
        BywayException(message, ErrorKind.CLOSED, code, null, cause)

    /** [ErrorKind.CANCELLED]. */
    public class Cancelled(message: String, code: String = "cancelled", cause: Throwable? = null) :
        BywayException(message, ErrorKind.CANCELLED, code, null, cause)
}
