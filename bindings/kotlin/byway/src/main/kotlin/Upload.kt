package org.byway

import org.byway.internals.OneUse

/**
 * A folder on a server, for [CommunityPublisher.upload]: a WebDAV folder, or a bucket of an S3-compatible store if the library was
 * built with the feature `s3`. Without it a bucket is refused (`upload_no_s3`), and nothing is sent.
 *
 * @property address the `https://` address of a WebDAV folder, or `s3://BUCKET/PREFIX`. Over `http://` only an onion service and a
 *   server in the user's own network are uploaded to.
 * @property region for a bucket; most servers other than Amazon's accept the default, `us-east-1`
 * @property endpoint for a bucket: the address of its server, if it is not Amazon's
 * @property exposure raises who may learn of it; it never lowers what the configuration demands
 * @property allowDirect tries direct strategies even if something recorded speaks against them; ask the user first
 */
public class UploadTarget(
    public val address: String,
    public val region: String? = null,
    public val endpoint: String? = null,
    public val exposure: Exposure = Exposure.OPEN,
    public val allowDirect: Boolean = false,
) {
    /** Without the address, which names the community. */
    override fun toString(): String = "UploadTarget"
}

/**
 * What a server knows an admin by. One call takes it: it overwrites the secrets with zeros, whether it succeeds or not. Make a new
 * one for each call; a second one throws [BywayException.Input] (`passphrase_used`).
 */
public sealed class UploadCredentials {
    /** An access key for a bucket. [token] is that of a session, if the key is one for a session. Secrets are text in UTF-8. */
    public class Key(internal val id: String, secret: ByteArray, token: ByteArray? = null) : UploadCredentials() {
        internal val secret = OneUse(secret)
        internal val token = token?.let(::OneUse)
    }

    /** A login for a WebDAV folder. The password is text in UTF-8. */
    public class Login(internal val user: String, password: ByteArray) : UploadCredentials() {
        internal val password = OneUse(password)
    }

    override fun toString(): String = "UploadCredentials"
}
