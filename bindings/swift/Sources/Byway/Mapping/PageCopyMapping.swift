internal import BywayGenerated

extension CopyOptions {
    func crossing(by name: String) -> BywayGenerated.CopyOptions {
        BywayGenerated.CopyOptions(
            by: name, mirrors: mirrors, pictures: pictures, exposure: exposure.crossing, allowDirect: allowDirect)
    }
}

extension CopiedPage {
    init(_ copied: BywayGenerated.CopiedPage) {
        self.init(
            link: SignedLink(copied.link), isTooSoon: copied.isTooSoon, changed: Int(copied.changed),
            removed: Int(copied.removed), leftOut: Int(copied.leftOut))
    }
}
