#!/usr/bin/env bash
# Installs a lock, the locked build backend and then this project into a virtual environment.
#
#   requirements/install.sh PYTHON VENV LOCK
set -euo pipefail

python=$1
venv=$2
lock=$3

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or later is needed; name one: make PYTHON=/path/to/python3" >&2
    exit 1
fi

# Debian's python3 has no ensurepip without python3-venv, so the environment is filled from outside.
[ -x "$venv/bin/python" ] || "$python" -m venv --without-pip "$venv"
pip=("$python" -m pip --python "$venv/bin/python" --disable-pip-version-check install --quiet)

echo "installing $lock into $venv"
"${pip[@]}" --require-hashes --requirement "$lock" --requirement requirements/build.lock
"${pip[@]}" --no-deps --no-build-isolation --no-index --editable .
