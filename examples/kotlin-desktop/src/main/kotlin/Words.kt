package org.example

import java.time.format.DateTimeFormatter
import java.time.format.FormatStyle
import java.util.Locale

/** What the user can do. */
class Actions(
    val refresh: () -> Unit = {},
    val look: () -> Unit = {},
    val follow: (Offer) -> Unit = {},
    val stay: (Offer) -> Unit = {},
    val bundle: () -> Unit = {},
    val share: () -> Unit = {},
)

/** The window's own words. Everything else comes from Byway in the same language. */
class Words(
    val refresh: String,
    val loading: String,
    val share: String,
    val bundle: String,
    val posts: String,
    val events: String,
    val pinned: String,
    val more: String,
    val look: String,
    val follow: String,
    val stay: String,
    val claims: String,
    val keysHere: String,
    val keysThere: String,
    val noText: String,
    val cancellation: String,
    val cancelled: String,
    val removed: String,
    val ended: String,
    locale: Locale,
) {
    val dates: DateTimeFormatter =
        DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT).withLocale(locale)
    val days: DateTimeFormatter = DateTimeFormatter.ofLocalizedDate(FormatStyle.MEDIUM).withLocale(locale)

    companion object {
        val ENGLISH = Words(
            "Refresh", "Reading…", "Share", "Open file", "Posts", "Events", "Pinned", "Show all", "Look at it", "Follow", "Stay here",
            "This community names a successor. Nobody signed that:", "Keys of this community", "Keys of the new one",
            "(no text)", "the page mentions a cancellation", "CANCELLED", "no longer announced", "over", Locale.ENGLISH,
        )
        val RUSSIAN = Words(
            "Обновить", "Читаю…", "Поделиться", "Из файла", "Записи", "События", "Закреплено", "Показать целиком", "Посмотреть", "Перейти",
            "Остаться", "Сообщество называет преемника. Подписи под этим нет:", "Ключи этого сообщества", "Ключи нового",
            "(без текста)", "на странице говорится об отмене", "ОТМЕНЕНО", "больше не объявляется", "прошло",
            Locale.forLanguageTag("ru"),
        )
    }
}
