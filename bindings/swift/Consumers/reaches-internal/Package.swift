// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "reaches-internal",
    platforms: [.iOS(.v16), .macOS(.v13)],
    dependencies: [.package(name: "byway", path: "../../package")],
    targets: [.executableTarget(name: "reaches-internal", dependencies: [.product(name: "Byway", package: "byway")])]
)
