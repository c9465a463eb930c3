// What an app's author writes, over the lab. FirstPost.swift is the listing in docs/ios.md.

let lab = try Lab()
try await readPosts(of: "vk.com/byway_club", with: lab.configuration())
