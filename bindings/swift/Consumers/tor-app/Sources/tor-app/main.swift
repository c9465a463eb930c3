import Byway

// An app with the Tor inside the library, in the lab's private network: it sees how far the start is, reads, sleeps and reads again.

let lab = try Lab(privateTor: true)
guard let network = lab.document.tor?.network else { throw Lab.Failure(description: "the lab has no Tor network") }
TorApp.use(network: network)
var configuration = try lab.configuration(strategies: ["tor:"], token: nil, storage: lab.storage())
configuration.exposure = .tor
let readings = try await TorApp(byway: LiveByway.open(configuration)).readTwice(lab.url("http.example", "hello"))
for reading in readings {
    print("\(reading.percents.map { "\($0) %" }.joined(separator: ", ")): \(reading.page)")
    // The second start is one of its own: the first one ended when the app slept.
    let (first, last) = (reading.percents.first ?? 100, reading.percents.last ?? 0)
    guard reading.page == "Hello.", first < 100, first < last else {
        throw Lab.Failure(description: "this is no start of Tor and the page that was read by it")
    }
}
