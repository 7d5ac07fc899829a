"""Checks an inspection copy: python3 check.py FOLDER [HEAD …]. It needs nothing but Python 3."""
import hashlib, json, pathlib, sys
chain = {}

def digest(of, row):
    texts = [(v if isinstance(v, str) else json.dumps(v)).encode() for v in [of["domain"]] + [row[name] for name in of["fields"]]]
    return hashlib.sha256(b"".join(len(t).to_bytes(8, "big") + t for t in texts)).hexdigest()

def check(folder, heads):
    once = lambda pairs: dict(pairs) if len(dict(pairs)) == len(pairs) else sys.exit("a member is there twice")
    manifest, last, seen, known, named = json.loads((folder / "manifest.json").read_bytes()), {}, {("0", "-")}, {}, {}
    hashed = lambda path: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else object()
    yield from (name + " was changed" for name, want in manifest["files"].items() if hashed(folder / name) != want)
    mine = {"manifest.json", "index.html", "check.py", chain["file"], chain.get("bodies") or chain["file"], *(of["file"] for of in chain.get("rows", []))}
    def lines(name, *members):
        rows = [json.loads(text, object_pairs_hook=once) for text in (folder / name).read_bytes().decode().split("\n") if text]
        return rows if all({*row} == {*members} for row in rows) else sys.exit(name + " has other members")
    for row in lines(chain["file"], chain["hash"], *chain["fields"]):
        group, key = row.get(chain["group"], ""), tuple(row[name] for name in chain.get("key", []))
        if (row["sequence"], row[chain["previous"]]) != last.get(group, (1, "")) or row[chain["hash"]] != digest(chain, row):
            yield "entry %s %d is not what was written" % (group, row["sequence"])
        last[group] = (row["sequence"] + 1, row[chain["hash"]])
        seen.add((str(row["sequence"]), row[chain["hash"]]))
        files = json.loads(row["details"]).get("files", []) if "attached" in chain else []
        yield from ("file %s of entry %s %d is missing or was changed" % (file["name"], group, row["sequence"])
                    for file in files if hashed(folder / (chain["attached"] + file["sha256"])) != file["sha256"])
        mine.update(chain["attached"] + file["sha256"] for file in files)
        named.setdefault("" if files else row.get("commit_id", ""), set()).add(group)
        known[key] = {**row, **{name: known.get(key, row)[name] for name in chain.get("fixed", [])}}
    for body in lines(chain["bodies"], "commit_id", "study_key", "body") if "bodies" in chain else []:
        if (commit := hashlib.sha256(body["body"].encode()).hexdigest()) != body["commit_id"] or body["study_key"] not in named.pop(commit, []):
            yield "the body of %s was changed, or no entry names it" % body["commit_id"]
    yield from ("the body of %s is missing" % commit for commit in named if commit)
    for of in chain.get("rows", []):
        for row in lines(of["file"], *chain["key"], *(name for hash in of["hashes"].values() for name in hash["fields"])):
            line = known.pop(key := tuple(row[name] for name in chain["key"]), {})
            if any(digest(hash, row) != line.get(name) for name, hash in of["hashes"].items()):
                yield "what was kept of %s %s is not what the log says" % key
    yield from ("the log knows %s %s, which is missing" % key for key in known if key)
    yield from (name + (" is missing" if name in mine else " is not of this copy") for name in mine ^ {path.name for path in folder.iterdir()})
    yield from ("the log lacks the entry of the head " + head for head in manifest["heads"] + heads if tuple(head.split()[-2:]) not in seen)

faults = list(check(pathlib.Path(sys.argv[1]), sys.argv[2:]))
print("\n".join(faults) or "intact")
sys.exit(1 if faults else 0)
