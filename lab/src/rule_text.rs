//! Censor rules as text on a command line: `sni=vk.com:reset`, `addr=203.0.113.10,port=443:refuse`,
//! `host=vk.com:block-page`, `sni=vk.com,first-segment,residual=60:swallow`, `query=vk.com:resolve=10.10.34.35`.

use std::time::Duration;

use crate::{Censor, InForce, Lab, Page, When};

/// Error parsing a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// There is no `:` between the conditions and the action.
    #[error("`{0}` has no action: write CONDITIONS:ACTION, for example sni=vk.com:reset")]
    NoAction(String),
    /// A condition is unknown or invalid.
    #[error(
        "`{0}` is no condition; there are sni=NAME, host=NAME, query=NAME, path=PATH, text=TEXT, addr=ADDRESS|PREFIX|NAME, \
         port=N, ech, first-segment, first-record, each-segment, inside-proxies, residual=SECONDS and after=FLOWS"
    )]
    Condition(String),
    /// An action is unknown or invalid.
    #[error(
        "`{0}` is no action; there are reset, close, swallow, refuse, unreachable, block-page, 451, forge, freeze=BYTES, \
         freeze-packets=N, delay=MS, rate=BYTES_PER_SECOND, nxdomain and resolve=ADDRESS"
    )]
    Action(String),
}

/// Adds rules in this form, one per address if a condition `addr=NAME` has several.
///
/// # Errors
/// See [`RuleError`].
pub fn add_rule(lab: &Lab, rule: &str) -> Result<Vec<InForce>, RuleError> {
    let (conditions, action) = rule.rsplit_once(':').ok_or_else(|| RuleError::NoAction(rule.to_owned()))?;
    let named = conditions.split(',').find_map(|condition| condition.strip_prefix("addr="));
    let addresses = named.map_or_else(Vec::new, |name| lab.addresses_of(name));
    if addresses.is_empty() {
        return Ok(vec![one_rule(&lab.censor(), conditions, None, action)?]);
    }
    addresses.iter().map(|at| one_rule(&lab.censor(), conditions, Some(at.to_string()), action)).collect()
}

fn one_rule(censor: &Censor, conditions: &str, at: Option<String>, action: &str) -> Result<InForce, RuleError> {
    let mut when = censor.always();
    for condition in conditions.split(',') {
        when =
            add_condition(when, condition, at.as_deref()).ok_or_else(|| RuleError::Condition(condition.to_owned()))?;
    }
    act(when, action).ok_or_else(|| RuleError::Action(action.to_owned()))
}

fn add_condition(when: When, condition: &str, at: Option<&str>) -> Option<When> {
    let (word, value) = condition.split_once('=').unwrap_or((condition, ""));
    Some(match word {
        "sni" => when.sni(value),
        "host" => when.host(value),
        "query" => when.query(value),
        "path" => when.path(value),
        "text" => when.text(value),
        "addr" => {
            let address = at.unwrap_or(value);
            let (ip, bits) = address.split_once('/').unwrap_or((address, "0"));
            if ip.parse::<std::net::IpAddr>().is_err() || bits.parse::<u8>().is_err() {
                return None;
            }
            when.address(address)
        }
        "port" => when.port(value.parse().ok()?),
        "ech" => when.ech(),
        "first-segment" => when.first_segment_only(),
        "first-record" => when.first_record_only(),
        "each-segment" => when.each_segment_only(),
        "inside-proxies" => when.inside_proxies(),
        "residual" => when.residual(Duration::from_secs(value.parse().ok()?)),
        "after" => when.after(value.parse().ok()?),
        _ => return None,
    })
}

fn act(when: When, action: &str) -> Option<InForce> {
    let (word, value) = action.split_once('=').unwrap_or((action, ""));
    Some(match word {
        "reset" => when.reset(),
        "close" => when.close(),
        "swallow" => when.swallow(),
        "refuse" => when.refuse(),
        "unreachable" => when.unreachable(),
        "block-page" => when.block_page(Page::new(BLOCK_PAGE).status(403)),
        "451" => when.legal_451("https://provider.example/", "Access is restricted by order of the authority."),
        "forge" => when.forge_certificate(),
        "freeze" => when.freeze_after_bytes(value.parse().ok()?),
        "freeze-packets" => when.freeze_after_packets(value.parse().ok()?),
        "delay" => when.delay(Duration::from_millis(value.parse().ok()?)),
        "rate" => when.rate(value.parse().ok()?),
        "nxdomain" => when.nxdomain(),
        "resolve" => {
            value.parse::<std::net::IpAddr>().ok()?;
            when.resolve_to(value)
        }
        _ => return None,
    })
}

/// The wording of Russian providers.
const BLOCK_PAGE: &str = "<!DOCTYPE html><title>Доступ ограничен</title>\
    <h1>Доступ к запрашиваемому ресурсу ограничен</h1>\
    <p>Доступ к информационному ресурсу ограничен на основании Федерального закона от 27 июля 2006 г. № 149-ФЗ.</p>";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn rules_are_read_and_mistakes_are_named() {
        let lab = Lab::new();
        let _ = lab.host("vk.com").at("203.0.113.10").at("203.0.113.11");
        for rule in [
            "sni=vk.com:reset",
            "sni=vk.com,first-segment,residual=60:swallow",
            "addr=203.0.113.0/24,port=443:refuse",
            "query=vk.com:resolve=10.10.34.35",
            "host=vk.com,path=/club:block-page",
            "sni=vk.com,ech,after=3:close",
            "sni=vk.com,first-record:reset",
            "sni=vk.com,each-segment:reset",
            "text=vk:freeze=16384",
        ] {
            assert_eq!(add_rule(&lab, rule).unwrap().len(), 1, "{rule}");
        }
        assert_eq!(add_rule(&lab, "addr=vk.com:unreachable").unwrap().len(), 2);
        assert_eq!(add_rule(&lab, "reset").unwrap_err(), RuleError::NoAction("reset".into()));
        assert_eq!(add_rule(&lab, "snii=vk.com:reset").unwrap_err(), RuleError::Condition("snii=vk.com".into()));
        assert_eq!(add_rule(&lab, "sni=vk.com:explode").unwrap_err(), RuleError::Action("explode".into()));
        assert_eq!(add_rule(&lab, "addr=nowhere:reset").unwrap_err(), RuleError::Condition("addr=nowhere".into()));
    }
}
