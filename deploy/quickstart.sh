#!/usr/bin/env bash
# From nothing to a service of three replicas on three hosts, on this one machine: installs what is
# missing, builds, raises the lab, makes a swarm, runs a web service behind the routing mesh, scales it,
# and kills the leader's host. Safe to run again.
#   deploy/quickstart.sh         set up and show
#   deploy/quickstart.sh down    end it and leave nothing behind
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
lab=deploy/lab.sh
PORT=8080
SUBNET=${SKEIN_LAB_SUBNET:-10.99.0}

if [ -t 1 ]; then bold=$'\033[1m' plain=$'\033[0m'; else bold='' plain=''; fi
step() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
run() { printf '%s$ %s%s\n' "$bold" "$*" "$plain"; "$@"; }
# on HOST CMD…: shows the command as a person on that host would type it.
on() { local host=$1; shift; printf '%s%s$ %s%s\n' "$bold" "$host" "$*" "$plain"; "$lab" exec "$host" "$@"; }
quiet_on() { "$lab" exec "$@"; }
die() { printf 'quickstart: %s\n' "$*" >&2; exit 1; }

if [ "${1:-}" = down ]; then
  "$lab" down
  rm -f "${TMPDIR:-/tmp}"/skein-web.tar
  echo "The lab is gone; node_modules and dist stay."
  exit 0
fi
[ $# -eq 0 ] || die "usage: deploy/quickstart.sh [down]"

# wait_for SECONDS WHAT COMMAND…: until the command succeeds.
wait_for() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || die "waited in vain for: $what"
    sleep 0.2
  done
}

# Every host leads to every replica: three questions each.
ask_each_host() {
  local host answer _
  for host in "$@"; do
    for _ in 1 2 3; do
      answer=$(quiet_on client curl -fsS --max-time 5 "http://$SUBNET.${host#h}:$PORT/") || die "port $PORT of $host did not answer"
      printf '  port %s of %-3s -> %s\n' "$PORT" "$host" "$answer"
    done
  done
}

leader_host() {
  local host
  for host in h1 h2 h3; do
    quiet_on "$host" skein node ls --format '{{.Hostname}} {{.ManagerStatus}}' 2>/dev/null | awk '$2 == "Leader" {print $1}' | grep . && return
  done
  return 1
}

deploy/prepare.sh

step "Three hosts on this machine (network namespaces, each with its own skeind)"
"$lab" down
run "$lab" up 3

step "One swarm"
on h1 skein swarm init --advertise-addr "$SUBNET.1"
token=$(quiet_on h1 skein swarm join-token -q manager)
for host in h2 h3; do
  printf '%s%s$ skein swarm join --token %s… %s.1:2377%s\n' "$bold" "$host" "${token:0:16}" "$SUBNET" "$plain"
  quiet_on "$host" skein swarm join --token "$token" "$SUBNET.1:2377"
done

step "A small web image, made from busybox (no download), on each host"
image=${TMPDIR:-/tmp}/skein-web.tar
deploy/web-image.sh "$image"
for host in h1 h2 h3; do
  quiet_on "$host" skein image import --change 'CMD ["/bin/busybox", "httpd", "-f", "-p", "0.0.0.0:80", "-h", "/www"]' \
    --change 'ENV PATH=/bin' "$image" web:1 >/dev/null
done
on h1 skein image ls

step "A service of three replicas behind the routing mesh"
on h1 skein service create --name web --replicas 3 --publish "$PORT:80" \
  --env 'TASK_SLOT={{.Task.Slot}}' --hostname '{{.Node.Hostname}}' web:1
on h1 skein node ls
on h1 skein service ps web

step "Port $PORT of each host, asked by the outside client ($SUBNET.250)"
ask_each_host h1 h2 h3

step "Five replicas"
on h1 skein service scale web=5

leader=$(leader_host) || die "no leader"
survivors=()
for host in h1 h2 h3; do [ "$host" = "$leader" ] || survivors+=("$host"); done
step "The leader is $leader: its host dies now"
run "$lab" kill "$leader"
start=$(date +%s%N)
whole_without_leader() {
  local nodes
  nodes=$(quiet_on "${survivors[0]}" skein service ps web --filter desired-state=running --format '{{.Node}} {{.CurrentState}}' 2>/dev/null) || return 1
  [ "$(grep -c ' Running' <<<"$nodes")" = 5 ] && ! grep -q "^$leader " <<<"$nodes"
}
wait_for 60 "five replicas on ${survivors[*]}" whole_without_leader
printf 'whole again on %s after %s ms\n' "${survivors[*]}" "$((($(date +%s%N) - start) / 1000000))"
on "${survivors[0]}" skein node ls
on "${survivors[0]}" skein service ps web --filter desired-state=running
ask_each_host "${survivors[@]}"

step "What to try next"
cat <<TEXT
  $lab boot $leader                          the dead host comes back
  $lab exec ${survivors[0]} skein service update --env-add V=2 web
  $lab exec ${survivors[0]} skein service logs web
  $lab exec ${survivors[0]} docker service ls        (the docker command works too)
  curl http://$SUBNET.${survivors[0]#h}:$PORT/              (from this machine)
  $lab                                       the lab's other commands
  deploy/quickstart.sh down                       ends it, leaves nothing behind
TEXT
