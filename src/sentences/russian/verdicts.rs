//! Verdicts in Russian.

use super::clauses::{named, not_accepted, of_days, two_pages, unproved, untold, what_helps, why_unasked};
use super::{Russian, TAG};
use crate::sentences::grammar::{capital, ended};
use crate::sentences::phrasebook::{AttemptPhrases, RoutePhrases, SightPhrases, VerdictPhrases};
use crate::sentences::sights::list;
use crate::sentences::verdicts::{Happened, Scene, Sequel};
use crate::transport::{OnionFault, TorFault};

impl VerdictPhrases for Russian {
    fn happened(&self, scene: &Scene<'_>, happened: &Happened<'_>) -> String {
        let Scene { host, platform, strategy, place, resolvers } = scene;
        let platform = platform.map_or(*host, |platform| platform.name_in(TAG));
        let (place, way) = (self.place(*place), self.way(strategy));
        let theirs = if resolvers.is_empty() { String::new() } else { format!(" {}", list(resolvers, "и")) };
        // For a sentence that begins with the place.
        let at = capital(&place);
        match happened {
            Happened::LookedUpOnly => {
                format!(
                    "Адрес {host} искали {way}, но потом по нему ничего не отправили, поэтому неизвестно, как {host} отвечает {place}."
                )
            }
            Happened::NotTried => {
                format!("В этот раз {way} не пробовали, поэтому неизвестно, как {host} отвечает {place}.")
            }
            Happened::IsThisDevice => {
                format!(
                    "{host} — это адрес самого устройства: {way} до него не добраться, поэтому туда ничего не отправлено; разрешите для него `direct:`."
                )
            }
            Happened::GivenTimeOver => {
                format!("{at} не понять, как отвечает {host}: отведённое время вышло раньше.")
            }
            Happened::TimeOver => {
                format!("{at} не понять, как отвечает {host}: время вышло раньше.")
            }
            Happened::NotWaitedFor => {
                format!("Другой путь оказался быстрее; ждать, что {host} ответит {place}, не стали.")
            }
            Happened::NoEndAnywhere => {
                format!(
                    "{host} отдаёт страницу и здесь, и в других местах, но не сообщает, где она кончается. Обрезанная страница выглядела \
                 бы так же, поэтому эта программа её не принимает; это недостаток сайта, а не блокировка."
                )
            }
            Happened::NoEnd => {
                format!(
                    "{at} {host} отвечает, но страница кончается, не сообщив, что она целая, и эта программа её не принимает: так \
                 устроен сайт или страницу обрезали; без другого пути не понять, что из этого верно."
                )
            }
            Happened::OtherPage(pages) => {
                let (here, there) = two_pages(*pages);
                format!(
                    "{at} {host} отдаёт {here}, а {there}. Страница передана без шифрования, и её мог изменить любой на пути; \
                 произошло ли это, не понять."
                )
            }
            Happened::OtherAnswer(pages) => {
                let (here, there) = two_pages(*pages);
                format!(
                    "{at} {host} отдаёт {here}, а {there}. Сайты отвечают по-разному из-за страны, языка или нагрузки, но \
                 страница передана без шифрования, и её мог изменить любой на пути."
                )
            }
            Happened::Cleartext => {
                let by = if strategy.is_direct() { &at } else { &capital(&way) };
                format!(
                    "{by} {host} отвечает, но без шифрования: прочитать и изменить страницу может любой на пути, и \
                 никакая другая сеть её не подтвердила."
                )
            }
            Happened::CleartextVersion(pages) => {
                let by = if strategy.is_direct() { &at } else { &capital(&way) };
                let other = capital(&self.way(&pages.by));
                format!(
                    "{by} {host} отвечает, но без шифрования: прочитать и изменить страницу может любой на пути. {other} пришла похожая \
                 страница, но не такая же; кто её изменил, сам сайт или кто-то на пути, не понять."
                )
            }
            Happened::BodyOvertaken => {
                format!(
                    "{at} {host} отвечает; страница ещё загружалась, когда её принёс другой путь, поэтому остального ждать не стали."
                )
            }
            Happened::BodyUnfinished => {
                format!(
                    "{at} {host} отвечает, но страница не успела загрузиться: медленная сеть, медленный сайт, длинная страница или \
                 намеренное замедление; отсюда не понять, что именно."
                )
            }
            Happened::RedirectsAstrayInCleartext => {
                format!(
                    "{at} {host} перенаправляет по кругу или в никуда, а в других местах нет; без шифрования это может подстроить любой на пути (HTTP)."
                )
            }
            Happened::RedirectsAstray => {
                format!(
                    "{at} {host} перенаправляет по кругу или в никуда, а в других местах нет: это правило самого сайта или блокировка; что именно, не понять."
                )
            }
            Happened::RedirectsNowhere => {
                format!("{host} отвечает, но перенаправляет в никуда; это не блокировка.")
            }
            Happened::BogonProved => {
                format!(
                    "DNS-сервер{theirs} отвечает на запрос {host} адресом, какого у сайтов не бывает. По пути этот ответ никто не подменил; это фильтр или так настроил владелец имени; что именно, не понять."
                )
            }
            Happened::Bogon(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "{at} на запрос адреса {host} отвечают адресом, какого у сайтов не бывает (DNS): это фильтр или блокировка; {untold}."
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
                    "{at} DNS-сервер ничего не отвечает о {host}, хотя другим путём {host} доступен, и не видно, чтобы он отвечал о \
                 каком-либо другом имени: он неисправен, не предназначен для этого устройства или заблокирован; что именно, не понять."
                )
            }
            Happened::NamedResolversSilent => {
                format!(
                    "DNS-серверы, заданные для этого пути, не отвечают, а другим путём {host} доступен: это блокировка или неисправность; что именно, не понять."
                )
            }
            Happened::NamedResolverCut => {
                format!(
                    "{at} соединение с DNS-сервером{theirs}, заданным для этого пути, обрывают, а другим путём {host} доступен."
                )
            }
            Happened::NamedResolverFailed(fault) => {
                let why = why_unasked(*fault);
                format!(
                    "DNS-сервер{theirs}, заданный для этого пути, спросить не удалось: {why}. Это опечатка, неисправность или блокировка; что именно, не понять; о {host} это ничего не говорит."
                )
            }
            Happened::NoAddressProved => {
                format!(
                    "DNS-сервер{theirs} отвечает, что имени {host} нет или у него нет адреса, а в других местах адрес находится. По пути этот ответ никто не подменил; почему он такой, не понять."
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
                    "{at} вместо {host} отвечает что-то, не знающее TLS: это неполадка сайта, другая программа или блокировка; {untold}."
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
                    "Один DNS-сервер отвечает, что имени {host} нет, а другой даёт адрес, где сервер не доказывает, что он и есть {host}; один из них ошибается; {untold}."
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
                    "Ни на одном из путей сертификат не доказывает, что отвечает действительно {host}; это неполадка самого сайта; по этим соединениям запрос не отправлен."
                )
            }
            Happened::CertificateBad(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "{at} предъявляют сертификат, который не доказывает, что отвечает действительно {host}: это неполадка сайта или подделка; {untold}. По этому соединению запрос не отправлен."
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
                format!("{at} соединиться с {host} не удаётся (TCP): это блокировка или сбой; {untold}.")
            }
            Happened::NameCut(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "{at} соединение обрывается, едва в нём появляется имя {host} (TLS): это блокировка или сбой; {untold}."
                )
            }
            Happened::EncryptedCut(doubt) => {
                let untold = untold(*doubt);
                format!("{at} зашифрованно соединиться с {host} не удаётся (TLS): это блокировка или сбой; {untold}.")
            }
            Happened::TlsRefusedHere => {
                format!(
                    "{at} {host} отказывается от соединения (TLS), а в других местах нет: это правило самого сайта или блокировка; что именно, не понять."
                )
            }
            Happened::EncryptedCutHere => {
                format!("{at} зашифрованные соединения с {host} обрывают (TLS), а в других местах нет.")
            }
            Happened::Unanswered(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "{at} {host} принимает соединение, но не досылает ответ до конца (HTTP): это блокировка или сбой; {untold}."
                )
            }
            Happened::UnvouchedHere => {
                format!(
                    "{at} от имени {host} пришёл незашифрованный ответ без того, что запрошено, а в других местах оно приходит: это ответ самого сайта или блокировка; что именно, не понять."
                )
            }
            Happened::Unvouched => {
                format!(
                    "{at} от имени {host} пришёл незашифрованный ответ без того, что запрошено: это ответ самого сайта или того, кто на пути; что именно, не понять."
                )
            }
            Happened::UnvouchedForm(strict) => {
                let what = not_accepted(*strict);
                format!(
                    "{at} от имени {host} пришёл незашифрованный ответ, и эта программа не принимает {what}: это ответ самого сайта или того, кто на пути; что именно, не понять."
                )
            }
            Happened::FaultHere => {
                format!(
                    "{at} {host} отвечает ошибкой, а в других местах нормально: это перегрузка, правило самого сайта или блокировка; что именно, не понять."
                )
            }
            Happened::LoginRefused => {
                format!("Пройти {way} не удалось: имя и пароль там не приняли. О {host} это ничего не говорит.")
            }
            Happened::TorNotStarted(stall) => {
                let help = what_helps(*stall);
                format!("Tor не запустился: {}.{help} О {host} это ничего не говорит.", self.stall(*stall))
            }
            Happened::Onion(OnionFault::NotFound) => {
                format!("Onion-сервис {host} не найден: он выключен, или в адресе опечатка.")
            }
            Happened::Onion(OnionFault::Down) => {
                format!(
                    "Onion-сервис {host} известен, но соединение с ним не устанавливается: он перегружен или выключен."
                )
            }
            Happened::Onion(OnionFault::NeedsKey) => {
                format!("Onion-сервис {host} пускает только тех, у кого есть ключ от его владельца.")
            }
            Happened::Onion(OnionFault::WrongKey) => {
                format!("Onion-сервис {host} не принимает ключ, который для него указан.")
            }
            Happened::Onion(OnionFault::Address) => {
                format!("Адреса {host} не может быть ни у какого onion-сервиса; проверьте его по буквам.")
            }
            Happened::Onion(OnionFault::Unreached) => {
                format!(
                    "Tor не может связаться с onion-сервисом {host}: он выключен, перегружен или пускает только по ключу, или в адресе опечатка. Что из этого, этот Tor не говорит."
                )
            }
            Happened::OnionCut => {
                format!(
                    "Связь с onion-сервисом {host} есть, но его ответ не пришёл целиком: он перегружен или выключен, или отказал узел Tor; попробуйте через минуту."
                )
            }
            Happened::OnionAnswers => {
                format!("{host} отвечает {way}: Tor сам шифрует связь с onion-сервисом и проверяет, что это его адрес.")
            }
            Happened::TorRefusesOnion(TorFault::Circuit) => {
                format!(
                    "Tor работает, но цепочки до onion-сервиса {host} нет: отказал узел, или сервис не отвечает; попробуйте через минуту."
                )
            }
            Happened::TorRefusesOnion(TorFault::NotAllowed) => {
                format!(
                    "Tor работает, но к {host} не идёт: это запрещено в его настройках, или на этом порту onion-сервис не отвечает."
                )
            }
            Happened::TorRefuses(TorFault::Circuit) => {
                format!(
                    "Tor работает, но цепочки до {host} нет: отказал узел, или на этот адрес и порт не пускает ни один выходной узел; попробуйте через минуту. О {host} это ничего не говорит."
                )
            }
            Happened::TorRefuses(TorFault::NotAllowed) => {
                format!(
                    "Tor работает, но к {host} не идёт: на этот адрес и порт не пускает ни один выходной узел, или это запрещено в его \
                     настройках."
                )
            }
            Happened::TorRefuses(TorFault::Slow) | Happened::TorRefusesOnion(TorFault::Slow) => {
                format!("Tor работает, но ответа на пути к {host} вовремя не получил: медлит узел Tor или сам {host}.")
            }
            Happened::NoTor => {
                format!(
                    "Там, где должен работать Tor, никто не отвечает; запустите его. О {host} это ничего не говорит."
                )
            }
            Happened::MuteTor => {
                format!(
                    "То, что работает на месте Tor, отвечает не как Tor; проверьте, его ли это порт SOCKS. О {host} это ничего не говорит."
                )
            }
            Happened::TorNotYet => {
                format!(
                    "Tor работает, но до {host} пока не добрался; возможно, он ещё строит цепочки, попробуйте через минуту."
                )
            }
            Happened::ProxyMute => {
                format!(
                    "Пройти {way} не удалось, ответа нет: там другой пароль, другая программа, или соединение обрывают до него или за \
                 ним. О самом {host} это ничего не говорит."
                )
            }
            Happened::ProxyMuteOrHostDown => {
                format!(
                    "Пройти {way} не удалось, ответа нет: там другой пароль, другая программа, соединение обрывают до него или за ним, \
                 или не работает {host}. Что именно, сервер Shadowsocks не сообщает."
                )
            }
            Happened::ProxyAstray => {
                format!("Пройти {way} можно, но отвечает там не {host}. О самом {host} это ничего не говорит.")
            }
            Happened::ProxyRefuses => {
                format!("Пройти {way} не удалось: прокси отвечает, что {host} недоступен, а другим путём он доступен.")
            }
            Happened::NoProxy => {
                format!("Пройти {way} не удалось: там отвечает что-то другое. О {host} это ничего не говорит.")
            }
            Happened::ProxyUnproved(fault) => {
                let why = unproved(*fault);
                format!("Пройти {way} не удалось: {why}. О {host} там ничего не узнали.")
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
                    "{at} вместо {host} отвечает кто-то другой, с собственным сертификатом (TLS); по этому соединению запрос не отправлен."
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
                    Some(text) => ended(&format!(
                        "Сеть это пропускает, но {platform}{here} этого не показывает и сообщает: «{text}»"
                    )),
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
            Happened::OtherFile => {
                format!("{host} отвечает, но не теми файлами, которые подписало сообщество; это не блокировка.")
            }
            Happened::Fault => format!("{host} сам отвечает ошибкой; это не блокировка."),
            Happened::Refuses(status) => {
                format!(
                    "{at} {host} сам отказывается отвечать (HTTP {status}). Сайт может отказывать стране, сети или всем; кому именно, не понять."
                )
            }
            Happened::NotAccepted(strict) => {
                let what = not_accepted(*strict);
                format!("{host} отвечает, но эта программа не принимает {what}; это не блокировка.")
            }
            Happened::Gone => {
                format!("{platform} сообщает, что этого сообщества больше нет.")
            }
            Happened::RouteFailed => {
                format!("Пройти {way} не удалось, и дело в самом пути; о {host} это ничего не говорит.")
            }
            Happened::BlockedOrDown => {
                format!("{at} прочитать {host} не удалось: это блокировка или сбой; отсюда не понять, что именно.")
            }
        }
    }

    fn sequel(&self, sequel: &Sequel<'_>) -> String {
        match sequel {
            Sequel::FoundEarlier => "Это выяснилось недавно; сейчас ничего не отправлялось.".to_owned(),
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
