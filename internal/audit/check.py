"""Checks an inspection copy: python3 check.py FOLDER [HEAD …]. It needs nothing but Python 3."""
import hashlib, json, pathlib, sys
chain = {}

def digest(of, row):
    texts = [(v if isinstance(v, str) else json.dumps(v)).encode() for v in [of["domain"]] + [row[name] for name in of["fields"]]]
    return hashlib.sha256(b"".join(len(t).to_bytes(8, "big") + t for t in texts)).hexdigest()

def check(folder, heads):
    once = lambda pairs: dict(pairs) if len(dict(pairs)) == len(pairs) else sys.exit("a member is there twice")
    manifest, last, seen, known, named = (folder / "manifest.json").read_bytes(), {} if chain["group"] else {"": (1, "")}, [], {}, {}
    hashed = lambda path: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    quoted = lambda text: '"%s"' % "".join("\\U%08x" % ord(c) if c > "\uffff" else json.dumps(c)[1:-1] for c in text)
    line = lambda group, number, end: " ".join([chain["head"], *([quoted(group)] if chain["group"] else []), str(number), end or "-"])
    yield from (name + " was changed" for name, want in json.loads(manifest)["files"].items() if hashed(folder / name) != want)
    mine = {"manifest.json", "index.html", "check.py", chain["file"], chain.get("bodies") or chain["file"], *(of["file"] for of in chain.get("rows", []))}
    def lines(name, *members):
        rows = [json.loads(text, object_pairs_hook=once) for text in (folder / name).read_bytes().decode().split("\n") if text]
        return rows if all({*row} == {*members} for row in rows) else sys.exit(name + " has other members")
    for row in lines(chain["file"], chain["hash"], *chain["fields"]):
        group, key = row.get(chain["group"], ""), tuple(row[name] for name in chain.get("key", []))
        if (row["sequence"], row[chain["previous"]]) != last.get(group, (1, "")) or row[chain["hash"]] != digest(chain, row):
            yield "entry %s %d is not what was written" % (group, row["sequence"])
        last[group] = (row["sequence"] + 1, row[chain["hash"]])
        seen.append(line(group, row["sequence"], row[chain["hash"]]))
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
            newest = known.pop(key := tuple(row[name] for name in chain["key"]), {})
            if any(digest(hash, row) != newest.get(name) for name, hash in of["hashes"].items()):
                yield "what was kept of %s %s is not what the log says" % key
    yield from ("the log knows %s %s, which is missing" % key for key in known if key)
    yield from (name + (" is missing" if name in mine else " is not of this copy")
                for name in mine ^ {path.name for path in folder.iterdir() if not path.is_symlink()})
    ends, files = [line(group, number - 1, end) for group, (number, end) in last.items()], sorted(mine - {"manifest.json"})
    made = {"store": chain["store"], "heads": ends, "files": {name: hashed(folder / name) for name in files}}
    if manifest != (json.dumps(made, indent=2, ensure_ascii=False) + "\n").encode():
        yield "manifest.json is not what was written"
    yield from ("the log lacks the entry of the head " + head for head in heads if head not in seen + ends)

faults = list(check(pathlib.Path(sys.argv[1]), [head.strip() for text in sys.argv[2:] for head in text.splitlines()]))
print("\n".join(faults) or "intact")
sys.exit(1 if faults else 0)
