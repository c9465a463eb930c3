// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "reaches-generated",
    platforms: [.iOS(.v16), .macOS(.v13)],
    dependencies: [.package(name: "byway", path: "../../package")],
    targets: [.executableTarget(name: "reaches-generated", dependencies: [.product(name: "BywayGenerated", package: "byway")])]
)
