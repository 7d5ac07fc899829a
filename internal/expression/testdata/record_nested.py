"""Records what CPython makes of nested expressions, for the tests beside this folder.

    python3 record_nested.py

writes cpython_nested.tsv.gz: expression as a JSON text, kind and JSON text of the result, one case a
line. It depends on the seed below alone. Where cpython_cases.tsv.gz has many small expressions of the
common kinds, these nest: dicts in dicts, comparisons of lists, conditions as keys, cuts, formats, flags
of seriousness in every spelling, and texts from all of Unicode. No case holds data of a study.
"""
import gzip
import json
import random
import unicodedata
import warnings

warnings.simplefilter("ignore")
R = random.Random(20270307)
CASES = 30_000
pick = R.choice
FUNCTIONS = {f: __builtins__.__dict__[f] for f in ["float", "int", "str", "bool", "len", "abs", "min", "max", "round"]}
COMPARE = ["==", "!=", "<", "<=", ">", ">="]
NUMBERS = """0 1 2 -1 3 7 12 1.0 0.0 -0.0 2.5 0.1 1e22 1e23 1e-7 123456789012345678 9007199254740993 9007199254740992.0 1_000 1. 1E3 .5 -3 -2.5
1e308 1e-320 255 0.30000000000000004 5e-324 4.35 2.675 1e15 1e16 123456.789 33 64 float('inf') float('nan') -float('inf')""".split()
WORDS = ["Y", "N", "y", "n", "Yes", "No", "YES", "1", "0", "1.0", "True", "2 - Yes", "2 - No", "", "  ", " Y ", "Unknown", "N/A", "ja", "true", "f",
         "\\t", "\\n", "\\xa0Y", "Ä", "ß", "ﬁ", "İ", "ı", "ǆ", "Σας", "日本", "😀x", "e\\u0301", "a,b,c", "a  b", "\\u2028z", "A1b2", "²", "½", "Ⅷ", "ŉ",
         "ΐ", "aǅb", "it's", "hello world", "MiXeD cAsE", "1st 2nd", "\\x1c", "\\x85", "\\x0b", "\\x0c", "a\\r\\nb\\rc\\n", "x=y=z", "--", "+5", "-007",
         "0012", "1e5", "1_0", " 12 ", "nan", "inf", "-Infinity", "1__0", "0x1F", "12.50", "1,5"]
ALL = [c for c in map(chr, range(1, 0x20000)) if unicodedata.category(c) not in ("Cn", "Cs", "Co")]
CASED = [c for c in ALL if c.lower() != c or c.upper() != c or c.title() != c or c.isspace() or c.isnumeric()]
SERIOUS = ["True", "False", "1", "0", "1.0", "0.0", '"Y"', '"N"', '"Yes"', '"1"', '"0"', '"2 - Yes"', '"yes"', '""', '" "', "None", "2", "-1", '"Unknown"',
           '"true"', "[]", "[1]", "{}", '"1.0"']
YES = ['{True: "Y", False: "N"}', '{1:"Y",0:"N"}', '{1.0:"Y",0.0:"N"}', '{"1":"Y","0":"N"}', '{True:"Y",1:"Z"}', '{"Y":True,"N":False}', '{(True,):"Y"}',
       '{None:"N",True:"Y"}']
TESTS = "isdigit isalpha isalnum isspace islower isupper istitle".split()


def num():
    return pick(NUMBERS)


def boo():
    return pick(["True", "False"])


def tex():
    w, r = pick(WORDS), R.random()
    if r < 0.06:
        return "r'" + w.replace("'", "") + "'"
    if r < 0.1:
        return "'''" + w + "'''"
    if r < 0.13:
        return "'" + w.replace("'", "") + "' \"" + pick(WORDS) + '"'
    return '"' + w + '"'


def atom():
    return pick([num, num, boo, tex, tex, lambda: "None"])()


def key():
    r = R.random()
    if r < 0.1:
        return f"({key()},{key()})"
    if r < 0.13:
        return pick(["[1]", "{}", "{1:2}", "([1],)", "(1,[2])"])
    return cond(1) if r < 0.25 else atom()


def dic(d=2):
    return "{" + ", ".join(f"{key()}: {val(d - 1)}" for _ in range(R.randint(0, 5))) + "}"


def lis(d=2):
    items = [val(d - 1) for _ in range(R.randint(0, 5))]
    if R.random() < 0.6:
        return "[" + ", ".join(items) + "]"
    return "(" + ", ".join(items) + ("," if len(items) == 1 else "") + ")"


def sets(d=0):
    return "{" + ", ".join(key() for _ in range(R.randint(1, 5))) + "}"


def cond(d=2):
    if d <= 0:
        return boo()
    return pick([
        lambda: f"{val(d - 1)} {pick(['==', '!='])} {val(d - 1)}", lambda: f"{arith(d - 1)} {pick(COMPARE)} {arith(d - 1)}",
        lambda: f"{atom()} {pick(['in', 'not in'])} {pick([lis, dic, sets, lambda d: tex()])(d - 1)}", lambda: f"not {cond(d - 1)}",
        lambda: f"({cond(d - 1)} {pick(['and', 'or'])} {cond(d - 1)})", lambda: f"{val(d - 1)} {pick(['is', 'is not'])} {pick(['None', 'True', 'False'])}",
        lambda: f"{arith(d - 1)} {pick(COMPARE)} {arith(d - 1)} {pick(COMPARE)} {arith(d - 1)}",
        lambda: f"{atom()} {pick(['==', 'in', '!='])} {lis(d - 1)} {pick(['==', 'in', 'not in', '!='])} {pick([lis, dic])(d - 1)}",
        lambda: f"{text(d - 1)} {pick(COMPARE)} {text(d - 1)}",
    ])()


def arith(d=2):
    if d <= 0:
        return num() if R.random() < 0.85 else boo()
    return pick([
        lambda: f"({arith(d - 1)}) {pick(['+', '-', '*', '/', '//', '%'])} ({arith(d - 1)})", lambda: f"{arith(d - 1)} {pick(['+', '-', '*', '/', '//', '%'])} {arith(d - 1)}",
        lambda: f"({num()}) ** {pick(['2', '0.5', '-1', '-2', '3', '0', 'True', '1.5', '10', '-0.0'])}", lambda: f"{pick(['-', '+', '--', '- +'])}{arith(d - 1)}",
        lambda: f"{pick(['int', 'float', 'abs', 'round'])}({arith(d - 1)})", lambda: f"round({arith(d - 1)}, {R.randint(0, 5)})",
        lambda: f"{pick(['min', 'max'])}({', '.join(arith(d - 1) for _ in range(R.randint(1, 4)))})", lambda: f"{pick(['min', 'max'])}({lis(1)})",
        lambda: f"len({pick([lis, dic, text])(d - 1)})", lambda: f"{pick(['int', 'float'])}({tex()})", num,
    ])()


def cut():
    bound = lambda: pick(["", "0", "1", "2", "-1", "-2", "5", "-7", "100", "True", "None", "False"])
    return f"[{bound()}:{bound()}{pick(['', '', ':', ':1', ':2', ':-1', ':-2', ':-3', ':None'])}]"


def text(d=2):
    if d <= 0:
        return tex()
    t = lambda: text(d - 1) if R.random() < 0.3 else tex()
    return pick([
        lambda: f"{t()}.{pick('strip lower upper title capitalize casefold lstrip rstrip'.split())}()", lambda: f"{t()}.{pick(['strip', 'lstrip', 'rstrip'])}({t()})",
        lambda: f"{t()}.replace({t()}, {t()}{pick(['', '', ', 1', ', 0', ', -1'])})", lambda: f"{t()}{cut()}", lambda: f"{t()}[{R.randint(-4, 4)}]",
        lambda: f"{t()} + {t()}", lambda: f"{t()} * {pick(['-1', '0', '1', '2', 'True'])}", lambda: f"str({pick([atom, lambda: arith(d - 1)])()})",
        lambda: f"{t()}.join([{t()},{t()}])", lambda: f"{t()}.{pick(['removeprefix', 'removesuffix'])}({t()})",
        lambda: f"{t()}.{pick(['split', 'rsplit'])}({pick(['', t(), t() + ', 1', 'None', 'None, 1', t() + ', -1'])})[{R.randint(-2, 2)}]",
        lambda: f"{t()}.{pick(['partition', 'rpartition'])}({t()})[{R.randint(0, 2)}]", lambda: f"{t()}.zfill({R.randint(-1, 6)})", formatted, unicode_text,
    ])()


def formatted():
    spec = "%" + "".join(R.sample("-+ 0", R.randint(0, 2))) + pick(["", "", "1", "5", "8", "12"]) + pick(["", "", ".", ".0", ".1", ".2", ".5", ".17"]) + pick("sdifeEgG")
    value = pick([num, num, tex, boo, lambda: repr(R.uniform(-1e3, 1e3)), lambda: repr(float(f"{R.lognormvariate(0, 20):.9g}"))])()
    return f"'{spec}' % {pick(['(%s)', '(%s,)']) % value}"


def unicode_text():
    chars = [pick("aAbZ zy.'-:1 ΣσςßİıǆǅDŽﬁΐŉʰªº\u0345\u00ad") if R.random() < 0.4 else pick(CASED if R.random() < 0.6 else ALL) for _ in range(R.randint(1, 6))]
    quoted = '"' + "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "\\U%08x" % ord(c) for c in chars) + '"'
    return quoted + pick(["." + m + "()" for m in "lower upper title capitalize casefold strip".split() + TESTS] + ["[::-1]", ".split()[0]", ".splitlines(True)[-1]"])


def asked(d=2):
    t = tex
    return pick([
        lambda: f"{t()}.{pick(TESTS)}()", lambda: f"{t()}.{pick('startswith endswith count find rfind index rindex'.split())}({t()})",
        lambda: f"len({t()}.{pick(['split()', 'splitlines()', 'rsplit()', 'split(None, 1)', 'splitlines(True)'])})", lambda: f"len({t()}.{pick(['split', 'rsplit'])}({t()}))",
        lambda: f"{t()}.{pick(['split', 'rsplit'])}({pick(['', t(), t() + ', 1', 'None, 1'])}) == {lis(1)}", lambda: f"{t()}.startswith(({t()}, {t()}))",
        lambda: f"{lis()}.{pick(['count', 'index'])}({val(1)})", lambda: f"{dic()}.get({key()}{pick(['', ', ' + val(1)])})",
        lambda: f"len({dic()}.{pick(['keys', 'values', 'items'])}())",
    ])()


def sub(d=2):
    return pick([
        lambda: f"{dic(d)}[{key()}]", lambda: f"{dic(d)}.get({key()}{pick(['', ', ' + val(1)])})", lambda: f"{lis(d)}[{pick([str(R.randint(-4, 4)), num(), boo(), cond(1), tex()])}]",
        lambda: f"{lis(d)}{cut()} {pick(['==', '+', '!='])} {lis(d)}", lambda: f"{lis(d)} {pick(['+', '*'])} {pick([lis(1), '2', '0', '-1', 'True', tex()])}",
    ])()


def val(d=2):
    if d <= 0:
        return atom()
    return pick([atom, atom] + [lambda f=f: f(d) for f in (arith, cond, text, dic, lis, asked, sub, chosen)])()


def chosen(d=2):
    return f"({val(d - 1)} if {pick([cond, val])(d - 1)} else {val(d - 1)})"


def chain():
    return f" {pick(['or', 'and'])} ".join(pick([lambda: val(1), atom, lambda: cond(1)])() for _ in range(R.randint(2, 5)))


def serious():
    v, yes, other = pick(SERIOUS), pick(YES), pick(SERIOUS)
    return pick([
        f'{yes}.get({v}, "N")', f"{yes}.get({v})", f"{yes}[{v}]", f'{v} in {{1,"1","Y",True}}', f'{v} in ["Y", 1.0]', f"{v} in (True,)", f"{v} == True", f"{v} == 1",
        f"not {v}", f"not not {v}", f'{v} or "N"', f'"Y" if {v} else "N"', f'"Y" if {v} in ("Y","Yes",1) else "N" if {v} in ("N","No",0) else None', f"{v} is True",
        f'{v} is not None and {v} != "N"', f'str({v}).strip().lower() in ("y","yes","1","true","1.0")', f'{{True:"Y"}}.get({v} == {other}, "N")', f"[{v}] == [{other}]",
        f"{{{v}: 1}} == {{{other}: 1.0}}", f"str(bool({v}))", f"({v}) == ({other}) == ({pick(SERIOUS)})",
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


def record():
    makers = [serious, serious, chain, asked, unicode_text, formatted] + [lambda f=f: f(3) for f in (dic, text, arith, cond, sub, chosen)] + [lambda f=f: f(2) for f in (text, arith, cond, sub)]
    seen, lines = set(), []
    while len(lines) < CASES:
        source = pick(makers)()
        if R.random() < 0.05:
            source = "(\n" + source + "\n # a remark\n)"
        if source in seen or len(source) > 160:
            continue
        seen.add(source)
        try:
            kind, result = describe(eval(source, {"__builtins__": {}}, FUNCTIONS))
        except Exception:
            kind, result = "error", ""
        lines.append(f"{json.dumps(source)}\t{kind}\t{json.dumps(result)}\n")
    lines.sort()
    with open("cpython_nested.tsv.gz", "wb") as f, gzip.GzipFile("", "wb", 9, f, 0) as z:
        z.write("".join(lines).encode())


record()
