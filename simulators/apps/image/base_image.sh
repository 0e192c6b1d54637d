#!/bin/sh
# Makes the base image of the practice apps without a registry: a small Debian with Python,
# PostgreSQL, Redis and libfaketime, straight from Debian's archive. Needs root and debootstrap.
#
#   simulators/apps/image/base_image.sh [NAME]     # drillhall-base:bookworm if left out
#
# Made once a machine: if there is an image of that name, nothing is done. Prints the name, which
# goes into DRILLHALL_BASE_IMAGE.
set -eu

name="${1:-drillhall-base:bookworm}"
suite="${DRILLHALL_BASE_SUITE:-bookworm}"
packages="python3,python3-venv,python3-pip,postgresql,redis-server,libfaketime,ca-certificates"

if ! docker image inspect "$name" >/dev/null 2>&1; then
  folder="$(mktemp -d)"
  trap 'rm -rf "$folder"' EXIT
  debootstrap --variant=minbase --include="$packages" "$suite" "$folder/root" \
    ${DRILLHALL_DEBIAN_MIRROR:+"$DRILLHALL_DEBIAN_MIRROR"} >"$folder/log" 2>&1 ||
    { tail -n 20 "$folder/log" >&2; echo "base_image.sh: debootstrap failed" >&2; exit 1; }
  rm -rf "$folder/root/var/cache/apt/archives" "$folder/root/var/lib/apt/lists"
  tar -C "$folder/root" -c . | docker import - "$name" >/dev/null
fi
echo "$name"
