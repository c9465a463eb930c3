//! Refused: types of rustls are not part of the surface. E0616
pub fn roots(roots: byway::Roots) {
    let _ = roots.authoritative;
}

fn main() {}
