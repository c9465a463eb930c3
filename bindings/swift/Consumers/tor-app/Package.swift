// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "tor-app",
    platforms: [.iOS(.v16), .macOS(.v13)],
    dependencies: [.package(name: "byway", path: "../../package")],
    targets: [
        .systemLibrary(name: "DebugNetwork"),
        .executableTarget(name: "tor-app", dependencies: ["DebugNetwork", .product(name: "Byway", package: "byway")]),
    ]
)
