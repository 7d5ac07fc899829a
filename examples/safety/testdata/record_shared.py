"""Records what the documented rules of the Python package make of shared.json and the pilot study.

    python3 record_shared.py PILOT > shared.json

PILOT is the directory of the pilot study. This is a model of the rules, written from their description:
the published package has no extraction to run. A line is row, field and value; of each domain there are
the number of rows, the number that the package rejects, and a checksum of the sorted lines.
"""
import gzip
import json
import os
import sys
import zlib

folder = sys.argv[1]
here = os.path.dirname(os.path.abspath(__file__))
configuration = json.load(open(os.path.join(here, "..", "shared.json")))
records = [json.loads(line) for line in gzip.open(os.path.join(folder, "records.ndjson.gz"), "rt")]
deleted = {s["subjectKey"] for s in map(json.loads, open(os.path.join(folder, "subjects.ndjson"))) if s["deleted"]}
DATES = {"AE": ["aeStartDate", "aeEndDate"]}
FUNCTIONS = {"float": float, "int": int, "str": str, "bool": bool, "len": len}


def missing(v):
    return v is None or isinstance(v, str) and not v.strip()


def source(record, name):
    value = record.get(name) if name else None
    return record["recordData"].get(name) if value is None else value


def evaluate(rule, record, payload, state):
    value = source(record, rule["sourceVariableName"])
    if missing(value) and rule.get("fallbackValue"):
        value = rule["fallbackValue"]
    if rule.get("businessLogic"):
        try:
            result = eval(rule["businessLogic"], {"__builtins__": {}}, dict(FUNCTIONS, value=value, payload=payload, state=state))
            value = value if result is None else result
        except Exception:
            pass
    return value


def is_complete(text):
    return missing(text) or len(text) >= 10


rules = {}
for rule in configuration["mappings"]:
    rules.setdefault((rule["domain"], rule["sourceFormKey"]), []).append(rule)
subjects = {}
for record in records:
    if record["subjectKey"] and not record["deleted"] and record["subjectKey"] not in deleted:
        subjects.setdefault(record["subjectKey"], []).append(record)
rows = {"AE": {}, "ADAE": {}, "ADSL": {}}
rejected = dict.fromkeys(rows, 0)
for key, own in subjects.items():
    own.sort(key=lambda r: r["dateCreated"])
    state = {}
    for record in own:
        for (domain, form), list_of_rules in rules.items():
            if form != record["formKey"]:
                continue
            payload = {}
            for rule in list_of_rules:
                value = evaluate(rule, record, payload, state)
                payload[rule["targetField"]] = state[domain + "." + rule["targetField"]] = value
            if domain == "ADSL":
                rows[domain].setdefault(key, {}).update({k: v for k, v in payload.items() if v is not None})
            elif all(is_complete(payload.get(f)) for f in DATES.get(domain, [])):
                rows[domain][record["recordId"]] = payload
            else:
                rejected[domain] += 1
report = {}
for domain, made in rows.items():
    lines = sorted(f"{row}\t{field}\t{value}\n" for row, payload in made.items() for field, value in payload.items() if field != "subjectKey" and not missing(value))
    report[domain] = {"rows": len(made), "rejected": rejected[domain], "values": len(lines), "crc32": zlib.crc32("".join(lines).encode())}
json.dump(report, sys.stdout, indent=1)
print()
