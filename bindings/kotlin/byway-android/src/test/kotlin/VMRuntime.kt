package dalvik.system

/** As for `android.util.Log`: the framework's collections ask Android's virtual machine for arrays. */
@Suppress("unused")
class VMRuntime private constructor() {
    fun newUnpaddedArray(type: Class<*>, least: Int): Any = java.lang.reflect.Array.newInstance(type, least)

    companion object {
        private val runtime = VMRuntime()

        @JvmStatic
        fun getRuntime(): VMRuntime = runtime
    }
}
