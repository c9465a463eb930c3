//! The sides that fetch the same page: plain reqwest, `Byway::get`, and the reqwest face.

use byway::{Byway, Destination, Roots};
use reqwest_middleware::ClientWithMiddleware;

use super::origin::{HOST, Origin};
use super::tls;

/// The measured sides.
pub(crate) struct Sides {
    reqwest: reqwest::Client,
    byway: Byway,
    face: ClientWithMiddleware,
}

pub(crate) const REQWEST: usize = 0;
pub(crate) const BYWAY: usize = 1;
pub(crate) const FACE: usize = 2;
pub(crate) const SIDES: usize = 3;

/// Our sides.
pub(crate) const FACES: [(usize, &str); 2] = [(BYWAY, "`Byway::get`"), (FACE, "`byway.reqwest()`")];

impl Sides {
    pub(crate) async fn of(origin: &Origin) -> Self {
        let roots = Roots::from_certificates(&origin.authority).expect("a certificate");
        let destination = Destination::new(HOST, origin.address.port()).expect("a destination");
        let byway =
            Byway::builder().roots(roots).resolve(destination, origin.address.ip()).build().await.expect("a Byway");
        let reqwest = reqwest::Client::builder()
            .no_proxy()
            .tls_backend_preconfigured(tls::same(origin.authority.clone()))
            .resolve(HOST, origin.address)
            .build()
            .expect("a client");
        Self { reqwest, face: byway.reqwest(), byway }
    }

    /// Fetches the page and returns its length.
    pub(crate) async fn get(&self, side: usize, url: &str) -> usize {
        match side {
            REQWEST => {
                let response = self.reqwest.get(url).send().await.expect("an answer");
                response.bytes().await.expect("a body").len()
            }
            BYWAY => Box::pin(self.byway.get(url)).await.expect("an answer").response.body.len(),
            _ => {
                let response = self.face.get(url).send().await.expect("an answer");
                response.bytes().await.expect("a body").len()
            }
        }
    }
}
