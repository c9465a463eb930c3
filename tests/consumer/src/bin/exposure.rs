//! Refused: a source cannot lower the limits of its reading. E0616
pub fn lower(mut how: byway::source::ReadOptions) {
    how.floors = None;
}

fn main() {}
