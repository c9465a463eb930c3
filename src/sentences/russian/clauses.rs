//! Clauses of which the sentences of verdicts are made, in Russian.

use super::attempts::form;
use super::{Russian, of_bytes};
use crate::reach::{PageComparison, PageDigest};
use crate::sentences::grammar::russian_form;
use crate::sentences::phrasebook::RoutePhrases;
use crate::sentences::verdicts::{Claim, Doubt, ResolverFault, TooStrict};
use crate::transport::{CertificateFault, TorStall};

/// What a person can do where Tor did not start, as a sentence after the reason.
pub(super) fn what_helps(stall: TorStall) -> &'static str {
    match stall {
        TorStall::NoConnection | TorStall::Filtered => {
            " Возможно, Tor пропустит другая сеть; может помочь и мост: вставьте его строку в список путей."
        }
        TorStall::Bridge => " Попробуйте строки других мостов.",
        TorStall::Transport => " Укажите программу этого транспорта или возьмите мост без транспорта.",
        TorStall::Directory => {
            " Проверьте дату и время на этом устройстве или попробуйте ещё раз через некоторое время."
        }
        TorStall::Clock => " Проверьте дату и время на этом устройстве.",
        TorStall::Storage => " Проверьте свободное место и права на папку с данными.",
        TorStall::Outdated => " Обновите эту программу.",
        TorStall::InUse | TorStall::Ended | TorStall::NetworkChanged | TorStall::Unknown => {
            " Попробуйте ещё раз через некоторое время."
        }
    }
}

/// What is wrong with the certificate of a proxy, as a clause.
pub(super) fn unproved(fault: CertificateFault) -> String {
    match fault {
        CertificateFault::Expired | CertificateFault::NotYetValid => {
            let wrong = if fault == CertificateFault::Expired { "просрочен" } else { "ещё не действует" };
            format!(
                "сертификат там по часам этого устройства {wrong}; проверьте дату и время. Если они верны, дело в самом прокси"
            )
        }
        CertificateFault::UnknownIssuer | CertificateFault::WrongName | CertificateFault::Unusable => {
            "сертификат там не доказывает, что это тот прокси: дело в самом прокси, там другая программа, или вместо него \
             отвечает кто-то на пути"
                .to_owned()
        }
    }
}

/// Why the cause stays open, as a clause.
pub(super) fn untold(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::OthersFailed => "другие испробованные пути тоже не помогли, поэтому не понять, что из этого верно",
        Doubt::NoOtherWay => "без другого пути не понять, что из этого верно",
    }
}

/// What happened to the resolvers that the strategy names, as a clause.
pub(super) fn why_unasked(fault: ResolverFault) -> &'static str {
    match fault {
        ResolverFault::Refused => "соединений там не принимают",
        ResolverFault::Unproved => "сертификат не доказывает, что отвечает именно он",
        ResolverFault::NameNotFound => "не находится его собственное имя",
        ResolverFault::Closed => "там закрывают соединение",
        ResolverFault::Error => "он отвечает ошибкой",
        ResolverFault::NoDns => "оттуда приходит не ответ DNS",
        ResolverFault::Unreached => "до него не добраться",
    }
}

pub(super) fn of_days(days: u64) -> String {
    match days {
        0..730 => format!("примерно на {days} {}", russian_form(days, ["день", "дня", "дней"])),
        _ => format!("примерно на {} {}", days / 365, russian_form(days / 365, ["год", "года", "лет"])),
    }
}

pub(super) fn not_accepted(strict: TooStrict) -> &'static str {
    match strict {
        TooStrict::Form(refused) => form(refused),
        TooStrict::Size => "такой большой ответ",
    }
}

/// The authority that a block names, as the block's own claim.
pub(super) fn named(who: &str, claim: &Claim<'_>) -> String {
    claim.authority.map(|authority| format!(" {who} указано: {authority}.")).unwrap_or_default()
}

/// What was read here, and what another strategy read: each as what a site gives.
pub(super) fn two_pages(pages: Option<&PageComparison>) -> (String, String) {
    match pages {
        Some(pages) => (page(&pages.here), format!("{} — {}", Russian.way(&pages.by), page(&pages.there))),
        None => ("одну страницу".to_owned(), "другим путём — другую".to_owned()),
    }
}

/// An answer as what a site gives. Its words are the peer's, and are quoted.
fn page(page: &PageDigest) -> String {
    let PageDigest { status, bytes, title, leads_to, .. } = page;
    match (leads_to, title) {
        (Some(to), _) => format!("перенаправление на {to} (код {status})"),
        (None, Some(title)) => format!("страницу «{title}» (код {status}, {})", of_bytes(*bytes)),
        (None, None) => format!("страницу без заголовка (код {status}, {})", of_bytes(*bytes)),
    }
}
