#!/usr/bin/env bash
# Sees to it that the programs in a list are there: installs their Debian packages when it may, else says how.
#
#   tests/debian-packages.sh LIST
#
# A line of the list is a package, a colon and the programs that are wanted from it; # starts a comment.
set -euo pipefail

list=$1
missing=()
while IFS=: read -r package programs; do
    for program in $programs; do
        command -v "$program" >/dev/null || { missing+=("$package"); break; }
    done
done < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$list")

[ ${#missing[@]} -gt 0 ] || exit 0

install=(apt-get install -y --no-install-recommends "${missing[@]}")
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "missing: ${missing[*]} (Debian package names). Install with:" >&2
    echo "    sudo ${install[*]}" >&2
    exit 1
fi

# The programs are wanted, not their services: Debian starts none while this file says so.
if [ ! -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq </dev/null
"${install[@]}" -qq </dev/null
