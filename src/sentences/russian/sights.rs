//! Who sees what, in Russian.

use super::Russian;
use crate::sentences::grammar::capital;
use crate::sentences::phrasebook::SightPhrases;
use crate::sentences::sights::{
    DisclosedTo, Disclosure, Hosts, NamedObserver, Observation, Observed, SeenBesides, SeenInAttempts, Visibility, list,
};

impl SightPhrases for Russian {
    fn shown(&self, shown: &Disclosure<'_>) -> String {
        let host = shown.host;
        match &shown.to {
            DisclosedTo::ThisDevice => format!(
                "соединение с {host} не покидает этого устройства; что дальше отправит отвечающая там программа, зависит от неё"
            ),
            DisclosedTo::OwnNetwork(seen) => format!("тот, кто управляет этой сетью, видит, {}", sees(host, *seen)),
            DisclosedTo::Provider { seen, resolvers } => {
                let sees = sees(host, *seen);
                match resolvers.as_slice() {
                    [] => format!("провайдер видит, {sees}"),
                    [one] => format!("провайдер видит, {sees}, а DNS-сервер {one} видит, что вы ищете этот адрес"),
                    _ => format!(
                        "провайдер видит, {sees}, а DNS-серверы {} видят, что вы ищете этот адрес",
                        list(resolvers, "и")
                    ),
                }
            }
            DisclosedTo::Tor { exit_reads } => format!(
                "провайдер видит разве что то, что вы пользуетесь Tor; сам Tor не сообщает {host}, кто вы, но ваша учётная \
                 запись это выдала бы{}",
                if *exit_reads {
                    "; выходной узел Tor видит, что читают, но не знает кто"
                } else {
                    ""
                }
            ),
            DisclosedTo::TorElsewhere { server, seen } => format!(
                "тот, у кого работает Tor на {server}, видит, {}, и сеть на пути к нему видит то же",
                sees(host, *seen)
            ),
            DisclosedTo::Program { server, seen } => format!(
                "программа на этом устройстве, которая отвечает по адресу {server}, видит, {}; что видит провайдер, зависит от неё",
                sees(host, *seen)
            ),
            DisclosedTo::ProxyOverTls(seen) => {
                format!("прокси видит, {}, а провайдер видит только прокси", sees(host, *seen))
            }
            DisclosedTo::Shadowsocks(seen) => format!(
                "сервер Shadowsocks видит, {}, а провайдер видит только то, что вы соединяетесь с этим сервером",
                sees(host, *seen)
            ),
            DisclosedTo::PlainProxy(seen) => {
                format!("прокси видит, {}, и провайдер тоже: путь до прокси не зашифрован", sees(host, *seen))
            }
        }
    }

    fn tried(&self, tried: &SeenInAttempts) -> String {
        match tried {
            SeenInAttempts::NothingLeft => "За пределы этого устройства ничего не отправлено.".to_owned(),
            SeenInAttempts::By(all) => {
                all.iter().map(|one| format!("{}.", capital(&clause(one)))).collect::<Vec<_>>().join(" ")
            }
        }
    }

    fn beside(&self, SeenBesides(all): &SeenBesides) -> String {
        format!("Кроме того, {}.", all.iter().map(clause).collect::<Vec<_>>().join("; "))
    }
}

fn sees(host: &str, seen: Visibility) -> String {
    match seen {
        Visibility::Connection => format!("что вы соединяетесь с {host}"),
        Visibility::Address => {
            format!("что вы соединяетесь с адресом {host} под именем, которое может быть общим для нескольких сайтов")
        }
        Visibility::Page => format!("что вы читаете на {host}"),
    }
}

/// In Russian the past tense agrees with its subject.
#[derive(Clone, Copy)]
enum Gender {
    Masculine,
    Feminine,
}

impl Gender {
    fn saw(self) -> &'static str {
        match self {
            Gender::Masculine => "видел",
            Gender::Feminine => "видела",
        }
    }

    fn could(self) -> &'static str {
        match self {
            Gender::Masculine => "мог",
            Gender::Feminine => "могла",
        }
    }
}

fn clause(Observed { who, saw, decides_for_provider }: &Observed) -> String {
    let (who, gender) = match who {
        NamedObserver::Provider => ("провайдер".to_owned(), Gender::Masculine),
        NamedObserver::Network => ("тот, кто управляет этой сетью,".to_owned(), Gender::Masculine),
        NamedObserver::Resolver(name) => (format!("DNS-сервер {name}"), Gender::Masculine),
        NamedObserver::Program(server) => {
            (format!("программа на этом устройстве, которая отвечает по адресу {server},"), Gender::Feminine)
        }
        NamedObserver::Proxy(server) => (format!("прокси {server}"), Gender::Masculine),
        NamedObserver::TorElsewhere(server) => (format!("тот, у кого работает Tor на {server},"), Gender::Masculine),
        NamedObserver::Exit => ("выходной узел Tor".to_owned(), Gender::Masculine),
        NamedObserver::Site => return saw.iter().map(|saw| what(saw, Gender::Masculine)).collect(),
    };
    let depends =
        if *decides_for_provider { "; что видел провайдер, зависит от неё" } else { "" };
    let saw: Vec<String> = saw.iter().map(|saw| what(saw, gender)).collect();
    format!("{who} {}{depends}", list(&saw, "и"))
}

fn what(what: &Observation, gender: Gender) -> String {
    let (saw, could) = (gender.saw(), gender.could());
    let either = |hosts: &Hosts, one, several| if hosts.are_many() { several } else { one };
    match what {
        Observation::Credentials(hosts) => format!(
            "{could} прочитать весь адрес, запрошенный на {}, ответ и отправленные с запросом cookie или пароль",
            all(hosts)
        ),
        Observation::Page(hosts) => format!("{could} прочитать весь адрес, запрошенный на {}, и ответ", all(hosts)),
        Observation::Name(hosts) => format!("{saw} {} {}", either(hosts, "имя", "имена"), all(hosts)),
        Observation::Address(hosts) => {
            format!("{saw} {} {}", either(hosts, "соединение с адресом", "соединения с адресами"), all(hosts))
        }
        Observation::Connection(hosts) => {
            format!("{saw} {} с {}", either(hosts, "соединение", "соединения"), all(hosts))
        }
        Observation::OnlyProxy(hosts) => format!("{saw} только то, что вы соединяетесь с прокси {}", all(hosts)),
        Observation::OnlyTor => format!("{saw} разве что то, что вы пользуетесь Tor"),
        Observation::Reader(hosts) => format!(
            "{} за {}, {} ваш адрес",
            either(hosts, "сервер, который отвечает", "серверы, которые отвечают"),
            all(hosts),
            either(hosts, "видел", "видели")
        ),
    }
}

fn all(hosts: &Hosts) -> String {
    let more = (hosts.more > 0).then(|| format!("ещё {}", hosts.more));
    list(&hosts.named.iter().cloned().chain(more).collect::<Vec<_>>(), "и")
}
