"""Checks an inspection copy: python3 check.py FOLDER [HEAD …]. It needs nothing but Python 3."""
import hashlib, json, pathlib, sys

def digest(of, row):
    texts = [(v if isinstance(v, str) else json.dumps(v)).encode() for v in [of["domain"]] + [row[name] for name in of["fields"]]]
    return hashlib.sha256(b"".join(len(t).to_bytes(8, "big") + t for t in texts)).hexdigest()

def check(folder, heads):
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    hashed = lambda path: hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"
    yield from (name + " was changed" for name, want in manifest["files"].items() if hashed(folder / name) != want)
    yield from (path.name + " is not of this copy" for path in folder.iterdir() if path.name not in {*manifest["files"], "manifest.json"})
    chain, last, seen, known, named = manifest["chain"], {}, {("0", "-")}, {}, {}
    lines = lambda name: map(json.loads, (folder / name).read_text("utf-8").split("\n")[:-1])
    for row in lines(chain["file"]):
        group, key = row.get(chain["group"], ""), tuple(row[name] for name in chain.get("key", []))
        sequence, previous = last.get(group, (0, ""))
        if (row["sequence"], row[chain["previous"]], row[chain["hash"]]) != (sequence + 1, previous, digest(chain, row)):
            yield "entry %s %d is not what was written" % (group, row["sequence"])
        last[group] = (row["sequence"], row[chain["hash"]])
        seen.add((str(row["sequence"]), row[chain["hash"]]))
        for file in (files := json.loads(row["details"]).get("files", []) if "attached" in chain else []):
            if hashed(folder / (chain["attached"] + file["sha256"])) != file["sha256"]:
                yield "file %s of entry %s %d is missing or was changed" % (file["name"], group, row["sequence"])
        named.setdefault("" if files else row.get("commit_id", ""), set()).add(group)
        known[key] = {**row, **{name: known.get(key, row)[name] for name in chain.get("fixed", [])}}
    for commit, body in [(hashlib.sha256(b["body"].encode()).hexdigest(), b) for b in (lines(chain["bodies"]) if "bodies" in chain else [])]:
        if commit != body["commit_id"] or body["study_key"] not in named.pop(commit, []):
            yield "the body of %s was changed, or no entry names it" % body["commit_id"]
    yield from ("the body of %s is missing" % commit for commit in named if commit)
    for rows, row in [(rows, row) for rows in chain.get("rows", []) for row in lines(rows["file"])]:
        line = known.pop(key := tuple(row[name] for name in chain["key"]), {})
        if any(digest(of, row) != line.get(name) for name, of in rows["hashes"].items()):
            yield "what was kept of %s %s is not what the log says" % key
    yield from ("the log knows %s %s, which is missing" % key for key in known if key)
    yield from ("the log lacks the entry of the head " + head for head in manifest["heads"] + heads if tuple(head.split()[-2:]) not in seen)

faults = list(check(pathlib.Path(sys.argv[1]), sys.argv[2:]))
print("\n".join(faults) or "intact")
sys.exit(1 if faults else 0)
