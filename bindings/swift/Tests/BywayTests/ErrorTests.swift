import Byway
import Foundation
import Testing

@Suite struct ErrorTests {
    @Test func anErrorShowsItsSentenceToTheUserOnly() {
        let error = BywayError(kind: .input, code: "no_address", text: "“vk.com/secret club” is not an address.")
        #expect(error.localizedDescription == "“vk.com/secret club” is not an address.")
        #expect((error as NSError).localizedDescription == error.text)
        #expect("\(error)" == "BywayError(input, no_address)")
        #expect(String(reflecting: error) == "BywayError(input, no_address)")
    }

    @Test func secretsAreNotPrinted() {
        let secret = "hunter2"
        let configuration = Configuration(
            strategies: ["socks5://user:\(secret)@proxy.example:1080"], vkToken: .user(secret),
            storage: Storage(
                folder: URL(fileURLWithPath: "/tmp"), key: .passphrase(Passphrase(secret), file: URL(fileURLWithPath: "/k"))))
        for value: Any in [
            configuration, configuration.vkToken as Any, configuration.storage as Any, StoreKey.bytes(Data(secret.utf8)),
            HTTPRequest(url: secret, headers: [Header(name: "a", value: secret)], body: .whole(Data(secret.utf8))),
            Header(name: "authorization", value: secret),
            HTTPHead(status: 200, url: secret, headers: [Header(name: "a", value: secret)], version: "HTTP/1.1"),
            CommunityLink(home: secret, exposure: .tor, mirrors: [secret], text: secret),
            SignedLink(id: secret, exposure: .tor, key: secret, mirrors: [secret], text: secret, webForm: secret),
            Imported.strategy(Strategy(redacted: "socks5://proxy", scheme: "socks5", phrase: "p"), text: secret),
        ] {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                #expect(!text.contains(secret), "\(text)")
            }
        }
    }
}
