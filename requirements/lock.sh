#!/usr/bin/env bash
# Resolves the requirements of pyproject.toml into locks with hashes, for every platform, naming no host.
# What is locked stays as it is unless pyproject.toml forbids it or --upgrade is given.
#
#   UV=path/to/uv requirements/lock.sh [--upgrade]
set -euo pipefail
cd "$(dirname "$0")/.."

resolve() {
    "${UV:-uv}" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links "$@"
}

# Each is held to the versions of the one before, so that all three install into one environment.
resolve "$@" pyproject.toml --output-file requirements/runtime.lock
resolve "$@" pyproject.toml --group dev --constraint requirements/runtime.lock \
    --output-file requirements/dev.lock
resolve "$@" --group pyproject.toml:build --constraint requirements/dev.lock \
    --output-file requirements/build.lock
