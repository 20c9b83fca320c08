#!/usr/bin/env bash
# Every check of the project, on a fresh machine or a used one: installs what is missing, then format,
# lint, types, generated code, unit and property tests, the simulator, tests on a cluster of real daemons, the
# compatibility tests with the docker command, and tests on virtual machines (kernels with IPVS and cgroup v2).
# Ends by itself and cleans up, also when it fails.
#   test/run.sh               all
#   test/run.sh quick         without those on real daemons and virtual machines
#   test/run.sh long          with the tests of force and load too (some 15 minutes more)
# The last line is "N passed, N failed".
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
reports=$(mktemp -d)
passed=0
failed=0
lab_used=
vm_lab_used=

finish() {
  [ -z "$vm_lab_used" ] || deploy/lab-vm.sh down >/dev/null 2>&1 || true
  [ -z "$lab_used" ] || deploy/lab.sh down >/dev/null 2>&1 || true
  rm -rf "$reports"
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { printf '\n== %s\n' "$*"; }

# gate NAME COMMAND…: one check that passes or fails as a whole.
gate() {
  local name=$1
  shift
  say "$name"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); printf 'FAILED: %s\n' "$name"; fi
}

# suite NAME SECONDS ARGS…: a vitest run; its own counts are added up.
suite() {
  local name=$1 seconds=$2 report="$reports/$1.json" counts
  shift 2
  say "$name tests"
  timeout --kill-after=30 "$seconds" npx vitest run "$@" --reporter=dot --reporter=json --outputFile.json="$report"
  local status=$?
  counts=$(node -e '
    try {
      const report = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
      // A file that could not even be loaded fails no test: count it as one.
      const broken = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
      console.log(report.numPassedTests, report.numFailedTests + broken);
    } catch { console.log(0, 1); }' "$report")
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
  if [ "$status" -ne 0 ] && [ "${counts#* }" -eq 0 ]; then
    failed=$((failed + 1))
    printf 'FAILED: %s tests ended with status %s\n' "$name" "$status"
  fi
}

generated_code_is_current() { npm run --silent generate:check; }
scripts_parse() { local script; for script in deploy/*.sh deploy/lab-vm/*.sh deploy/lab-vm/boot deploy/lab-vm/skeind test/*.sh .ci/run; do bash -n "$script" || return 1; done; }

deploy/prepare.sh --test || { echo "the machine could not be prepared"; echo "0 passed, 1 failed"; exit 1; }

gate format npx biome format .
gate lint npx biome lint --error-on-warnings .
gate scripts scripts_parse
gate types npx tsc --noEmit -p tsconfig.json
gate 'generated code' generated_code_is_current
suite unit 600 --config vitest.config.ts
suite sim 900 --config test/sim.config.ts
# 500 histories of the whole control plane on all cores; a long search is `npm run sim -- --seeds 20000`.
gate simulation npm run --silent sim -- --seeds 500
if [ "${1:-}" != quick ]; then
  lab_used=1
  suite cluster 1800 --config test/cluster.config.ts
  if command -v qemu-system-x86_64 >/dev/null && command -v mmdebstrap >/dev/null; then
    vm_lab_used=1
    suite lab 900 --config test/lab.config.ts
  else
    say 'lab tests: SKIPPED, qemu-system-x86 and mmdebstrap cannot be installed here'
  fi
  if [ "${1:-}" = long ]; then
    SKEIN_LONG_TESTS=1 suite force 1800 --config test/cluster.config.ts
  fi
fi

printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
