// What an app's author writes, over the lab. FirstPost.swift is the listing in docs/ios.md.

import Byway

let lab = try Lab()
try await readPosts(of: "vk.com/byway_club", with: lab.configuration())

// The library without Tor says so.
do {
    _ = try await LiveByway.open(lab.configuration(strategies: ["tor:"]))
    throw Lab.Failure(description: "the library without Tor took `tor:`")
} catch let error as BywayError where error.code == "tor_not_built_in" {
    print(error.text)
}
