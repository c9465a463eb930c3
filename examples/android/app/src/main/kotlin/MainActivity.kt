package org.example.byway

import android.content.Intent
import android.os.Bundle
import android.view.WindowManager
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.activity.result.contract.ActivityResultContracts
import androidx.activity.viewModels
import androidx.compose.runtime.getValue
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import androidx.lifecycle.lifecycleScope
import kotlinx.coroutines.launch

class MainActivity : ComponentActivity() {
    private val model: CommunityModel by viewModels()

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        // The list of recent apps shows nothing of a community.
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        val bundles = registerForActivityResult(ActivityResultContracts.OpenDocument()) { it?.let(model::takeBundle) }
        val actions = Actions(
            refresh = model::again,
            look = model::look,
            follow = model::follow,
            stay = model::stay,
            code = model::showCode,
            share = { lifecycleScope.launch { model.link()?.let(::share) } },
            bundle = { bundles.launch(arrayOf("*/*")) },
        )
        setContent {
            val screen by model.screen.collectAsStateWithLifecycle()
            CommunityScreen(screen, actions)
        }
    }

    /** The link has the community's exposure in it. Whoever receives it learns which community is read. */
    private fun share(link: String) {
        val send = Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, link)
        startActivity(Intent.createChooser(send, null))
    }
}
