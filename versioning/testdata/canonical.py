"""Writes the commit id of each configuration of a JSON list, as the Python package computes it:
models with these members, aliases and defaults, dumped by json with sorted keys."""
import hashlib
import json
import sys

TRUE, FALSE = {"true", "1", "yes", "y", "t"}, {"false", "0", "no", "n", "f"}


def text(value, default=""):
    return default if value is None else str(value)


def optional(value):
    return None if value is None or str(value).strip() == "" else str(value)


def boolean(value):
    word = str(value).strip().lower()
    if isinstance(value, bool):
        return value
    if word in TRUE | FALSE:
        return word in TRUE
    return bool(value) if isinstance(value, (int, float)) else False


def columns(value):
    return 12 if value is None or str(value).strip() == "" else int(float(value))


def get(source, name):
    snake = "".join("_" + c.lower() if c.isupper() else c for c in name)
    return source.get(name, source.get(snake))


def model(source, **fields):
    return {name: read(get(source, name)) for name, read in fields.items()}


def rule(source):
    return model(source, domain=text, targetField=text, sourceFormKey=text, sourceVariableName=text,
                 fallbackValue=optional, businessLogic=optional, isBaseline=boolean)


def widget(source):
    return model(source, widgetId=text, type=text, title=text, domain=text, xAxis=optional, yAxis=optional, layoutCols=columns)


def configuration(source):
    return model(
        source, version=lambda v: text(v, "1.0.0"), studyKey=text, reportingProfile=lambda v: text(v, "general").strip().lower(),
        mappings=lambda v: [rule(m) for m in v or []], widgets=lambda v: [widget(w) for w in v or []],
        phiFields=lambda v: [text(p) for p in v or []],
        terminologyLookups=lambda v: {field: {raw: text(term) for raw, term in terms.items()} for field, terms in (v or {}).items()})


for document in json.load(sys.stdin):
    body = json.dumps(configuration(json.loads(document)), sort_keys=True)
    print(hashlib.sha256(body.encode()).hexdigest())
