//! Refused: what a reading is bound by is made by Byway alone. E0624
pub fn unbound(at: byway::jiff::Timestamp) {
    let _ = byway::source::ReadOptions::new(byway::Exposure::Open, byway::Language::En, at);
}

fn main() {}
