"""Records what CPython makes of expressions, for the tests beside this folder.

    python3 record_cpython.py

writes cpython_cases.tsv.gz (expression, kind and text of the result, one case a line) and
cpython_floats.json (checksums of a million pairs of floats under /, //, % and **, a thousand pairs
to each). Both depend on the seed below alone, and on the C library's pow: glibc 2.28 or later on a
processor with fused multiply-add. No case holds data of a study.
"""
import gzip
import json
import random
import struct
import warnings
import zlib

warnings.simplefilter("ignore")  # "is" beside a literal
R = random.Random(20261126)
CASES = 60_000
pick = R.choice


def atom():
    return pick(ATOMS)


NUMBERS = ["0", "1", "2", "3", "7", "10", "-1", "0.0", "1.0", "2.5", "-2.5", "0.1", "0.3", "1e3", "1e16", "1e-5", "-0.0", "100", "3.0", "0.5"]
BOOLS = ["True", "False"]
TEXTS = ['"Y"', '"N"', '""', '"1"', '"a"', '"A"', '"ab"', '" a "', '"Hällo"', '"SEVERE"', '"straße"', '"x,y"', '"3"', '"1.0"', '"日本"', '"é"']
ATOMS = NUMBERS + BOOLS + TEXTS + ["None"]
KEYS = NUMBERS + BOOLS + TEXTS[:8] + ["None", '(1,"a")', '(True,"a")', "(1.0,2)", "()"]
COMPARE = ["==", "!=", "<", "<=", ">", ">="]


def dict_case():
    pairs = ",".join(f"{pick(KEYS)}:{atom()}" for _ in range(R.randint(0, 4)))
    d, key = "{" + pairs + "}", pick(KEYS)
    if R.random() < 0.2:
        key = f"{pick(NUMBERS)} {pick(COMPARE)} {pick(NUMBERS)}"
    return pick([
        f"{d}.get({key})", f"{d}.get({key},{atom()})", f"{d}[{key}]", f"{key} in {d}", f"{key} not in {d}", f"len({d})",
        f"{d} == " + "{" + ",".join(f"{pick(KEYS)}:{atom()}" for _ in range(R.randint(0, 2))) + "}",
        f"{d}.keys() and 1" if R.random() < 0.1 else f"bool({d})",
    ])


def set_case():
    items = [pick(KEYS) for _ in range(R.randint(1, 5))]
    return f"{pick(KEYS)} {pick(['in', 'not in'])} " + "{" + ",".join(items) + "}"


def listed(n=4):
    items = [atom() for _ in range(R.randint(0, n))]
    return "[" + ",".join(items) + "]" if R.random() < 0.5 else "(" + ",".join(items) + ("," if len(items) == 1 else "") + ")"


def compare_case():
    kind = R.random()
    if kind < 0.35:
        return f"{atom()} {pick(COMPARE)} {atom()}"
    if kind < 0.55:
        return f"{pick(NUMBERS + BOOLS)} {pick(COMPARE)} {pick(NUMBERS + BOOLS)} {pick(COMPARE)} {pick(NUMBERS + BOOLS)}"
    if kind < 0.7:
        return f"{atom()} {pick(['in', 'not in'])} {listed()}"
    if kind < 0.8:
        return f"{listed(2)} {pick(['==', '!='])} {listed(2)}"
    if kind < 0.9:
        return f"{listed()}.{pick(['count', 'index'])}({atom()})"
    return pick([f"{atom()} is None", f"{atom()} is not None", f"not {atom()}", f"{atom()} and {atom()}", f"{atom()} or {atom()}",
                 f"{atom()} if {atom()} else {atom()}", f"max({pick(NUMBERS)},{pick(NUMBERS + BOOLS)})", f"min({listed()})"])


def bound():
    return pick(["", "0", "1", "2", "-1", "-2", "5", "-7", "100", "True"])


def slice_case():
    text = pick(TEXTS + ['"abcdefghij"', '"0123456789"', '"añb😀c"'])
    if R.random() < 0.15:
        return f"{text}[{R.randint(-6, 6)}]"
    step = pick(["", "", ":1", ":2", ":-1", ":-2", ":0"])
    cut = f"[{bound()}:{bound()}{step}]"
    if R.random() < 0.7:
        return f"{text}{cut}"
    items = "[" + ",".join(pick(NUMBERS[:8]) for _ in range(R.randint(0, 5))) + "]"
    return pick([f"{items}{cut} == {items}", f"len({items}{cut})", f"({items}{cut} + [9])[0]"])


def text_case():
    t, u = pick(TEXTS), pick(TEXTS)
    one = pick(["strip", "lower", "upper", "title", "capitalize", "casefold", "lstrip", "rstrip", "isdigit", "isalpha", "isalnum", "isspace", "islower", "isupper", "istitle"])
    return pick([
        f"{t}.{one}()", f"{t}.{one}()", f"{t}.startswith({u})", f"{t}.endswith({u})", f"{t}.replace({u},{pick(TEXTS)})",
        f"{t}.find({u})", f"{t}.rfind({u})", f"{t}.count({u})", f"{t}.index({u})", f"{t}.split({u})[0]", f'{u}.join([{t},{pick(TEXTS)}])',
        f"{t}.zfill({R.randint(0, 6)})", f"{t}.removeprefix({u})", f"{t}.removesuffix({u})", f"{t}.partition({u})[{R.randint(0, 2)}]",
        f"{t}.rpartition({u})[{R.randint(0, 2)}]", f"{t}.strip({u})", f"{t} + {u}", f"{t} * {R.randint(-1, 3)}", f"len({t})", f"{t} in {u}",
        f"len({t}.split())", f"len({t}.splitlines())", f"{t} < {u}", f'"%s|%5s|%-4s" % ({t},{u},{atom()})',
    ])


def some_float():
    kind = R.random()
    if kind < 0.4:
        return repr(round(R.uniform(-200, 200), R.randint(0, 3)))
    if kind < 0.6:
        return str(R.randint(-1000, 1000))
    if kind < 0.8:
        return repr(float(f"{R.lognormvariate(0, 8):.6g}"))
    return pick(NUMBERS)


def float_case():
    a, b = some_float(), some_float()
    return pick([
        f"{a} {pick(['+', '-', '*', '/', '//', '%'])} {b}", f"{a} {pick(['/', '//', '%'])} {b}",
        f"({a}) ** {pick(['2', '-1', '0.5', '3', '1.5', '-0.329', '0', b])}", f"round({a},{R.randint(0, 3)})", f"round({a})", f"int({a})",
        f"float({a})", f"str({a})", f"abs({a})", f"float('{a}')", f"int('{a}')", f"str({a} * {b})", f"{a} * {b} + {a}",
        f"'%.{R.randint(0, 4)}f' % {a}", f"'%e' % {a}", f"'%g' % {a}", f"'%05d' % {a}", f"{a} {pick(COMPARE)} {b}", f"-{a} % {b}",
    ])


def describe(v):
    if v is None:
        return "none", ""
    if isinstance(v, bool):
        return "bool", str(v).lower()
    if isinstance(v, str):
        return "text", v
    if isinstance(v, int):
        return "number", str(v)
    if isinstance(v, float) and v == v and abs(v) != float("inf"):
        return "number", repr(v)
    return "error", ""


def record_cases():
    makers = [dict_case, dict_case, set_case, compare_case, compare_case, slice_case, text_case, float_case, float_case]
    seen, lines = set(), []
    while len(lines) < CASES:
        source = pick(makers)()
        if source in seen or len(source) > 200:
            continue
        seen.add(source)
        try:
            kind, text = describe(eval(source, {"__builtins__": {}}, {f: __builtins__.__dict__[f] for f in ["float", "int", "str", "bool", "len", "abs", "min", "max", "round"]}))
        except Exception:
            kind, text = "error", ""
        if "\t" in text or "\n" in text:
            continue
        lines.append(f"{source}\t{kind}\t{text}\n")
    lines.sort()
    with open("cpython_cases.tsv.gz", "wb") as f, gzip.GzipFile("", "wb", 9, f, 0) as z:
        z.write("".join(lines).encode())


class Mix:
    """splitmix64, so that the test makes the same pairs."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        return z ^ z >> 31


def pair(m):
    """A number of at most 53 bits over a power of ten or of two, or any float at all."""
    def one():
        bits, kind = m.next(), m.next() % 4
        if kind == 0:
            return float(bits % 100_000) / 1000.0 - 50.0
        if kind == 1:
            return float(bits % 2_000_001) / 7.0
        if kind == 2:
            return float(bits >> 11) * 2.0**-53
        return struct.unpack(">d", struct.pack(">Q", bits))[0]
    return one(), one()


def record_floats():
    m, sums = Mix(42), {op: [] for op in ["/", "//", "%", "**"]}
    operations = {"/": lambda x, y: x / y, "//": lambda x, y: x // y, "%": lambda x, y: x % y, "**": lambda x, y: x**y}
    for _ in range(1000):
        check = dict.fromkeys(sums, 0)
        for _ in range(1000):
            x, y = pair(m)
            if x != x or y != y or abs(x) == float("inf") or abs(y) == float("inf"):
                continue
            for op, run in operations.items():
                try:
                    z = run(x, y)
                except (ZeroDivisionError, OverflowError):
                    continue
                if isinstance(z, float):
                    check[op] = zlib.crc32(struct.pack(">d", z), check[op])
        for op in sums:
            sums[op].append(check[op])
    with open("cpython_floats.json", "w") as f:
        json.dump(sums, f, separators=(",", ":"))
        f.write("\n")


record_cases()
record_floats()
