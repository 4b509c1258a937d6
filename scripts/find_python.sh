#!/bin/sh
# Prints the path of a Python 3.11 to 3.14 that really runs and can make a virtual environment; otherwise says in
# one line what to do. Candidates are executed before they are believed: a version manager's shim may exist and fail.
# PYTHON=/path/to/python chooses one; else the checkout's own .venv comes first, so that later calls are quick.
cd "$(dirname "$0")/.." || exit 1

probe='
import sys
if not (3, 11) <= sys.version_info[:2] < (3, 15):
    sys.exit(3)
import ctypes, sqlite3, ssl
try:
    import ensurepip, venv
except ImportError:
    sys.exit(4)
print(sys.executable)
'
without_venv=
for candidate in ${PYTHON:+"$PYTHON"} .venv/bin/python python3.13 python3.12 python3.11 python3.14 python3 python; do
    found=$("$candidate" -c "$probe" 2>/dev/null)
    case $? in
        0) printf '%s\n' "$found"; exit 0 ;;
        4) without_venv=${without_venv:-$candidate} ;;
    esac
    if [ -n "${PYTHON:-}" ]; then
        break   # a choice that does not work is an error, not a reason to take another
    fi
done

if [ -n "$without_venv" ]; then
    version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "setup: $without_venv cannot make virtual environments. Next: sudo apt-get install python$version-venv" >&2
elif [ -n "${PYTHON:-}" ]; then
    echo "setup: PYTHON=$PYTHON does not run as Python 3.11 to 3.14. Next: name one that does, or leave PYTHON out." >&2
else
    echo "setup: no Python 3.11 to 3.14 runs here (tried python3.13, 3.12, 3.11, 3.14, python3, python)." \
        "Next: sudo apt-get install python3 python3-venv, or make PYTHON=/path/to/python3 ..." >&2
fi
exit 1
