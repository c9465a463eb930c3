import Byway
import Foundation

/// A value as plain data: what the shared cases compare.
indirect enum Tree: Equatable, CustomStringConvertible {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([Tree])
    case object([String: Tree])

    /// Reads JSON. A text that is repeated (`{"repeat": [text, times]}`) is written out.
    init(json: Any) {
        switch json {
        case is NSNull: self = .null
        case let text as String: self = .text(text)
        case let list as [Any]: self = .list(list.map(Tree.init(json:)))
        case let object as [String: Any]:
            if let parts = object["repeat"] as? [Any], let text = parts[0] as? String, let times = parts[1] as? Int {
                self = .text(String(repeating: text, count: times))
            } else {
                self = .object(object.mapValues(Tree.init(json:)))
            }
        case let number as NSNumber:
            // JSON's true and 1 are both numbers to Foundation.
            self = String(cString: number.objCType) == "c" ? .bool(number.boolValue) : .number(number.doubleValue)
        default: self = .null
        }
    }

    /// Reflects a value of the library.
    init(of value: Any) {
        switch value {
        case let text as String: self = .text(text)
        case let flag as Bool: self = .bool(flag)
        case let number as Int: self = .number(Double(number))
        case let number as Double: self = .number(number)
        case let date as Date: self = .text(date.formatted(.iso8601))
        case let data as Data: self = .text(String(decoding: data, as: UTF8.self))
        case let id as CommunityID: self = .text(id.rawValue)
        case let cursor as Cursor: self = .text(cursor.rawValue)
        case let code as any RawRepresentable<String>: self = .text(code.rawValue)
        case let duration as Duration: self = .number(duration / .milliseconds(1))
        case let post as Post:
            guard case .object(var fields) = Self.reflected(post) else {
                self = .null
                return
            }
            fields["repost"] = post.repost.map(Tree.init(of:)) ?? .null
            self = .object(fields)
        // A link shows none of its parts to a mirror.
        case let link as CommunityLink:
            let mirrors = Tree.list(link.mirrors.map(Tree.text))
            let exposure = Tree.text(link.exposure.rawValue)
            self = .object(["home": .text(link.home), "exposure": exposure, "mirrors": mirrors, "text": .text(link.text)])
        case let link as SignedLink:
            self = .object([
                "id": .text(link.id), "exposure": .text(link.exposure.rawValue), "key": link.key.map(Tree.text) ?? .null,
                "mirrors": .list(link.mirrors.map(Tree.text)), "text": .text(link.text),
                "webForm": link.webForm.map(Tree.text) ?? .null,
            ])
        case let hit as SearchHit:
            switch hit {
            case .community(let stored): self = Tree(of: stored)
            case .post(let post, let id): self = .object(["post": Tree(of: post), "community": Tree(of: id)])
            case .event(let event, let id): self = .object(["event": Tree(of: event), "community": Tree(of: id)])
            }
        default: self = Self.reflected(value)
        }
    }

    private static func reflected(_ value: Any) -> Tree {
        let mirror = Mirror(reflecting: value)
        let children = mirror.children.map { ($0.label ?? "", $0.value) }
        switch mirror.displayStyle {
        case .optional: return children.first.map { Tree(of: $0.1) } ?? .null
        case .collection: return .list(children.map { Tree(of: $0.1) })
        case .enum:
            // A case with values is those values; one without is its name.
            guard let (label, payload) = children.first else { return .text("\(value)") }
            let inner = Mirror(reflecting: payload)
            return inner.displayStyle == .tuple ? reflected(payload) : .text(label)
        case .struct, .class, .tuple:
            return .object(Dictionary(children.map { ($0.0, Tree(of: $0.1)) }) { first, _ in first })
        default: return .text("\(value)")
        }
    }

    /// What lies at a path such as `posts[0].text`; `length` is that of a list. The empty path is the value itself.
    func at(_ path: String) -> Tree? {
        var here = self
        let steps = path.replacingOccurrences(of: "[", with: ".[").split(separator: ".")
        for step in steps {
            switch here {
            case .list(let list):
                if step == "length" {
                    here = .number(Double(list.count))
                    continue
                }
                guard step.hasPrefix("["), let index = Int(step.dropFirst().dropLast()), list.indices.contains(index) else {
                    return nil
                }
                here = list[index]
            case .object(let fields):
                guard let field = fields[String(step)] else { return nil }
                here = field
            default: return nil
            }
        }
        return here
    }

    /// Whether it is as expected: equal, or as one of the checks says.
    func matches(_ expected: Tree) -> Bool {
        guard case .object(let check) = expected else { return self == expected }
        switch (check.first?.key, check.first?.value, self) {
        case ("starts", .text(let start), .text(let text)): return text.hasPrefix(start)
        case ("contains", .text(let part), .text(let text)): return text.contains(part)
        case ("length", .number(let length), .text(let text)): return Double(text.utf8.count) == length
        case ("present", .bool(let present), _): return (self != .null && self != .text("")) == present
        default: return false
        }
    }

    var description: String {
        switch self {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .number(let number): "\(number)"
        case .text(let text): text.count > 80 ? "\(text.prefix(80))... (\(text.utf8.count) bytes)" : text
        case .list(let list): "\(list.count) items"
        case .object(let fields): "{\(fields.keys.sorted().joined(separator: ", "))}"
        }
    }
}
