//! What a machine's ports serve: the one place where a connection meets its server.

use std::net::{IpAddr, SocketAddr};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::node::{Health, Service};
use crate::stream::BoxWire;
use crate::world::Shared;
use crate::{dns, proxy, server, shadowsocks};

/// Runs what listens at `to` on one connection.
pub(crate) fn serve(
    world: Shared,
    machine: usize,
    to: SocketAddr,
    from: IpAddr,
    stream: BoxWire,
) -> BoxFuture<'static, ()> {
    run(world, machine, to, from, stream).boxed()
}

async fn run(world: Shared, machine: usize, to: SocketAddr, from: IpAddr, stream: BoxWire) {
    let (service, health) = {
        let state = world.state();
        let node = &state.nodes[machine];
        (node.ports.get(&to.port()).cloned(), node.health)
    };
    if health == Health::Silent {
        return std::future::pending().await;
    }
    // An I/O error ends this connection and nothing else: the scenario may have asked for it.
    let _ = match service {
        Some(Service::Web { tls }) => {
            server::serve_web(world, to.ip(), machine, to.port(), tls, from, stream).await;
            Ok(())
        }
        Some(Service::Socks5(settings)) => proxy::serve_socks5(world, machine, settings, stream).await,
        Some(Service::Shadowsocks(settings)) => shadowsocks::serve(world, machine, settings, stream).await,
        Some(Service::HttpProxy { settings, tls }) => {
            proxy::serve_http_proxy(world, machine, settings, tls, stream).await
        }
        Some(Service::Dns) => dns::serve_tcp(world, machine, stream).await,
        Some(Service::DnsTls) => dns::serve_tls(world, machine, stream).await,
        Some(Service::Script(script)) => script.play(stream).await,
        Some(Service::TlsScript(script)) => server::serve_tls_script(world, machine, script, stream).await,
        None => Ok(()),
    };
}
