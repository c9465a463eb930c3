//! Refused: a source cannot lower what its reading is bound by. E0616
pub fn lower(mut how: byway::source::ReadOptions) {
    how.floors = None;
}

fn main() {}
