"""What .ci/formats needs beside the checker: the map from an export back to its data set, and faults.

    formats.py map EXPORT DATASET            writes EXPORT/_map.json for the checker
    formats.py check CHECKER EXPORT [DATASET] runs the checker; exit 1 for a difference
    formats.py faults CHECKER EXPORT…        plants one fault at a time; the checker must find each
"""
import argparse, ast, collections, decimal, importlib.util, json, os, re, shutil, subprocess, sys, tempfile


def write_map(out, data):
    m = json.load(open(os.path.join(out, "_cdisc_manifest.json")))
    study = m["source"]["studyKey"]
    constants = {"@STUDYID": {"const": study}, "@USUBJID": {"source": "subjectKey", "prefix": study + "-"}}
    changed = {(l["dataset"], l.get("variable")) for l in m["losses"] if l["kind"] == "escaped-text"}
    datasets = {}
    for d in m["datasets"]:
        # What was split or escaped on request differs from the source: such a table is compared across formats alone.
        differs = any(", part " in v["source"] or (d["name"], v["name"]) in changed for v in d["variables"])
        d["variables"] = [v for v in d["variables"] if v["source"] != "@SEQ"]
        columns = {v["name"]: {"const": d["name"]} if v["source"] == "@DOMAIN" else constants.get(v["source"], {"source": re.sub("_text$", "", v["source"])}) for v in d["variables"]}
        datasets[d["name"]] = {"source": "-", "columns": {}} if differs else {"source": d["source"], "columns": columns}
    json.dump({"datasets": datasets}, open(os.path.join(out, "_map.json"), "w"))


def load(path):
    spec = importlib.util.spec_from_file_location("checker", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # Numbers of ODM have no exponent; the checker spells those of the source with one.
    whole = module.plain
    module.plain = lambda x: format(decimal.Decimal(repr(x)), "f") if isinstance(x, float) and "e" in repr(x) else whole(x)
    return module


def escaped(text):
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", lambda m: f"\\u{ord(m[0]):04x}", text)


def is_expected(difference, numbered):
    """Differences from the source that were asked for: escaped texts in ODM, and numbers that no column has."""
    if re.search(r" (\w+): comes from no source column", difference):
        return re.search(r" (\w+): comes from no source column", difference)[1] in numbered
    m = re.search(r": source ('.*'|\".*\"), ODM ('.*'|\".*\")$", difference)
    return bool(m) and ast.literal_eval(m[2]) != ast.literal_eval(m[1]) and ast.literal_eval(m[2]) == escaped(ast.literal_eval(m[1]))


def numbered_variables(out):
    """The variables that an export numbers, whose values are checked here."""
    path = os.path.join(out, "_cdisc_manifest.json")
    manifest = json.load(open(path)) if os.path.exists(path) else {"datasets": []}
    names = set()
    for d in manifest["datasets"]:
        at = {v["source"]: i for i, v in enumerate(d["variables"])}
        if "@SEQ" not in at: continue
        names.add(d["variables"][at["@SEQ"]]["name"])
        for f in manifest["files"]:
            if f.get("dataset") != d["name"] or f["format"] != "ndjson": continue
            seen = collections.defaultdict(list)
            for line in open(os.path.join(out, f["path"]), "rb").read().split(b"\n")[1:-1]:
                row = json.loads(line)
                seen[row[at["@USUBJID"]]].append((row[at["@SEQ"]], row[at["recordId"]]))
            for rows in seen.values():
                assert [n for n, _ in rows] == list(range(1, len(rows) + 1)), f"{d['name']} is not numbered within the subject"
                assert len({record for _, record in rows}) == len(rows)
    return names


def check(checker, out, data=None):
    import xmlschema
    xmlschema.limits.MAX_XML_ELEMENTS = 10 ** 8
    module, known = load(checker), os.path.join(out, "_map.json")
    a = argparse.Namespace(schemas=os.path.join(os.path.dirname(checker), "schemas"), source=data, map=known if os.path.exists(known) else None)
    numbered = numbered_variables(out)
    print(out)
    r = module.check(out, a)
    expected = [b for b in r.bad if is_expected(b, numbered)]
    if expected: print(f"  {len(expected)} differences that were asked for")
    r.bad = [b for b in r.bad if not is_expected(b, numbered)]
    if not r.counts["files"]: r.error(out, "nothing to check")
    return r.done()


def replace(pattern, new, count=1):
    def change(b):
        changed, n = re.subn(pattern, new, b, count=count, flags=re.S)
        assert n, pattern
        return changed
    return change


def after(mark, skip, new):
    """Overwrites bytes behind a mark."""
    def change(b):
        at = b.index(mark) + len(mark) + skip
        return b[:at] + new + b[at + len(new):]
    return change


OBS = b"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!" + b"0" * 30 + b"  "
# (what, file, change): the file is looked for in each of the exports
FAULTS = [
    ("xpt: a letter of a text", "ae.xpt", after(OBS, 1, b"#")),
    ("xpt: a bit of a number", "ae.xpt", lambda b: number_changed(b)),
    ("xpt: a label", "ae.xpt", replace(rb"Study Identifier", b"Study Identifief")),
    ("xpt: no multiple of 80", "ae.xpt", lambda b: b[:-3]),
    ("xpt: the last record is gone", "ae.xpt", lambda b: b[:-800]),
    ("xpt: a position", "ae.xpt", lambda b: b[:640 + 140 + 84] + b"\0\0\0\1" + b[640 + 140 + 88:]),
    ("json: a value", "ae.json", replace(rb'\["NASTY","NASTY-', b'["NASTY","NASTX-')),
    ("json: records", "ae.json", replace(rb'"records":(\d)', rb'"records":9\1')),
    ("json: order of members", "ae.json", replace(rb'("name":"AE"),("label":"[^"]*")', rb"\2,\1")),
    ("json: a member twice", "ae.json", replace(rb'"name":"AE",', b'"name":"AE","name":"AE",')),
    ("json: a type", "ae.json", replace(rb'"dataType":"integer"', b'"dataType":"string"')),
    ("json: a key", "ae.json", replace(rb'"keySequence":2', b'"keySequence":4')),
    ("json: NaN", "ae.json", replace(rb",null,", b",NaN,")),
    ("ndjson: a line is gone", "ae.ndjson", lambda b: b"\n".join(b.split(b"\n")[:3] + b.split(b"\n")[4:])),
    ("ndjson: a row twice", "ae.ndjson", lambda b: b"\n".join(b.split(b"\n")[:3] + b.split(b"\n")[2:])),
    ("dsjc: cut", "ae.dsjc", lambda b: b[:-40]),
    ("define: a reference to nothing", "define.xml", replace(rb'ItemRef ItemOID="IT.AE.AETERM"', b'ItemRef ItemOID="IT.AE.AETERX"')),
    ("define: order of elements", "define.xml", replace(rb"(<def:leaf .*?</def:leaf>)(\s*</ItemGroupDef>)", rb'\1<Alias Context="a" Name="b"/>\2')),
    ("define: a word of the standard", "define.xml", replace(rb'Type="Collected"', b'Type="CRF"')),
    ("define: a label", "define.xml", replace(rb">Record Identifier<", b">Record Identifiers<")),
    ("define: a dataset is missing", "define.xml", replace(rb'<ItemGroupDef OID="IG.AE" Name="AE"', b'<ItemGroupDef OID="IG.AE" Name="AF"')),
    ("odm: a user without a definition", "odm.xml", replace(rb'<User OID="U\.[^"]*"', b'<User OID="U.nobody"')),
    ("odm: no location", "odm.xml", replace(rb'<LocationRef [^>]*/>', b"")),
    ("odm: a value", "odm.xml", replace(rb'(ItemOID="IT.AE.AETERM"[^>]*Value=")', rb"\1x")),
    ("odm: a stamp after the file was made", "odm.xml", replace(rb"<DateTimeStamp>20", b"<DateTimeStamp>21")),
    ("odm: an item of another group", "odm.xml", replace(rb'<ItemData ItemOID="IT.AE.AETERM"', b'<ItemData ItemOID="IT.DM.SEX"')),
    ("odm: no audit record", "odm.xml", replace(rb"<AuditRecord>.*?</AuditRecord>", b"")),
]


def number_changed(b):
    """Changes the first number of the first row: RECID, the eight bytes before which STUDYID and USUBJID stand."""
    widths, pos = [], 640
    while True:
        kind, width = int.from_bytes(b[pos:pos + 2], "big"), int.from_bytes(b[pos + 4:pos + 6], "big")
        if kind == 1:
            break
        widths.append(width)
        pos += 140
    at = b.index(OBS) + 80 + sum(widths)
    return b[:at + 3] + bytes([b[at + 3] ^ 1]) + b[at + 4:]


def faults(checker, exports):
    missed = 0
    for what, name, change in FAULTS:
        out = next(d for d in exports if os.path.exists(os.path.join(d, name)))
        with tempfile.TemporaryDirectory() as tmp:
            copy = os.path.join(tmp, "out")
            shutil.copytree(out, copy)
            path = os.path.join(copy, name)
            data = open(path, "rb").read()
            open(path, "wb").write(change(data))
            command = [sys.executable, __file__, "check", checker, copy]
            if os.path.exists(os.path.join(copy, "_map.json")) or name.startswith("odm"): command.append(out.split("-")[0] + "-forms")
            found = subprocess.run(command, capture_output=True).returncode == 1
        print("found " if found else "MISSED", what)
        missed += not found
    print(f"{len(FAULTS)} faults planted, {missed} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    if sys.argv[1] == "map": write_map(*sys.argv[2:])
    elif sys.argv[1] == "check": sys.exit(check(*sys.argv[2:]))
    else: sys.exit(faults(sys.argv[2], sys.argv[3:]))
