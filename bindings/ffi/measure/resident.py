"""What the library that an app ships costs a process: memory while 1,000 posts are held, and the time to the first post.

`cargo xtask size` runs it. Python, because uniffi generates it too: so the very library is measured that an app ships, by
calls across the border, without another program in the same process but the interpreter. The lab runs beside it.

    resident.py measure LAB BYWAY FOLDER   prints one JSON document
    resident.py read SETUP FOLDER COUNT    is the process that is measured: it opens so many communities
"""

import asyncio
import ctypes
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

COMMUNITIES = 50
# As many as one opening reads.
POSTS = 20
ROUNDS = 9


def measure(lab, byway, folder):
    state = folder / "state.json"
    state.write_text(json.dumps({"communities": [community(number) for number in range(COMMUNITIES)], "calls_per_second": 1_000_000}))
    authority = folder / "authority.pem"
    serve = [lab, "serve", "--quiet", "--ca-file", authority, "--state", state]
    with subprocess.Popen(serve, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as served:
        try:
            print(json.dumps(rounds(document(served.stdout), authority, byway, folder)))
        finally:
            served.stdin.close()


def rounds(served, authority, byway, folder):
    api = served["vk_api"]["https"]
    links = [f"vk.com/club_no_{number}" for number in range(COMMUNITIES)]
    setup = folder / "setup.json"
    setup.write_text(json.dumps({"api": api, "authority": authority.read_text(), "resolve": served["resolve"], "links": links}))
    command = [byway, "open", links[0], "--strategy", "direct:", "--ca", authority, "--vk-api", api]
    for entry in served["resolve"]:
        command += ["--resolve", entry]
    def reader(count):
        arguments = [sys.executable, __file__, "read", setup, folder, str(count)]
        return json.loads(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout)

    # All of them once, which also compiles the bindings: the library asks VK three times a second at most.
    held = reader(COMMUNITIES)
    first, commands = [], []
    for _ in range(ROUNDS):
        first.append(reader(1)["first_post_ms"])
        started = time.monotonic()
        environment = {**os.environ, "BYWAY_VK_TOKEN": "token"}
        subprocess.run(command, check=True, capture_output=True, env=environment)
        commands.append((time.monotonic() - started) * 1000)
    return {**held, "first_post_ms": statistics.median(first), "command_ms": statistics.median(commands)}


def community(number):
    owner = -1000 - number
    post = lambda id: {"id": id, "date": 1_478_000_000 + 3600 * id, "text": f"Пост номер {id}. " * 20, "type": "post", "owner_id": owner, "from_id": owner}
    group = {"id": -owner, "name": f"The club {number}", "screen_name": f"club_no_{number}"}
    return {"group": group, "posts": [post(id) for id in range(POSTS, 0, -1)]}


def document(lines):
    text = ""
    for line in lines:
        text += line
        if line.startswith("}"):
            return json.loads(text)
    raise SystemExit("the lab ended before it said where it is")


def read(setup, folder, count):
    setup = json.loads(setup.read_text())
    sys.path.insert(0, str(folder))
    before = resident()
    started = time.monotonic()
    ctypes.CDLL(str(folder / "libbyway_ffi.so"))
    load = time.monotonic() - started
    loaded = resident()
    import byway_ffi

    wrapped = resident()
    posts, first = asyncio.run(opened(byway_ffi, setup, count))
    answer = {
        "posts": posts,
        "loaded_kib": loaded - before,
        "grown_kib": loaded - before + peak() - wrapped,
        "first_post_ms": (load + first) * 1000,
    }
    print(json.dumps(answer), flush=True)
    # Not the interpreter's orderly end: a worker of the library that wakes a future during it would be ended by Python within
    # Rust's frames, which aborts the process.
    os._exit(0)


async def opened(byway, setup, count):
    started = time.monotonic()
    configuration = byway.Configuration(
        strategies=["direct:"],
        exposure=None,
        language=byway.Language.EN,
        vk_token=byway.VkToken.SERVICE(token="token"),
        vk_api=setup["api"],
        data_directory=None,
        roots_pem=setup["authority"],
        resolve=setup["resolve"],
        timeout=None,
        network=None,
        country=None,
        fingerprints_csv=None,
    )
    client = await byway.Client.build(configuration)
    held, first = [], None
    for link in setup["links"][:count]:
        held.append(await client.open(link, byway.OpenOptions(), None))
        first = first or time.monotonic() - started
    return sum(len(each.posts) for each in held), first


def resident():
    return status("VmRSS:")


def peak():
    return status("VmHWM:")


def status(field):
    """KiB, as the kernel counts them for this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])
    raise SystemExit(f"/proc/self/status has no {field}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["measure", lab, byway, folder]:
            measure(lab, byway, Path(folder))
        case ["read", setup, folder, count]:
            read(Path(setup), Path(folder), int(count))
        case _:
            raise SystemExit(__doc__)
