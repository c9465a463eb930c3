use crate::source::Platform;

/// What sentences call a mirror. They don't contain its host, because an account of an access is shown to others.
pub(crate) fn platform() -> Platform {
    Platform::new("the mirror").in_language("ru", "Зеркало")
}
