//! Refused: the feature `internals` is for the tests of Byway alone. E0433
fn main() {
    let _ = byway::internals::fetch::Request::get("https://site.example/".parse().unwrap());
}
