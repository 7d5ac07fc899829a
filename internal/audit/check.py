"""Checks an inspection copy: python3 check.py FOLDER [HEAD …]. It needs nothing but Python 3."""
import hashlib, json, pathlib, sys


def digest(*texts):
    return hashlib.sha256(b"".join(len(t.encode()).to_bytes(8, "big") + t.encode() for t in texts)).hexdigest()


def check(folder, heads):
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name, want in manifest["files"].items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != want:
            yield name + " was changed"
    for path in folder.iterdir():
        if path.name not in manifest["files"] and path.name != "manifest.json":
            yield path.name + " is not of this copy"
    chain, last, seen = manifest["chain"], {}, {("0", "-")}
    for line in (folder / chain["file"]).read_text("utf-8").split("\n")[:-1]:
        row = json.loads(line)
        group = row[chain["group"]] if chain["group"] else ""
        sequence, previous = last.get(group, (0, ""))
        hashed = digest(chain["domain"], *[str(row[name]) for name in chain["fields"]])
        if (row["sequence"], row[chain["previous"]], row[chain["hash"]]) != (sequence + 1, previous, hashed):
            yield "entry %s %d is not what was written" % (group, row["sequence"])
        last[group] = (row["sequence"], row[chain["hash"]])
        seen.add((str(row["sequence"]), row[chain["hash"]]))
    for line in (folder / chain["bodies"]).read_text("utf-8").split("\n")[:-1] if "bodies" in chain else []:
        body = json.loads(line)
        if hashlib.sha256(body["body"].encode()).hexdigest() != body["commit_id"]:
            yield "the body of %s was changed" % body["commit_id"]
    for head in manifest["heads"] + heads:
        if tuple(head.split()[-2:]) not in seen:
            yield "the log lacks the entry of the head " + head


faults = list(check(pathlib.Path(sys.argv[1]), sys.argv[2:]))
print("\n".join(faults) or "intact")
sys.exit(1 if faults else 0)
