// What the library calls Rust with is internal: this must not build.
import Byway

func reach(_ byway: LiveByway) {
    _ = byway.client
}
