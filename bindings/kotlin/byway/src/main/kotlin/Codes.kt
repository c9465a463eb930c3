package org.byway

/** A value with a stable code, as the command `byway` and the JSON documents write it. */
public interface Coded {
    /** The stable code. */
    public val code: String
}

/** Who may learn that a community is read, from the least strict to the strictest. */
public enum class Exposure(override val code: String) : Coded {
    /** Any strategy, including a direct one. */
    OPEN("open"),

    /** Only through a proxy or Tor. */
    PROXIED("proxied"),

    /** Only through Tor. */
    TOR("tor"),
}

/** The language of sentences. */
public enum class Language(override val code: String) : Coded {
    ENGLISH("en"),
    RUSSIAN("ru"),
}

/** The kind of a network. */
public enum class NetworkKind(override val code: String) : Coded {
    WIFI("wifi"),
    CELL("cell"),
    VPN("vpn"),
    OTHER("other"),
}
