//! Block pages that are known: what stands in a site's place when a provider was told to block it.
//!
//! Only pages that give themselves away are here: an operator's notice host, or a sentence of the law that no other
//! page is made of. A title or a length that happens to match proves nothing, and a page that merely differs from
//! another country's is none. The notice hosts were observed by OONI and by users; an operator may change its own at
//! any time, and then the block is seen as something else: a missing entry costs a sentence, never the content.
//!
//! Whoever asks must know that nobody proved to be the site: over TLS with a valid certificate, the site may well quote
//! such a page.

use url::Url;

/// The name of the block page to which an answer redirects.
pub fn redirect_to_block_page(target: &Url) -> Option<&'static str> {
    let host = target.host_str()?;
    let found = NOTICES.iter().find(|notice| {
        let (known, path) = notice.at.split_once('/').unwrap_or((notice.at, ""));
        let subdomain = || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.'));
        (host == known || subdomain()) && target.path().trim_start_matches('/').starts_with(path)
    })?;
    Some(found.name)
}

/// The name of the block page that a body is. It must be complete: what is longer than such pages are may quote one.
pub fn block_page(body: &[u8]) -> Option<&'static str> {
    if body.len() > LONGEST {
        return None;
    }
    let text = text_of(body).to_lowercase();
    let leads_on = ["<iframe", "<frame", "http-equiv", "location."].iter().any(|sign| text.contains(sign));
    let framed = || NOTICES.iter().find(|notice| leads_on && text.contains(&format!("//{}", notice.at)));
    let phrase = PHRASES.iter().find(|(_, phrase)| text.contains(phrase)).map(|(name, _)| *name);
    phrase.or_else(|| framed().map(|notice| notice.name)).or_else(|| cites_law(&text).then_some("ru.149-fz"))
}

/// Whether a page is a small provider's notice. Each writes its own, and all say the same few things: short, that access
/// to a site is closed, and by which law.
fn cites_law(low: &str) -> bool {
    let said = visible(low);
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    said.chars().count() <= SHORT
        && has(&["149-фз", "149 - фз", "149 фз", "139-фз", "398-фз"])
        && has(&["доступ"])
        && has(&["ограничен", "заблокирован", "закрыт", "запрещен", "запрещён", "приостановлен"])
        && has(&["сайт", "ресурс", "страниц", "интернет"])
}

/// A page's text without its tags, styles and scripts.
fn visible(low: &str) -> String {
    let mut said = String::new();
    let mut rest = low;
    while let Some((before, tag)) = rest.split_once('<') {
        said.push_str(before);
        let hidden = ["script", "style"].into_iter().find(|name| tag.starts_with(name));
        let behind = hidden.and_then(|name| tag.split_once(&format!("</{name}"))).map_or(tag, |(_, behind)| behind);
        rest = behind.split_once('>').map_or("", |(_, behind)| behind);
    }
    said.push_str(rest);
    said
}

/// A page's text: UTF-8, or else windows-1251, in which old Russian notices are written.
pub fn text_of(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        // Cut in the middle of a character is still UTF-8.
        Err(error) if error.error_len().is_none() => String::from_utf8_lossy(body).into_owned(),
        Err(_) => body.iter().map(|byte| windows_1251(*byte)).collect(),
    }
}

fn windows_1251(byte: u8) -> char {
    match byte {
        0xc0..=0xff => char::from_u32(0x410 + u32::from(byte - 0xc0)).unwrap_or(char::REPLACEMENT_CHARACTER),
        0xa8 => 'Ё',
        0xb8 => 'ё',
        0xb9 => '№',
        0xab => '«',
        0xbb => '»',
        0x96 | 0x97 => '–',
        0..=0x7f => char::from(byte),
        _ => char::REPLACEMENT_CHARACTER,
    }
}

/// Where an operator keeps its notice: a host, subdomains included, and the beginning of a path.
struct Notice {
    name: &'static str,
    at: &'static str,
}

const fn notice(name: &'static str, at: &'static str) -> Notice {
    Notice { name, at }
}

/// Country and operator; then where.
const NOTICES: &[Notice] = &[
    notice("ru.rostelecom", "warning.rt.ru"),
    notice("ru.rostelecom", "95.167.13.50"),
    notice("ru.rostelecom", "95.167.13.51"),
    notice("ru.rostelecom.onlime", "77.37.254.90/zapret"),
    notice("ru.beeline", "blackhole.beeline.ru"),
    notice("ru.beeline", "warn.beeline.ru"),
    notice("ru.mts", "blocked.mts.ru"),
    notice("ru.mts", "block.mts.ru"),
    notice("ru.megafon", "m.megafonpro.ru"),
    notice("ru.megafon", "deny.megafon.ru"),
    notice("ru.megafon", "block.megafon.ru"),
    notice("ru.ertelecom", "lawfilter.ertelecom.ru"),
    notice("ru.ttk", "fz139.ttk.ru"),
    notice("ru.yota", "forbidden.yota.ru"),
    notice("ru.tele2", "t2blocked.com"),
    notice("ru.svyaztelecom", "blackhole.svyaztelecom.ru"),
    notice("ru.runnet", "block.runnet.ru"),
    notice("ru.roskomnadzor", "eais.rkn.gov.ru"),
    notice("ru.roskomnadzor", "blocklist.rkn.gov.ru"),
    notice("by.a1", "www.a1.by/mininfo"),
    notice("by.beltelecom", "82.209.230.23"),
    notice("by.mts", "internet.mts.by/blocked"),
    notice("uz.mitc", "reestr.mitc.uz"),
    notice("ir.national", "10.10.34.34"),
    notice("ir.national", "10.10.34.35"),
    notice("ir.national", "10.10.34.36"),
    notice("ae.du", "lighthouse.du.ae"),
    notice("ae.etisalat", "proxy.etisalat.ae"),
    notice("bh.batelco", "www.anonymous.com.bh"),
    notice("bh.viva", "www.viva.com.bh/static/block"),
    notice("ye.yemennet", "deny.yemen.net.ye/webadmin/deny"),
    notice("id.positif", "internet-positif.org"),
    notice("id.positif", "internetpositif.uzone.id"),
    notice("id.positif", "mercusuar.uzone.id"),
    notice("id.telkomsel", "internetbaik.telkomsel.com"),
    notice("id.tri", "restricted.tri.co.id"),
    notice("id.xl", "blockpage.xl.co.id"),
    notice("gb.bt", "blockpage.bt.com"),
    notice("gb.sky", "block.cf.sky.com"),
    notice("gb.sky", "blocked.nb.sky.com"),
];

/// Sentences of which a block page is made, lower case.
const PHRASES: &[(&str, &str)] = &[
    ("ru.149-fz", "доступ к информационному ресурсу ограничен на основании федерального закона"),
    ("ru.149-fz", "доступ к запрашиваемому ресурсу ограничен"),
    ("ru.149-fz", "доступ к запрашиваемому ресурсу закрыт по решению"),
    ("ru.149-fz", "доступ к данному ресурсу ограничен в соответствии с федеральным законом"),
    ("ru.149-fz", "доступ к запрашиваемому сайту ограничен на основании"),
    ("ru.149-fz", "сайт заблокирован по решению органов государственной власти"),
    ("ru.149-fz", "ресурс заблокирован по решению органов государственной власти"),
    (
        "ru.runnet",
        "access to requested resource has been blocked by decision of public authorities of russian federation",
    ),
    ("by.mininform", "доступ к данному ресурсу ограничен на основании решения министерства информации"),
    ("tr.5651", "5651 sayılı kanun uyarınca erişime engellenmiştir"),
    ("id.positif", "tidak bisa diakses melalui jaringan ini sesuai peraturan perundang-undangan"),
    ("co.mintic", "esta página ha sido bloqueada por disposición del ministerio de las tic"),
    ("au.court", "access to this website has been disabled by an order of the federal court of australia"),
    ("ca.court", "access to this site has been blocked by an order issued by the federal court of canada"),
];

/// The largest notices seen have their pictures inline; an article that quotes one is larger.
const LONGEST: usize = 32 * 1024;

/// Characters of a notice in its provider's own words. News about the law are longer.
const SHORT: usize = 1000;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn notice_hosts_are_known_and_their_neighbours_are_not() {
        let cases = [
            ("http://warning.rt.ru/?id=13&st=0&dt=192.0.2.1", Some("ru.rostelecom")),
            ("http://lawfilter.ertelecom.ru", Some("ru.ertelecom")),
            ("https://eais.rkn.gov.ru/", Some("ru.roskomnadzor")),
            ("https://internet.mts.by/blocked/?x", Some("by.mts")),
            ("https://internet.mts.by/tariffs", None),
            ("http://10.10.34.35:80/", Some("ir.national")),
            ("https://www.rt.ru/", None),
            ("https://notwarning.rt.ru/", None),
            ("https://site.example/?to=warning.rt.ru", None),
        ];
        for (url, expected) in cases {
            assert_eq!(redirect_to_block_page(&url.parse().unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn pages_are_known_by_what_the_law_makes_them_say() {
        let utf8 = "<h1>Доступ к запрашиваемому ресурсу ограничен</h1>";
        assert_eq!(block_page(utf8.as_bytes()), Some("ru.149-fz"));
        let cp1251: Vec<u8> =
            utf8.chars().map(|c| if c.is_ascii() { c as u8 } else { (u32::from(c) - 0x410 + 0xc0) as u8 }).collect();
        assert_eq!(block_page(&cp1251), Some("ru.149-fz"));
        assert_eq!(block_page(b"<iframe src=\"http://10.10.34.35:80\">"), Some("ir.national"));
        assert_eq!(block_page(b"<meta http-equiv=refresh content='0;url=http://blocked.mts.ru/'>"), Some("ru.mts"));
    }

    #[test]
    fn a_providers_own_words_are_known_by_the_law_that_they_cite() {
        let own =
            "<html><style>p{}</style><h1>Уважаемый абонент!</h1><p>Доступ к сайту заблокирован в соответствии с 149-ФЗ";
        assert_eq!(block_page(own.as_bytes()), Some("ru.149-fz"));
        for other in [
            "Страница закона 149-ФЗ об информации".to_owned(),
            "<script>/* доступ к сайту ограничен 149-фз */</script>Добро пожаловать".to_owned(),
            format!("{own}{}", " а мы напишем об этом ещё".repeat(50)),
        ] {
            assert_eq!(block_page(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn challenges_articles_and_noise_are_no_block_pages() {
        for page in ["Checking your browser before accessing", "403 Forbidden", "Access denied", "", "\u{fffd}"] {
            assert_eq!(block_page(page.as_bytes()), None, "{page}");
        }
        let link = "<a href=\"https://eais.rkn.gov.ru/\">the register</a>";
        assert_eq!(block_page(link.as_bytes()), None);
        let article = format!("Доступ к запрашиваемому ресурсу ограничен{}", " слово".repeat(10_000));
        assert_eq!(block_page(article.as_bytes()), None);
        assert_eq!(block_page(&[0xff; 100]), None);
    }
}
