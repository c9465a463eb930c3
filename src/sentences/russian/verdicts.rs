//! Verdicts in Russian.

use super::attempts::form;
use super::{Russian, TAG};
use crate::reach::{PageComparison, PageDigest};
use crate::sentences::capital;
use crate::sentences::phrasebook::{RoutePhrases, SightPhrases, VerdictPhrases};
use crate::sentences::sights::list;
use crate::sentences::verdicts::{Claim, Doubt, Happened, ResolverFault, Scene, Sequel, TooStrict};

impl VerdictPhrases for Russian {
    fn happened(&self, scene: &Scene<'_>, happened: &Happened<'_>) -> String {
        let Scene { host, platform, strategy, place, resolvers } = scene;
        let platform = platform.map_or(*host, |platform| platform.name_in(TAG));
        let (place, way) = (self.place(*place), self.way(strategy));
        let theirs = if resolvers.is_empty() { String::new() } else { format!(" {}", list(resolvers, "и")) };
        // Where a sentence begins with the place.
        let at = capital(&place);
        match happened {
            Happened::LookedUpOnly => {
                format!(
                    "Адрес {host} искали {way}, но потом туда ничего не отправили, поэтому неизвестно, как {host} отвечает {place}."
                )
            }
            Happened::NotTried => {
                format!("В этот раз {way} не пробовали, поэтому неизвестно, как {host} отвечает {place}.")
            }
            Happened::IsThisDevice => {
                format!(
                    "{host} — это само это устройство: {way} до него не дойти, поэтому туда ничего не отправлено; разрешите `direct:`."
                )
            }
            Happened::GivenTimeOver => {
                format!("{at} не понять, как отвечает {host}: отведённое время вышло раньше.")
            }
            Happened::TimeOver => {
                format!("{at} не понять, как отвечает {host}: время вышло раньше.")
            }
            Happened::NotWaitedFor => {
                format!("Другой путь оказался быстрее; ответа {host} {place} ждать не стали.")
            }
            Happened::NoEndAnywhere => {
                format!(
                    "{host} отдаёт страницу и здесь, и из других мест, но не сообщает, где она кончается. Обрезанная выглядела бы так \
                 же, поэтому эта программа её не принимает; это недостаток сайта, а не блокировка."
                )
            }
            Happened::NoEnd => {
                format!(
                    "{at} {host} отвечает, но страница кончается, не сообщив, что она целая, и эта программа её не принимает: так \
                 устроен сайт или её обрезали, без другого пути не понять."
                )
            }
            Happened::OtherPage(pages) => {
                let (here, there) = two_pages(*pages);
                format!(
                    "{at} {host} отдаёт {here}, а {there}. Передано это без шифрования, так что изменить это мог любой на пути; \
                 случилось ли так, не понять."
                )
            }
            Happened::OtherAnswer(pages) => {
                let (here, there) = two_pages(*pages);
                format!(
                    "{at} {host} отдаёт {here}, а {there}. Сайты отвечают по-разному из-за страны, языка или нагрузки, но передано \
                 это без шифрования, и изменить это мог любой на пути."
                )
            }
            Happened::Cleartext => {
                let by = if strategy.is_direct() { &at } else { &capital(&way) };
                format!(
                    "{by} {host} отвечает, но без шифрования: прочитать и изменить это может любой на пути, а что из другой сети \
                 читается то же самое, не проверено."
                )
            }
            Happened::BodyOvertaken => {
                format!(
                    "{at} {host} отвечает; страница ещё загружалась, когда её принёс другой путь, и остатка ждать не стали."
                )
            }
            Happened::BodyUnfinished => {
                format!(
                    "{at} {host} отвечает, но страница не успела загрузиться: медленная сеть, медленный сайт, длинная страница или \
                 чьё-то замедление; что из этого, отсюда не понять."
                )
            }
            Happened::RedirectsAstrayInCleartext => {
                format!(
                    "{at} {host} водит по кругу или в никуда, а в других местах нет; без шифрования это может сделать любой на пути (HTTP)."
                )
            }
            Happened::RedirectsAstray => {
                format!(
                    "{at} {host} водит по кругу или в никуда, а в других местах нет: его собственное это правило или блокировка, не понять."
                )
            }
            Happened::RedirectsNowhere => {
                format!("{host} отвечает, но перенаправляет в никуда; это не блокировка.")
            }
            Happened::BogonProved => {
                format!(
                    "Сервер DNS{theirs} отвечает на запрос {host} адресом, какого у сайтов не бывает. По пути этот ответ никто не подменил; фильтр это или воля владельца имени, не понять."
                )
            }
            Happened::Bogon(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "{at} на запрос адреса {host} отвечают адресом, какого у сайтов не бывает (DNS): фильтр это или блокировка, {untold}."
                )
            }
            Happened::NoAddress(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "{at} адрес {host} не находится (DNS): то ли такого имени нет, то ли DNS неисправен, то ли это блокировка; {untold}."
                )
            }
            Happened::NoAddressHere => {
                format!(
                    "{at} на запрос адреса {host} отвечают, что такого имени нет (DNS), а в других местах оно находится."
                )
            }
            Happened::ResolverMute => {
                format!(
                    "{at} сервер DNS ничего не говорит о {host}, хотя другим путём {host} доступен, и не видно, чтобы он отвечал о \
                 каком-либо другом имени: неисправен он, не предназначен для этого устройства или заблокирован, не понять."
                )
            }
            Happened::NamedResolversSilent => {
                format!(
                    "Серверы DNS, заданные для этого пути, не отвечают, а другим путём {host} доступен: блокировка это или неисправность, не понять."
                )
            }
            Happened::NamedResolverCut => {
                format!(
                    "{at} соединение с сервером DNS{theirs}, заданным для этого пути, обрывают, а другим путём {host} доступен."
                )
            }
            Happened::NamedResolverFailed(fault) => {
                let why = why_unasked(*fault);
                format!(
                    "Сервер DNS{theirs}, заданный для этого пути, спросить не удалось: {why}. Опечатка это, неисправность или блокировка, не понять; о {host} это ничего не говорит."
                )
            }
            Happened::NoAddressProved => {
                format!(
                    "Сервер DNS{theirs} отвечает, что имени {host} нет или у него нет адреса, а в других местах оно находится. По пути этот ответ никто не подменил; почему он такой, не понять."
                )
            }
            Happened::RedirectToNoName => {
                format!(
                    "Перенаправление ведёт на {host}, а такого имени не нашли ни одним из испробованных путей; это ошибка сайта, который туда перенаправляет, а не блокировка."
                )
            }
            Happened::NoTlsHere => {
                format!("{at} вместо {host} отвечает что-то, не знающее TLS, а в других местах нет.")
            }
            Happened::NoTls(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "{at} вместо {host} отвечает что-то, не знающее TLS: неполадка это сайта, другая программа или блокировка, {untold}."
                )
            }
            Happened::ContradictingAnswers => {
                format!(
                    "{at} на запрос адреса {host} приходят два ответа, которые противоречат друг другу: один из них подделан (DNS)."
                )
            }
            Happened::BlockPageAddress => {
                format!("{at} на запрос адреса {host} дают адрес известной страницы-заглушки (DNS).")
            }
            Happened::InventedAddress => {
                format!(
                    "Имени {host} не существует. {at} на него всё равно отвечают каким-то адресом, как делают некоторые провайдеры ради рекламы; это не блокировка."
                )
            }
            Happened::DisputedName(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "Одни отвечают, что имени {host} нет, другие дают адрес, где никто не доказывает, что он {host} (DNS); кто прав, {untold}."
                )
            }
            Happened::ClockOff { behind, days } => {
                let by = of_days(*days);
                let (wrong, side) = if *behind {
                    ("ещё не действует", "отстают")
                } else {
                    ("просрочен", "спешат")
                };
                format!(
                    "По часам этого устройства сертификат {host} {wrong}, но они {side} {by} от времени, которое сообщает другой сайт; проверьте дату и время. Это не блокировка."
                )
            }
            Happened::ClockTooEarly => {
                format!(
                    "По часам этого устройства сертификат {host} ещё не действует: часы, похоже, отстают; проверьте дату и время. Это не блокировка."
                )
            }
            Happened::ClockTooLate => {
                format!(
                    "По часам этого устройства сертификаты просрочены, и не только у {host}: часы, похоже, спешат; проверьте дату и время. Это не блокировка."
                )
            }
            Happened::ExpiredOrClock => {
                format!(
                    "Если верить часам этого устройства, сертификат {host} просрочен: проверьте дату и время; если они верны, это неполадка самого сайта."
                )
            }
            Happened::CertificateBadEverywhere => {
                format!(
                    "Ни на одном из путей сертификат не доказывает, что отвечает действительно {host}; это неполадка самого сайта, и ему ничего не отправлено."
                )
            }
            Happened::CertificateBad(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "{at} предъявляют сертификат, который не доказывает, что отвечает действительно {host}: неполадка это сайта или подделка, {untold}. Ничего не отправлено."
                )
            }
            Happened::OnlyIpv6 => {
                format!(
                    "Пробовали только адреса IPv6 сайта {host}, а IPv6 {place} может не работать вовсе; о блокировке это ничего не говорит."
                )
            }
            Happened::NothingHere => {
                format!("По адресу {host} на этом устройстве или в его сети никто не отвечает.")
            }
            Happened::NoConnection(doubt) => {
                let untold = untold(*doubt);
                format!("{at} соединиться с {host} не удаётся (TCP): блокировка это или сбой, {untold}.")
            }
            Happened::NameCut(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "{at} соединение обрывается, едва в нём появляется имя {host} (TLS): блокировка это или сбой, {untold}."
                )
            }
            Happened::TlsRefusedHere => {
                format!(
                    "{at} {host} отказывается от соединения (TLS), а в других местах нет: его это собственное правило или блокировка, не понять."
                )
            }
            Happened::EncryptedCutHere => {
                format!("{at} зашифрованные соединения с {host} обрывают (TLS), а в других местах нет.")
            }
            Happened::Unanswered(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "{at} {host} принимает соединение, но до конца не отвечает (HTTP): блокировка это или сбой, {untold}."
                )
            }
            Happened::FaultHere => {
                format!(
                    "{at} {host} отвечает ошибкой, а в других местах нормально: перегрузка это, его собственное правило или блокировка, не понять."
                )
            }
            Happened::LoginRefused => {
                format!("Пройти {way} не вышло: имя и пароль там не приняли. О {host} это ничего не говорит.")
            }
            Happened::NoTor => {
                format!(
                    "Там, где должен работать Tor, никто не отвечает; запустите его. О {host} это ничего не говорит."
                )
            }
            Happened::TorNotYet => {
                format!(
                    "Tor работает, но до {host} пока не добрался; возможно, он ещё строит цепочки, попробуйте через минуту."
                )
            }
            Happened::ProxyMute => {
                format!(
                    "Пройти {way} не вышло, ответа нет: там другой пароль, другая программа, или связь обрывают, до него или за \
                 ним. О самом {host} это ничего не говорит."
                )
            }
            Happened::ProxyMuteOrHostDown => {
                format!(
                    "Пройти {way} не вышло, ответа нет: там другой пароль, другая программа, связь обрывают, до него или за ним, \
                 или не работает {host}. Что именно, сервер Shadowsocks не сообщает."
                )
            }
            Happened::ProxyAstray => {
                format!("Пройти {way} можно, но приводит это не к {host}. О самом {host} это ничего не говорит.")
            }
            Happened::ProxyRefuses => {
                format!("Пройти {way} не вышло: прокси отвечает, что {host} недоступен, а другим путём он доступен.")
            }
            Happened::NoProxy => {
                format!("Пройти {way} не вышло: отвечает там что-то другое. О {host} это ничего не говорит.")
            }
            Happened::Answers { except } => match except {
                Some(address) => {
                    format!("{host} отвечает {place}, но не по всем своим адресам: {address} молчит или обрывается.")
                }
                None => format!("{host} отвечает {place}."),
            },
            Happened::AnswersByProxy => {
                format!("{host} отвечает {way}.")
            }
            Happened::FalseAnswer => {
                format!("{at} на запрос адреса {host} дают ложный ответ (DNS).")
            }
            Happened::AddressCut => {
                format!("{at} соединения с адресом {host} обрывают (TCP), а в других местах нет.")
            }
            Happened::NameCutHere => {
                format!("{at} соединение обрывают, едва в нём появляется имя {host} (TLS).")
            }
            Happened::RequestCutHere => {
                format!("{at} соединение обрывают, когда запрашивают страницу {host} (HTTP).")
            }
            Happened::ForgedCertificate => {
                format!(
                    "{at} вместо {host} отвечает кто-то другой, со своим сертификатом (TLS); ему ничего не отправлено."
                )
            }
            Happened::BlockPage(claim) => {
                format!("{at} вместо {host} показывают страницу-заглушку.{}", named("На ней", claim))
            }
            Happened::Legal451(claim) => {
                format!("{at} вместо {host} приходит отказ по требованию закона (HTTP 451).{}", named("В нём", claim))
            }
            Happened::Withheld { here, claim } => {
                let here = if *here { " в этой стране" } else { "" };
                match &claim.text {
                    Some(text) => {
                        format!("Сеть это пропускает, но {platform}{here} этого не показывает и сообщает: «{text}»")
                    }
                    None => format!(
                        "Сеть это пропускает, но {platform}{here} этого не показывает.{}",
                        named("В ответе", claim)
                    ),
                }
            }
            Happened::Frozen => {
                format!("{at} ответы {host} обрываются: начало приходит, остальное нет.")
            }
            Happened::Slow => {
                format!("{at} {host} открывается очень медленно, а в других местах быстрее.")
            }
            Happened::Portal => {
                "Эта сеть сначала просит войти: откройте её страницу входа и попробуйте снова.".to_owned()
            }
            Happened::Offline => "У этого устройства сейчас нет сети.".to_owned(),
            Happened::Whitelist => "Сейчас эта сеть пропускает только к немногим разрешённым адресам.".to_owned(),
            Happened::Down => {
                format!(
                    "{host} не отвечает ни одним из испробованных путей; похоже, это не блокировка, а сбой на его стороне."
                )
            }
            Happened::Fault => format!("{host} сам отвечает ошибкой; это не блокировка."),
            Happened::NotAccepted(strict) => {
                let what = not_accepted(*strict);
                format!("{host} отвечает, но эта программа не принимает {what}; это не блокировка.")
            }
            Happened::Gone => {
                format!("{platform} сообщает, что этого сообщества больше нет.")
            }
            Happened::RouteFailed => {
                format!("Пройти {way} не вышло, и дело в самом пути; о {host} это ничего не говорит.")
            }
            Happened::BlockedOrDown => {
                format!("{host} {place} прочесть не удалось: блокировка это или сбой, отсюда не понять.")
            }
        }
    }

    fn sequel(&self, sequel: &Sequel<'_>) -> String {
        match sequel {
            Sequel::FoundEarlier => "Это выяснилось совсем недавно; сейчас ничего не отправлено.".to_owned(),
            Sequel::Unread => "Прочитать не удалось ни одним из испробованных путей.".to_owned(),
            Sequel::TorBegins => {
                "Tor работает и, возможно, ещё строит цепочки; ждать этого не стали, попробуйте через минуту."
                    .to_owned()
            }
            Sequel::NoWayOut => "Система этого устройства сообщает, что из этой сети нет выхода в интернет.".to_owned(),
            Sequel::Seen(tried) => self.tried(tried),
            Sequel::Reached { by, took, read, shown } => {
                let (way, time, seen) = (self.way(by), self.time(*took), self.shown(shown));
                if *read {
                    format!("Прочитано {way} за {time}; {seen}.")
                } else {
                    format!("Ответ получен {way} за {time}; {seen}.")
                }
            }
            Sequel::Beside(beside) => self.beside(beside),
            Sequel::Vpn => {
                "Включён VPN: сказанное здесь о провайдере относится к VPN, а провайдер видит только его.".to_owned()
            }
        }
    }
}

/// Why it stays open, as a clause.
fn untold(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::OthersFailed => "другие испробованные пути тоже не помогли, поэтому не понять",
        Doubt::NoOtherWay => "без другого пути не понять",
    }
}

/// What befell the resolvers that the strategy names, as a clause.
fn why_unasked(fault: ResolverFault) -> &'static str {
    match fault {
        ResolverFault::Refused => "соединений там не принимают",
        ResolverFault::Unproved => "сертификат там этого не доказывает",
        ResolverFault::NameNotFound => "не находится его собственное имя",
        ResolverFault::Closed => "там закрывают соединение",
        ResolverFault::Error => "отвечает он ошибкой",
        ResolverFault::NoDns => "то, что оттуда приходит, не ответ DNS",
        ResolverFault::Unreached => "до него не добраться",
    }
}

fn of_days(days: u64) -> String {
    match days {
        0..730 => format!("примерно на {days} дн."),
        _ => format!("примерно на {} г.", days / 365),
    }
}

fn not_accepted(strict: TooStrict) -> &'static str {
    match strict {
        TooStrict::Form(refused) => form(refused),
        TooStrict::Size => "такой большой ответ",
    }
}

/// Whom a block names, as its own claim.
fn named(who: &str, claim: &Claim<'_>) -> String {
    claim.authority.map(|authority| format!(" {who} указано: {authority}.")).unwrap_or_default()
}

/// What was read here, and by which other strategy something else was: each as what a site gives.
fn two_pages(pages: Option<&PageComparison>) -> (String, String) {
    match pages {
        Some(pages) => (page(&pages.here), format!("{} — {}", Russian.way(&pages.by), page(&pages.there))),
        None => ("одну страницу".to_owned(), "другим путём — другую".to_owned()),
    }
}

/// What an answer is, as what a site gives. Its words are the peer's, and are quoted.
fn page(page: &PageDigest) -> String {
    let PageDigest { status, bytes, title, leads_to, .. } = page;
    match (leads_to, title) {
        (Some(to), _) => format!("перенаправление на {to} (код {status})"),
        (None, Some(title)) => format!("страницу «{title}» (код {status}, {bytes} байт)"),
        (None, None) => format!("страницу без заголовка (код {status}, {bytes} байт)"),
    }
}
