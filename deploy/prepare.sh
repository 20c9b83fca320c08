#!/usr/bin/env bash
# Installs what skein needs on a Debian machine and builds it: apt packages, npm packages, dist/.
# Safe to run again: does only what is missing or out of date.
#   deploy/prepare.sh            what a node needs
#   deploy/prepare.sh --test     also what the tests use (a docker client, a registry, …)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
die() { printf 'prepare: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || die "must run as root: skein makes namespaces, mounts and cgroups (try: sudo $0)"
command -v node >/dev/null || die "node is missing: install Node.js 20.19 or later with npm, then run this again"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  die "node $(node --version) is too old: 20.19 or later is needed"

packages=(runc crun conmon nftables iproute2 busybox-static procps util-linux curl ca-certificates tini)
[ "${1:-}" != --test ] || packages+=(docker-registry apache2-utils iputils-ping wrk ethtool)

# install PACKAGE…: those that are missing. False when apt cannot give them.
install() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null || { say "missing: ${missing[*]} (no apt-get here: install their like by hand)"; return 1; }
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # A package's own service must not start: a registry or a runtime daemon would take ports and rules.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && own_policy=1
  fi
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 || {
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  }
}

own_policy=
trap '[ -z "$own_policy" ] || rm -f "$policy"' EXIT
install "${packages[@]}" || die "not everything could be installed"
# The lab of virtual machines (20 MB to fetch, 100 MB installed, some 10 s): where qemu cannot be had, its tests are
# skipped, and say so.
if [ "${1:-}" = --test ]; then
  install qemu-system-x86 mmdebstrap e2fsprogs || say "no qemu here: the tests on virtual machines will be left out"
fi

# The compatibility tests drive skein with the docker command. Debian's package brings a daemon too, which
# must not be installed here: only the client is taken out of it.
client=/var/cache/skein-test/docker-debian/docker
fetch_docker_client() {
  local work package
  work=$(mktemp -d)
  # From Debian 13 on the client has a package of its own.
  for package in docker-cli docker.io; do
    (cd "$work" && apt-get download -qq "$package" >/dev/null 2>&1) || continue
    dpkg -x "$work/$package"_*.deb "$work/tree"
    [ ! -e "$work/tree/usr/bin/docker" ] || break
  done
  if [ -e "$work/tree/usr/bin/docker" ]; then
    mkdir -p "${client%/*}"
    install -m 755 "$work/tree/usr/bin/docker" "$client"
  fi
  rm -rf "$work"
}
if [ "${1:-}" = --test ] && [ ! -x "$client" ]; then
  say "unpacking Debian's docker client"
  fetch_docker_client
  [ -x "$client" ] || { apt-get update -qq && fetch_docker_client; }
  [ -x "$client" ] || command -v docker >/dev/null || die "no docker client: apt-get download docker.io gave none"
fi

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say "npm ci"
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi

newest_source=$(find shared manager worker daemon cli bench deploy/lab-vm proto -type f -newer dist/.built -print -quit 2>/dev/null || true)
if [ ! -e dist/.built ] || [ -n "$newest_source" ] || [ package-lock.json -nt dist/.built ]; then
  say "building"
  rm -rf dist
  npm run --silent build
  touch dist/.built
fi
