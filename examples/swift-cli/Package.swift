// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "swift-cli",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "byway", path: "../..")],
    targets: [.executableTarget(name: "swift-cli", dependencies: [.product(name: "Byway", package: "byway")])]
)
