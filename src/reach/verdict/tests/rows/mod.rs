//! The table: what networks do, and the rule that is to explain it. One file for each file of rules, and a row in the file of
//! its rule.

mod dns;
mod http;
mod network;
mod reached;
mod route;
mod stated;
mod tcp;
mod tls;
mod unknown;

use std::time::Duration;

use super::attempts::*;
use crate::reach::verdict::{Context, PageSimilarity, RuleId};
use crate::reach::{Attempt, Finding, Statement};
use crate::transport::Cause::{
    self, Closed, LookupFailed, NoAddress, NxDomain, ProxyLogin, Rcode, Refused, Reset, Silence, Unreachable,
};
use crate::transport::CertificateFault::{Expired, NotYetValid, UnknownIssuer, WrongName};
use crate::transport::Stage::{Dns, FirstByte, Progress, Proxy, Tcp, Tls};
use crate::transport::{LimitKind, PolicyRule};

/// Evidence, and the rule that explains it. The verdict's code and layer are the rule's.
pub(super) struct Row {
    pub(super) rule: RuleId,
    pub(super) what: &'static str,
    pub(super) subject: Vec<Attempt>,
    pub(super) others: Vec<Attempt>,
    pub(super) context: Context,
}

impl Row {
    fn met_in(self, context: Context) -> Self {
        Self { context, ..self }
    }
}

fn row(rule: RuleId, what: &'static str, subject: Vec<Attempt>, others: Vec<Attempt>) -> Row {
    Row { rule, what, subject, others, context: Context::default() }
}

pub(super) fn rows() -> Vec<Row> {
    let files = [
        stated::rows as fn() -> Vec<Row>,
        reached::rows,
        network::rows,
        route::rows,
        dns::rows,
        tls::rows,
        tcp::rows,
        http::rows,
        unknown::rows,
    ];
    files.iter().flat_map(|rows| rows()).collect()
}
