// swift-tools-version: 6.0
import Foundation
import PackageDescription

let sources = "bindings/swift/Sources/"
let tests = "bindings/swift/Tests/"

// On Apple's systems the Rust library is an XCFramework (`cargo xtask xcframework`): the one with Tor inside, if that is built.
// Elsewhere, and until one is built, it is a library of the system that pkg-config finds (`cargo xtask swift` says where).
let frameworks = ["target/with-tor/xcframework/BywayFFITor.xcframework", "target/xcframework/BywayFFI.xcframework"]
let built = frameworks.first { FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/\($0)") }
let native: Target =
    built.map { .binaryTarget(name: "BywayFFI", path: $0) }
    ?? .systemLibrary(name: "BywayFFI", path: sources + "BywayFFI", pkgConfig: "byway-ffi")

let package = Package(
    name: "byway",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [
        .library(name: "Byway", targets: ["Byway"]),
        .library(name: "BywayURLSession", targets: ["BywayURLSession"]),
        .library(name: "BywayFakes", targets: ["BywayFakes"]),
    ],
    targets: [
        native,
        // swiftc 6.0.3 crashes on what uniffi generates in Swift 6 mode; nothing of it is public in `Byway`.
        .target(
            name: "BywayGenerated", dependencies: ["BywayFFI"], path: sources + "BywayGenerated",
            swiftSettings: [.swiftLanguageMode(.v5)]),
        .target(name: "Byway", dependencies: ["BywayGenerated"], path: sources + "Byway"),
        .target(name: "BywayURLSession", dependencies: ["Byway"], path: sources + "BywayURLSession"),
        .target(name: "BywayFakes", dependencies: ["Byway"], path: sources + "BywayFakes"),
        .testTarget(
            name: "BywayTests", dependencies: ["Byway", "BywayURLSession", "BywayFakes"], path: tests + "BywayTests"),
    ]
)
