"""Reads the tables of a lake with PyIceberg and compares them with Arrow files, value by value.

The argument is a JSON document: the catalog, and the tables with their snapshots and files.
"""

import json
import sys

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.catalog import load_catalog

ask = json.load(sys.stdin)
catalog = load_catalog("lake", **ask["catalog"])
bad = []
for table in ask["tables"]:
    held = catalog.load_table((ask["namespace"], table["table"])).scan(snapshot_id=table["snapshot"]).to_arrow()
    with pa.ipc.open_stream(table["file"]) as reader:
        want = reader.read_all()
    names = want.schema.names
    if sorted(held.schema.names) != sorted(names):
        bad.append(f"{table['table']}: columns {held.schema.names}")
        continue
    schema = pa.schema([pa.field(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in want.schema])
    want = want.cast(schema).sort_by("recordId")
    held = held.select(names).cast(schema).sort_by("recordId")
    for name in names:
        a, b = want[name].combine_chunks(), held[name].combine_chunks()
        if not a.equals(b):
            bad.append(f"{table['table']}.{name}: {pc.sum(pc.not_equal(a, b)).as_py() if len(a) == len(b) else len(b)} differ")
    print(table["table"], held.num_rows)
print(json.dumps(bad))
sys.exit(1 if bad else 0)
