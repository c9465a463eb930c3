//! Code that uniffi generates from byway-ffi: Kotlin, which is generated for each build, and Swift, which is committed,
//! because SwiftPM takes a package as it lies in the repository.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cargo::{cargo, root, target};
use crate::step::{Outcome, command};
use crate::swift;

/// Where the Kotlin goes. Git ignores it.
const KOTLIN: &str = "bindings/kotlin/byway/generated";

/// Where the Swift goes, and under which name.
const SWIFT: &str = "bindings/swift/Sources/BywayGenerated/BywayGenerated.swift";

/// Where the C header and the module map go.
const SWIFT_FFI: &str = "bindings/swift/Sources/BywayFFI";

/// The header's name is unlike any other's: two libraries made by uniffi may be in one app.
const HEADER: &str = "BywayFFI.h";

const MODULE_MAP: &str = "module.modulemap";

/// Both languages.
pub(crate) fn generate() -> Outcome {
    match kotlin() {
        Outcome::Passed => swift_sources(),
        failure => failure,
    }
}

/// Fails if the committed Swift differs from the generated one.
pub(crate) fn check() -> Outcome {
    let made = match generate_swift() {
        Ok(made) => made,
        Err(failure) => return failure,
    };
    let differs = |file: &Generated| fs::read_to_string(root().join(&file.place)).ok().as_ref() != Some(&file.text);
    match made.iter().find(|file| differs(file)) {
        None => Outcome::Passed,
        Some(file) => Outcome::failed(format!(
            "{} is not what byway-ffi generates now; run `cargo xtask bindings` and commit it",
            file.place.display()
        )),
    }
}

/// Generates the Kotlin. All of it is `internal`: an app sees only the hand-written layer.
pub(crate) fn kotlin() -> Outcome {
    let folder = root().join(KOTLIN);
    // Files from an earlier version must not stay.
    let _ = fs::remove_dir_all(&folder);
    let library = match library() {
        Ok(library) => library,
        Err(failure) => return failure,
    };
    let mut bindgen = bindgen("uniffi-bindgen");
    bindgen.args(["generate", "--language", "kotlin", "--no-format", "--out-dir"]).arg(&folder).arg(library);
    match command(&mut bindgen) {
        Outcome::Passed => {}
        failure => return failure,
    }
    let mut sources = Vec::new();
    if let Err(error) = files_below(&folder, &mut sources) {
        return Outcome::failed(format!("{} cannot be read: {error}", folder.display()));
    }
    for source in sources {
        let hidden = fs::read_to_string(&source).and_then(|text| fs::write(&source, internal(&text)));
        if let Err(error) = hidden {
            return Outcome::failed(format!("{} cannot be rewritten: {error}", source.display()));
        }
    }
    Outcome::Passed
}

/// Generates the Swift, its header and its module map.
pub(crate) fn swift_sources() -> Outcome {
    let made = match generate_swift() {
        Ok(made) => made,
        Err(failure) => return failure,
    };
    for Generated { place, text } in made {
        let file = root().join(&place);
        let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
        if let Err(error) = folder.and_then(|()| fs::write(&file, text)) {
            return Outcome::failed(format!("{} cannot be written: {error}", place.display()));
        }
    }
    Outcome::Passed
}

/// A file as it was generated, and where it belongs.
struct Generated {
    place: PathBuf,
    text: String,
}

fn generate_swift() -> Result<Vec<Generated>, Outcome> {
    let library = library()?;
    let folder = target().join("bindings/swift");
    let _ = fs::remove_dir_all(&folder);
    let mut bindgen = bindgen("uniffi-bindgen-swift");
    bindgen.args(["--swift-sources", "--headers", "--modulemap", "--module-name", "BywayFFI"]);
    bindgen.args(["--modulemap-filename", MODULE_MAP]).arg(library).arg(&folder);
    match command(&mut bindgen) {
        Outcome::Passed => {}
        failure => return Err(failure),
    }
    let places = [
        ("BywayGenerated.swift", PathBuf::from(SWIFT)),
        (HEADER, Path::new(SWIFT_FFI).join(HEADER)),
        (MODULE_MAP, Path::new(SWIFT_FFI).join(MODULE_MAP)),
    ];
    let mut made = Vec::new();
    for (name, place) in places {
        let text = fs::read_to_string(folder.join(name))
            .map_err(|error| Outcome::failed(format!("{name} was not generated: {error}")))?;
        made.push(Generated { place, text });
    }
    for file in made.iter_mut().filter(|file| file.place == Path::new(SWIFT)) {
        let fast = swift::with_fast_reader(&file.text).map_err(Outcome::failed)?;
        file.text = swift::with_overwriting_writer(&fast).map_err(Outcome::failed)?;
    }
    Ok(made)
}

/// The library as it is built for tests: a stripped one has no metadata for the generator.
fn library() -> Result<PathBuf, Outcome> {
    // The lab is included, because both languages are tested against it: built alone, each would have other features.
    match command(cargo().args(["build", "--locked", "--package", "byway-ffi", "--package", "byway-lab"])) {
        Outcome::Passed => {
            let name = format!("{}byway_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
            Ok(target().join("debug").join(name))
        }
        failure => Err(failure),
    }
}

pub(crate) fn bindgen(program: &str) -> std::process::Command {
    let mut run = cargo();
    run.args(["run", "--quiet", "--locked", "--package", "byway-uniffi-bindgen", "--bin", program, "--"]);
    run
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files_below(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// Makes every top-level declaration of a Kotlin file `internal`. uniffi indents some of them and puts annotations
/// before them, so the braces show what is at the top level.
fn internal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 64);
    let mut depth = 0_usize;
    for line in text.split_inclusive('\n') {
        let at_top = depth == 0;
        depth = depth_after(depth, line);
        match at_top.then(|| declaration(line)).flatten() {
            Some(at) => {
                let (before, rest) = line.split_at(at);
                out.push_str(before);
                out.push_str("internal ");
                out.push_str(rest.strip_prefix("public ").unwrap_or(rest));
            }
            None => out.push_str(line),
        }
    }
    out
}

/// Where the declaration on this line begins. The properties of a record's constructor are indented and do not belong to the file.
fn declaration(line: &str) -> Option<usize> {
    let rest = line.trim_start();
    let rest = rest.strip_prefix("@Throws(").and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest);
    let rest = rest.trim_start();
    let at = line.len() - rest.len();
    let mut words = rest.strip_prefix("public ").unwrap_or(rest).split([' ', '<', '(']);
    let first = words.next().unwrap_or_default();
    let function = first == "fun" || (first == "suspend" && words.next() == Some("fun"));
    (function || (at == 0 && DECLARATIONS.contains(&first))).then_some(at)
}

/// How many braces are open after this line. Comments contain none that count; templates in strings close the ones that
/// they open.
fn depth_after(depth: usize, line: &str) -> usize {
    let code = line.trim_start();
    if code.starts_with(['*', '/']) {
        return depth;
    }
    code.chars().fold(depth, |depth, letter| match letter {
        '{' => depth + 1,
        '}' => depth.saturating_sub(1),
        _ => depth,
    })
}

/// The words that begin a declaration in uniffi's output.
const DECLARATIONS: &[&str] = &[
    "abstract",
    "class",
    "const",
    "data",
    "enum",
    "fun",
    "inline",
    "interface",
    "object",
    "open",
    "sealed",
    "typealias",
    "val",
    "var",
];

#[cfg(test)]
mod tests {
    use super::internal;

    #[test]
    fn only_declarations_at_the_top_become_internal() {
        let text = "\
package a
public object B {
    public val c = 1
    fun d() {}
}
/**
 * Braces in a comment: {
 */
data class E (
    val f: Int
)
    @Throws(G::class)
    @Suppress(\"X\")
     suspend fun `h`(`i`: String) {
    }
    @Throws(G::class) fun `j`() = \"${k}\"
internal fun l() {}
";
        let hidden = text
            .replace("public object", "internal object")
            .replace("\ndata", "\ninternal data")
            .replace("suspend fun", "internal suspend fun")
            .replace(" fun `j`", " internal fun `j`");
        assert_eq!(internal(text), hidden);
    }
}
