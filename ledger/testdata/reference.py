# Counts up one stream of a ledger the way the reference does: under an exclusive flock on the
# path with its suffix replaced, the whole file read, one entry replaced, a temporary file renamed
# over it. Unknown members are an error, as in its strict mode.
import fcntl, json, os, pathlib, sys, tempfile
from datetime import datetime, timedelta

path, study, stream, times = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
FIELDS = ["last_timestamp", "records_processed", "last_run_status", "error_message", "metadata"]


def check(state):
    assert list(state) == ["studies"], state.keys()
    for s in state["studies"].values():
        assert list(s) == ["streams"], s.keys()
        for e in s["streams"].values():
            assert list(e) == FIELDS, e.keys()
            assert datetime.fromisoformat(e["last_timestamp"].replace("Z", "+00:00")).tzinfo is not None
            assert type(e["records_processed"]) is int and type(e["last_run_status"]) is str
            assert e["error_message"] is None or type(e["error_message"]) is str
            assert type(e["metadata"]) is dict


for _ in range(times):
    with open(path.with_suffix(".lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = json.loads(path.read_text(encoding="utf-8"))
        check(state)
        entry = state["studies"][study]["streams"][stream]
        mark = datetime.fromisoformat(entry["last_timestamp"].replace("Z", "+00:00")) + timedelta(seconds=1)
        state["studies"][study]["streams"][stream] = {
            "last_timestamp": mark.isoformat().replace("+00:00", "Z"),
            "records_processed": entry["records_processed"] + 1,
            "last_run_status": "success", "error_message": None, "metadata": {},
        }
        fd, temp = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(fd, "w", encoding="utf-8") as f:
            f.write(json.dumps(state, indent=2, ensure_ascii=False))
        os.replace(temp, path)
