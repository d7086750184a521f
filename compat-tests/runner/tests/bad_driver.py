"""A driver for the runner's own tests: does what the SQL text says (die, hang, babble, fault, ...)."""

import json
import os
import sys
import time

REPLIES = {
    "two": {"columns": ["a"], "rows": [[{"i": "2"}]], "changes": 0},
    "two and real": {"columns": ["a"], "rows": [[{"r": "4000000000000000"}]], "changes": 0},
    "short row": {"columns": ["a", "b"], "rows": [[{"i": "2"}]], "changes": 0},
    "fault": {"fault": "the driver is at fault"},
    "error": {"error": {"code": 2067, "name": "?", "message": "no"}},
    "done": {"columns": [], "rows": [], "changes": 3},
}

for line in sys.stdin:
    request = json.loads(line)
    sql = request.get("sql", "")
    if request["op"] == "hello":
        reply: object = {
            "protocol": 1,
            "name": "bad",
            "version": "0",
            "language": "python",
            "engine": "none",
            "features": [],
        }
    elif sql == "die":
        print("last words", file=sys.stderr)
        os._exit(7)
    elif sql == "hang":
        time.sleep(60)
        continue
    elif sql == "babble":
        print("hello there", flush=True)
        continue
    else:
        reply = REPLIES.get(sql, {})
    print(json.dumps(reply), flush=True)
    if request["op"] == "bye":
        break
