"""Records what Python's datetime.fromisoformat (3.11 or later) makes of complete dates."""

import json
import sys
from datetime import datetime

DAYS = ["2014-02-03", "20140203", "2012-02-29", "20120229", "1900-02-29", "2000-02-29", "2014-02-30", "2014-13-01",
        "2014-00-01", "2014-01-00", "0001-01-01", "9999-12-31", "0000-01-01", "2014-2-3", "14-02-03"]
CLOCKS = ["", "T10", "T10:05", "T10:05:59", "T10:05:59.5", "T10:05:59,25", "T10:05:59.123456", "T23:59:59", "T00:00",
          "T24:01", "T10:60", "T10:05:60", "T25", "T10:5", "T1", "T", " 10:05", "T10:05:59."]
ZONES = ["", "Z", "+07", "+0700", "+07:00", "-05:30", "+14:00", "-12:00", "+00:00", "-00:00", "+7", "+07:60", "+"]

rows = []
for day in DAYS:
    for clock in CLOCKS:
        for zone in ZONES if len(clock) > 1 else [""]:
            text = day + clock + zone
            try:
                t = datetime.fromisoformat(text)
            except ValueError:
                rows.append([text, None, None])
                continue
            offset = None if t.tzinfo is None else int(t.utcoffset().total_seconds())
            rows.append([text, t.replace(tzinfo=None).isoformat(timespec="microseconds"), offset])
json.dump(rows, sys.stdout, separators=(",", ":"))
print()
