//! Refused: a strategy is parsed and printed, not taken apart. E0616
pub fn kind(strategy: byway::Strategy) {
    let _ = strategy.kind;
}

fn main() {}
