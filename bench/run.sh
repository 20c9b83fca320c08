#!/usr/bin/env bash
# Builds if need be and runs one bench: ./bench/run.sh converge|failover|force|net|propagation|raft|store [OPTIONS]
# The machine should be idle; figures of a busy one say little, ratios of the same run a little more.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
name=${1:?usage: bench/run.sh converge|failover|force|net|propagation|raft|store [OPTIONS]}
shift
[ -e "bench/$name.ts" ] || { echo "bench: no such bench: $name" >&2; exit 1; }
./deploy/prepare.sh >&2
for tool in $([ "$name" != net ] || echo iperf3 wrk sockperf); do
  command -v "$tool" >/dev/null || { echo "bench: $tool is missing: apt-get install $tool" >&2; exit 1; }
done
exec node "dist/bench/$name.js" "$@"
