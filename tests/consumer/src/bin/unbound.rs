//! Refused: only Byway makes the limits of a reading. E0624
pub fn unbound(at: byway::jiff::Timestamp) {
    let _ = byway::source::ReadOptions::new(byway::Exposure::Open, byway::Language::En, at);
}

fn main() {}
