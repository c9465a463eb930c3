import Byway

func readPosts(of link: String, with configuration: Configuration) async throws {
    let byway = try await LiveByway.open(configuration)
    let opened = try await byway.open(link)
    for post in opened.posts {
        print(post.text)
    }
    print(opened.reachability.sentence)
    await byway.close()
}
