#!/usr/bin/env bash
# A lab of several hosts on one machine: each host is a network namespace with a skeind of its own.
# Hosts h1…hN are skein-h1… with 10.99.0.1…N/24, on bridge skein-br0; an outside client (skein-client,
# 10.99.0.250) and this machine itself (10.99.0.254) sit on the same bridge; all have IPv6 addresses too
# (fd0a:63:0::N for 10.99.0.N), without a way out. The bridge stands in a
# namespace of its own (skein-switch), so that a dockerd on this machine, which sets FORWARD to drop and
# turns bridge-nf-call-iptables on, cannot reach into it: the lab stays whole beside it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
node_bin=$(command -v node || true)

# A second lab beside the first needs another name and subnet: SKEIN_LAB=other SKEIN_LAB_SUBNET=10.98.0.
NAME=${SKEIN_LAB:-skein}
SUBNET=${SKEIN_LAB_SUBNET:-10.99.0}
STATE=/var/lib/$NAME-lab
RUN=/run/$NAME-lab
SWITCH=$NAME-switch
CLIENT=$NAME-client
CLIENT_IP=$SUBNET.250
MACHINE_IP=$SUBNET.254
# An interface has at most 15 characters.
MACHINE_LINK=${NAME:0:10}-lab0
CGROUP=$NAME-lab
READY_SECONDS=60

usage() {
  cat <<'TEXT'
usage: deploy/lab.sh COMMAND

  up N                 raise hosts h1…hN (no swarm yet), an outside client, and their network
  down                 end every host and leave nothing behind
  ls                   the hosts and how they are
  exec HOST CMD…       run a command on a host (hN or client); skein and docker there talk to its daemon
  stop HOST [--hard]   end the daemon only (--hard: kill -9); its containers go on
  start HOST           start the daemon again
  kill HOST            the machine is gone: daemon, containers, link
  boot HOST            it comes back with its disk
  cut A B [--one-way]  no packet passes between two hosts (one way: none from A to B)
  loss HOST PERCENT    of the packets that reach a host so many in a hundred are lost (0 to 99)
  heal [A B]           undo one cut, or all cuts and losses
  move HOST ADDRESS    another address for a host (of the lab's subnet); its daemon is restarted
  logs HOST [ARGS…]    the daemon's log (ARGS as for tail)

Options for every skeind of the lab go into SKEIN_LAB_FLAGS, e.g. SKEIN_LAB_FLAGS='--log-level debug'.
TEXT
}

die() { printf 'lab: %s\n' "$*" >&2; exit 1; }
# shellcheck source=deploy/lab-ground.sh
. "$here/deploy/lab-ground.sh"
number_of() { [[ $1 =~ ^h([1-9][0-9]*)$ ]] && [ "${BASH_REMATCH[1]}" -lt 250 ] || die "no such host: $1 (hosts are h1, h2, …)"; printf '%s' "${BASH_REMATCH[1]}"; }
# A host that was moved says where it is.
address_of() {
  if [ "$1" = client ]; then printf '%s' "$CLIENT_IP"
  elif [ -e "$STATE/$1/address" ]; then cat "$STATE/$1/address"
  else printf '%s.%s' "$SUBNET" "$(number_of "$1")"; fi
}
namespace_of() { if [ "$1" = client ]; then printf '%s' "$CLIENT"; else number_of "$1" >/dev/null; printf '%s-%s' "$NAME" "$1"; fi; }

# All containers of the lab stand in one cgroup, which by default would get as much processor time as one
# single process of this machine: beside a busy neighbour they would starve while their daemons run.
weigh_containers() {
  local root
  for root in /sys/fs/cgroup/cpu /sys/fs/cgroup; do
    [ -e "$root/cgroup.procs" ] || continue
    mkdir -p "$root/$CGROUP"
    echo 20480 2>/dev/null >"$root/$CGROUP/cpu.shares" || echo 2000 2>/dev/null >"$root/$CGROUP/cpu.weight" || true
    return 0
  done
}

raise_switch() {
  mkdir -p "$STATE" "$RUN/uts"
  weigh_containers
  chmod 711 "$STATE" "$RUN"
  raise_bridge skein-br0
  has_link "$MACHINE_LINK" || link_machine skein-br0
  has_namespace "$CLIENT" || raise_namespace client
}

# raise_namespace NAME: the namespace of a host or the client, with its link to the bridge.
raise_namespace() {
  local name=$1 namespace
  namespace=$(namespace_of "$name")
  has_namespace "$namespace" || ip netns add "$namespace"
  ip -n "$namespace" link set lo up
  plug "$name"
}

plug() {
  local name=$1 namespace
  namespace=$(namespace_of "$name")
  ip -n "$namespace" link show eth0 >/dev/null 2>&1 && return
  link_to_bridge skein-br0 "$name" "$namespace" "$(address_of "$name")"
}

# The cgroup directories of a host: every v1 hierarchy, or the one of v2.
cgroup_dirs() {
  local root
  for root in /sys/fs/cgroup /sys/fs/cgroup/*/; do
    [ -e "$root/cgroup.procs" ] || continue
    [ ! -d "$root/$CGROUP/$1" ] || printf '%s\n' "${root%/}/$CGROUP/$1"
  done
}

pids_of_host() {
  local dir
  cgroup_dirs "$1" | while read -r dir; do
    find "$dir" -name cgroup.procs -exec cat {} + 2>/dev/null || true
  done | sort -un
}

daemon_pid() {
  local pid
  pid=$(cat "$RUN/$1/skeind.pid" 2>/dev/null) || return 1
  grep -qsz skeind "/proc/$pid/cmdline" && printf '%s' "$pid"
}

start_daemon() {
  local host=$1 number root
  number=$(number_of "$host")
  daemon_pid "$host" >/dev/null && return
  [ -n "$node_bin" ] && [ -e "$here/dist/.built" ] || die "skein is not built: run deploy/prepare.sh first"
  mkdir -p "$STATE/$host" "$RUN/$host"
  chmod 711 "$STATE/$host" "$RUN/$host"
  if ! mountpoint -q "$RUN/uts/$host" 2>/dev/null; then
    touch "$RUN/uts/$host"
    unshare --uts="$RUN/uts/$host" hostname "$host"
  fi
  # The daemon and all that it starts stay in a cgroup of this host, so that `kill` finds every process.
  for root in /sys/fs/cgroup/pids /sys/fs/cgroup/systemd /sys/fs/cgroup; do
    [ -e "$root/cgroup.procs" ] && break
  done
  mkdir -p "$root/$CGROUP/$host/daemon"
  # shellcheck disable=SC2086
  (
    echo "$BASHPID" >"$root/$CGROUP/$host/daemon/cgroup.procs"
    cd /
    exec setsid nsenter --net="/run/netns/$NAME-$host" --uts="$RUN/uts/$host" \
      "$node_bin" "$here/bin/skeind" --root "$STATE/$host" --exec-root "$RUN/$host" \
      -H "unix://$RUN/$host/skein.sock" --cgroup-parent "$CGROUP/$host" --pidfile "$RUN/$host/skeind.pid" \
      ${SKEIN_LAB_FLAGS:-} >>"$STATE/$host/skeind.log" 2>&1 </dev/null
  ) &
  disown
}

await_daemon() {
  local host=$1 end=$((SECONDS + READY_SECONDS))
  until curl -fsS --max-time 2 --unix-socket "$RUN/$host/skein.sock" http://localhost/_ping >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$end" ]; then
      tail -n 20 "$STATE/$host/skeind.log" >&2 || true
      die "$host: skeind did not answer within $READY_SECONDS s (log: $STATE/$host/skeind.log)"
    fi
    sleep 0.1
  done
}

stop_daemon() {
  local host=$1 pid
  pid=$(daemon_pid "$host") || return 0
  if [ "${2:-}" = --hard ]; then
    kill -KILL "$pid" 2>/dev/null || true
    await_end "$pid" 10 || die "$host: process $pid does not end"
  else
    kill -TERM "$pid" 2>/dev/null || true
    await_end "$pid" 30 || die "$host: skeind did not end within 30 s"
  fi
}

# Ends all processes of a host, as pulling its plug does, then clears what a reboot would clear.
pull_plug() {
  local host=$1 tries pids dir
  for tries in $(seq 100); do
    pids=$(pids_of_host "$host")
    [ -n "$pids" ] || break
    # shellcheck disable=SC2086
    kill -KILL $pids 2>/dev/null || true
    [ "$tries" -lt 100 ] || die "$host: these processes do not end: $pids"
    sleep 0.05
  done
  unmount_below "$RUN/$host"
  unmount_below "$STATE/$host"
  cgroup_dirs "$host" | while read -r dir; do
    find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  rm -rf "${RUN:?}/$host"
  if has_namespace "$NAME-$host"; then ip netns delete "$NAME-$host"; fi
}

unmount_below() {
  local tries target
  for tries in 1 2 3; do
    grep -qF " $1/" /proc/self/mountinfo || return 0
    awk -v prefix="$1/" 'index($5, prefix) == 1 {print $5}' /proc/self/mountinfo | sort -r | while read -r target; do
      umount "$target" 2>/dev/null || umount -l "$target" 2>/dev/null || true
    done
  done
}

command_up() {
  need_root
  [[ ${1:-} =~ ^[1-9][0-9]*$ ]] && [ "$1" -lt 250 ] || die "up needs the number of hosts, 1 to 249"
  local count=$1 number
  raise_switch
  for number in $(seq "$count"); do
    raise_namespace "h$number"
    start_daemon "h$number"
  done
  for number in $(seq "$count"); do
    await_daemon "h$number"
  done
  command_ls
}

command_down() {
  need_root
  local host dir root
  for host in $(hosts) $( { ls "$RUN" 2>/dev/null || true; } | grep -E '^h[0-9]+$' || true); do
    pull_plug "$host"
    unmount_below "$RUN/uts"
    rm -rf "${STATE:?}/$host"
  done
  for root in $(ip netns list 2>/dev/null | awk -v name="$NAME" '$1 ~ "^" name "-(h[0-9]+|client|switch)$" {print $1}'); do
    ip netns delete "$root"
  done
  insist_gone "$MACHINE_LINK"
  if grep -qF " $RUN/" /proc/self/mountinfo; then unmount_below "$RUN"; fi
  for dir in /sys/fs/cgroup/"$CGROUP" /sys/fs/cgroup/*/"$CGROUP"; do
    [ ! -d "$dir" ] || find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
  rm -rf "$RUN" "$STATE"
}

command_ls() {
  local host state
  printf '%-6s %-14s %-8s %s\n' HOST ADDRESS DAEMON SOCKET
  for host in $(hosts); do
    if ! has_namespace "$NAME-$host"; then state=off; elif daemon_pid "$host" >/dev/null; then state=up; else state=stopped; fi
    printf '%-6s %-14s %-8s %s\n' "$host" "$(address_of "$host")" "$state" "$RUN/$host/skein.sock"
  done
}

command_exec() {
  local host=${1:-}
  [ $# -ge 2 ] || die "exec needs a host and a command"
  shift
  local namespace uts=()
  namespace=$(namespace_of "$host")
  has_namespace "$namespace" || die "$host is not up"
  if [ "$host" != client ]; then
    export SKEIN_HOST="unix://$RUN/$host/skein.sock" DOCKER_HOST="unix://$RUN/$host/skein.sock"
    [ ! -e "$RUN/uts/$host" ] || uts=(--uts="$RUN/uts/$host")
  fi
  PATH="$here/bin:$PATH" exec nsenter --net="/run/netns/$namespace" "${uts[@]}" "$@"
}

command_kill() {
  need_root
  known "$1"
  # The link goes first: a machine that is gone says no good-bye.
  ip -n "$SWITCH" link delete "$1" 2>/dev/null || true
  pull_plug "$1"
}

command_boot() {
  need_root
  known "$1"
  raise_switch
  raise_namespace "$1"
  start_daemon "$1"
  await_daemon "$1"
}

# drop_from HOST ADDRESS: packets from the address are dropped as they reach the host.
drop_from() {
  nsenter --net="/run/netns/$NAME-$1" nft -f - <<RULES
table inet skein_lab {
  set cut { type ipv4_addr; }
  set cut6 { type ipv6_addr; }
  chain arrive { type filter hook prerouting priority -400; policy accept; }
}
flush chain inet skein_lab arrive
add rule inet skein_lab arrive ip saddr @cut drop
add rule inet skein_lab arrive ip6 saddr @cut6 drop
add element inet skein_lab cut { $2 }
add element inet skein_lab cut6 { $(address6_of "$2") }
RULES
}

# let_in HOST ADDRESS: undoes it.
let_in() {
  nsenter --net="/run/netns/$NAME-$1" nft delete element inet skein_lab cut "{ $2 }" 2>/dev/null || true
  nsenter --net="/run/netns/$NAME-$1" nft delete element inet skein_lab cut6 "{ $(address6_of "$2") }" 2>/dev/null || true
}

command_cut() {
  need_root
  known "$1"; known "$2"
  drop_from "$2" "$(address_of "$1")"
  [ "${3:-}" = --one-way ] || drop_from "$1" "$(address_of "$2")"
}

# Random, not every n-th: a retry must not meet the same fate by arithmetic.
command_loss() {
  need_root
  known "$1"
  [[ ${2:-} =~ ^[0-9]{1,2}$ ]] || die "loss needs a percentage, 0 to 99"
  nsenter --net="/run/netns/$NAME-$1" nft -f - <<RULES
table inet skein_lab_loss {
  chain arrive { type filter hook prerouting priority -400; policy accept; }
}
flush chain inet skein_lab_loss arrive
add rule inet skein_lab_loss arrive iifname "eth0" numgen random mod 100 < $2 drop
RULES
}

command_move() {
  need_root
  known "$1"
  [[ ${2:-} == "$SUBNET".* ]] || die "the new address must be one of $SUBNET.0/24"
  local before
  before=$(address_of "$1")
  stop_daemon "$1"
  printf '%s' "$2" >"$STATE/$1/address"
  # In this order: the second address of a subnet goes with the first.
  ip -n "$NAME-$1" address del "$before/24" dev eth0
  ip -n "$NAME-$1" address add "$2/24" dev eth0
  give6 "$2" eth0 -n "$NAME-$1"
  ip -n "$NAME-$1" address del "$(address6_of "$before")/64" dev eth0 2>/dev/null || true
  # Addresses take the routes over them along when they go.
  ip -n "$NAME-$1" route replace default via "$MACHINE_IP"
  start_daemon "$1"
  await_daemon "$1"
}

command_heal() {
  need_root
  local host
  if [ $# -ge 2 ]; then
    known "$1"; known "$2"
    let_in "$1" "$(address_of "$2")"
    let_in "$2" "$(address_of "$1")"
  else
    for host in $(hosts); do
      has_namespace "$NAME-$host" || continue
      nsenter --net="/run/netns/$NAME-$host" nft delete table inet skein_lab 2>/dev/null || true
      nsenter --net="/run/netns/$NAME-$host" nft delete table inet skein_lab_loss 2>/dev/null || true
    done
  fi
}

main() {
  local command=${1:-}
  [ $# -eq 0 ] || shift
  case $command in
    up) command_up "$@" ;;
    down) command_down ;;
    ls) command_ls ;;
    exec) command_exec "$@" ;;
    stop) need_root; known "${1:?host}"; stop_daemon "$@" ;;
    start) need_root; known "${1:?host}"; start_daemon "$1"; await_daemon "$1" ;;
    kill) command_kill "${1:?host}" ;;
    boot) command_boot "${1:?host}" ;;
    cut) command_cut "${1:?host}" "${2:?host}" "${3:-}" ;;
    loss) command_loss "${1:?host}" "${2:-}" ;;
    move) command_move "${1:?host}" "${2:-}" ;;
    heal) command_heal "$@" ;;
    logs) known "${1:?host}"; tail "${@:2}" "$STATE/$1/skeind.log" ;;
    -h | --help | help) usage ;;
    '') usage >&2; exit 1 ;;
    *) usage >&2; die "no such command: $command" ;;
  esac
}

main "$@"
