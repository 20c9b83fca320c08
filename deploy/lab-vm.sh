#!/usr/bin/env bash
# A lab of virtual machines: hosts with a kernel of their own (Debian's cloud kernel: IPVS, cgroup v2), booted by
# qemu, with KVM where a guest really starts in it and in software elsewhere. The verbs are those of deploy/lab.sh,
# so the same tests run on both. Machines h1…hN have SUBNET.1…N/24 on a switch in user space; an outside client
# (SUBNET.250) and this machine (SUBNET.254) reach them by a bridge that stands in a namespace of its own.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$here/dist/deploy/lab-vm

# A second lab beside the first needs another name and subnet: SKEIN_LAB=other SKEIN_LAB_SUBNET=10.96.0.
NAME=${SKEIN_LAB:-skein}
SUBNET=${SKEIN_LAB_SUBNET:-10.97.0}
STATE=/var/lib/$NAME-lab-vm
RUN=/run/$NAME-lab-vm
SWITCH=$NAME-vm-switch
CLIENT=$NAME-vm-client
CLIENT_IP=$SUBNET.250
MACHINE_IP=$SUBNET.254
# An interface has at most 15 characters.
MACHINE_LINK=${NAME:0:8}-labvm0
TAP=tap0
AGENT_PORT_BASE=7000
MEMORY_MIB=${SKEIN_LAB_VM_MEMORY:-768}
DATA_DISK_SIZE=8G
READY_SECONDS=${SKEIN_LAB_VM_READY_SECONDS:-240}
END_SECONDS=60
PROBE_SECONDS=5
# Says whether a guest starts in KVM here; a directory that a reboot empties.
KVM_ANSWER=/run/skein.kvm

usage() {
  cat <<'TEXT'
usage: deploy/lab-vm.sh COMMAND

  up N                 boot machines h1…hN (no swarm yet) and their network
  down                 end every machine and leave nothing behind
  ls, status           the machines and how they are
  exec HOST CMD…       run a command in a machine (hN), or in the client's network on this machine (client)
  stop HOST [--hard]   end the daemon only (--hard: kill -9); its containers go on
  start HOST           start the daemon again; a machine that is off is booted
  kill HOST            power off without a word
  boot HOST            switch on again, with the same data disk
  reboot HOST          an orderly end of the daemon, then both
  cut A B [--one-way]  no packet passes between two machines, or a machine and the client (one way: none from A to B)
  heal [A B]           undo one cut, or all
  logs HOST [ARGS…]    the daemon's log (ARGS as for tail)
  console HOST         what the machine wrote on its serial console

Options for every skeind go into SKEIN_LAB_FLAGS, e.g. SKEIN_LAB_FLAGS='--balancer nft' (taken at boot and start).
SKEIN_LAB_VM_MEMORY is MiB of each machine (768). The API of hN is the unix socket that `ls` shows.
TEXT
}

die() { printf 'lab-vm: %s\n' "$*" >&2; exit 1; }
# shellcheck source=deploy/lab-ground.sh
. "$here/deploy/lab-ground.sh"
number_of() { [[ $1 =~ ^h([1-9][0-9]?)$ ]] || die "no such machine: $1 (machines are h1, h2, …)"; printf '%s' "${BASH_REMATCH[1]}"; }
known_port() { [ "$1" = client ] || known "$1"; }

# alive PIDFILE WORD: the process, if it is still the one that wrote the file.
alive() {
  local pid
  pid=$(cat "$1" 2>/dev/null) && grep -qsza -- "$2" "/proc/$pid/cmdline" && printf '%s' "$pid"
}
machine_pid() { alive "$RUN/$1/qemu.pid" "$RUN/$1/"; }
switch_pid() { alive "$RUN/switch.pid" "$RUN"; }

# A /dev/kvm that exists may still never start a guest: only one that did is believed.
accelerator() { # DIRECTORY-OF-BASE
  if [ ! -e "$KVM_ANSWER" ]; then
    local answer=tcg
    if [ -w /dev/kvm ] && timeout --kill-after=1 $PROBE_SECONDS qemu-system-x86_64 -nodefaults -no-user-config -display none \
      -accel kvm -cpu host -m 256 -kernel "$1/vmlinuz" -initrd "$1/initramfs.gz" -serial stdio -no-reboot \
      -append 'console=ttyS0 quiet lab.probe' 2>/dev/null </dev/null | grep -q 'a guest runs'; then
      answer=kvm
    fi
    echo "$answer" >"$KVM_ANSWER"
  fi
  cat "$KVM_ANSWER"
}


raise_network() { # COUNT
  [ -e "$tools/switch.js" ] && [ -e "$here/dist/.built" ] || die "skein is not built: run deploy/prepare.sh first"
  [ -e /dev/net/tun ] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; }
  if ! has_namespace "$SWITCH"; then
    raise_bridge lab0
    ip -n "$SWITCH" tuntap add dev $TAP mode tap
    ip -n "$SWITCH" link set $TAP master lab0 up
    link_machine lab0
    ip netns add "$CLIENT"
    ip -n "$CLIENT" link set lo up
    link_to_bridge lab0 client "$CLIENT" "$CLIENT_IP"
  fi
  if ! switch_pid >/dev/null; then
    (
      cd /
      exec setsid nsenter --net="/run/netns/$SWITCH" node "$tools/switch.js" "$RUN" $TAP "$1" >>"$STATE/switch.log" 2>&1 </dev/null
    ) &
    echo $! >"$RUN/switch.pid"
    disown
    local end=$((SECONDS + 10))
    until [ -S "$RUN/control.sock" ]; do
      [ "$SECONDS" -lt "$end" ] || die "the switch does not start: $(tail -n 5 "$STATE/switch.log")"
      sleep 0.05
    done
  fi
}

boot_machine() { # HOST BASE
  local host=$1 base=$2 number accel cpu=max
  number=$(number_of "$host")
  machine_pid "$host" >/dev/null && return
  mkdir -p "$STATE/$host" "$RUN/$host"
  accel=$(accelerator "$base")
  [ "$accel" != kvm ] || cpu=host
  [ "$accel" != tcg ] || accel=tcg,thread=multi
  if [ ! -e "$STATE/$host/data.img" ]; then
    truncate -s $DATA_DISK_SIZE "$STATE/$host/data.img"
    PATH=$PATH:/usr/sbin mkfs.ext4 -q -F -m 0 -E lazy_itable_init=1,lazy_journal_init=1 "$STATE/$host/data.img"
  fi
  # The data disk outlives a power-off as far as the machine had written it; what this machine itself keeps in
  # memory of it need not reach its disk, since nothing here outlives this machine.
  nsenter --net="/run/netns/$SWITCH" qemu-system-x86_64 -name "$NAME-$host" -nodefaults -no-user-config -no-reboot \
    -display none -daemonize -pidfile "$RUN/$host/qemu.pid" -machine pc -accel "$accel" -cpu $cpu -smp 1 -m "$MEMORY_MIB" \
    -serial "file:$RUN/$host/console.log" -monitor "unix:$RUN/$host/monitor.sock,server=on,wait=off" \
    -kernel "$base/vmlinuz" -initrd "$base/initramfs.gz" \
    -append "console=ttyS0 quiet panic=-1 mitigations=off lab.name=$host lab.address=$SUBNET.$number lab.address6=$(address6_of "$SUBNET.$number") lab.gateway=$MACHINE_IP lab.mtu=${SKEIN_LAB_VM_MTU:-1500} lab.flags=$(printf '%s' "${SKEIN_LAB_FLAGS:-}" | tr ' ' ',')" \
    -drive "if=none,id=root,file=$base/root.img,format=raw,snapshot=on" -device virtio-blk-pci,drive=root \
    -drive "if=none,id=data,file=$STATE/$host/data.img,format=raw,cache=unsafe" -device virtio-blk-pci,drive=data \
    -drive "if=none,id=product,file=$STATE/product.img,format=raw,readonly=on" -device virtio-blk-pci,drive=product \
    -device virtio-rng-pci \
    -netdev "stream,id=cable,server=off,addr.type=unix,addr.path=$RUN/$host/cable.sock" \
    -device "virtio-net-pci,netdev=cable,mac=52:54:00:5e:00:$(printf '%02x' "$number"),host_mtu=9000" \
    -netdev "user,id=agent,restrict=on,hostfwd=tcp:127.0.0.1:$((AGENT_PORT_BASE + number))-:7" \
    -device virtio-net-pci,netdev=agent || die "$host: qemu does not start"
}

await_daemon() {
  local host=$1 end=$((SECONDS + READY_SECONDS))
  until curl -fsS --max-time 10 --unix-socket "$RUN/$host/skein.sock" http://localhost/_ping >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$end" ] || ! machine_pid "$host" >/dev/null; then
      tail -n 20 "$RUN/$host/console.log" >&2 || true
      die "$host: skeind did not answer within $READY_SECONDS s (console: $RUN/$host/console.log)"
    fi
    sleep 0.2
  done
}

in_machine() { # HOST CMD…
  local host=$1
  shift
  machine_pid "$host" >/dev/null || die "$host is off"
  node "$tools/run.js" "$RUN/$host/agent.sock" "$@"
}

power_off() {
  local pid
  pid=$(machine_pid "$1") || return 0
  kill -KILL "$pid"
  await_end "$pid" 10 || die "$1: process $pid does not end"
  rm -f "$RUN/$1/qemu.pid"
}

base_directory() {
  if [ ! -e "$STATE/base" ]; then
    mkdir -p "$STATE" "$RUN"
    "$here/deploy/lab-vm/image.sh" base >"$STATE/base.new"
    "$here/deploy/lab-vm/image.sh" product "$STATE/product.img"
    mv "$STATE/base.new" "$STATE/base"
  fi
  cat "$STATE/base"
}

command_up() {
  need_root
  [[ ${1:-} =~ ^[1-9][0-9]?$ ]] || die "up needs the number of machines, 1 to 99"
  command -v qemu-system-x86_64 >/dev/null || die "qemu-system-x86 is missing: run deploy/prepare.sh --test"
  local number base
  base=$(base_directory)
  if switch_pid >/dev/null && [ ! -d "$STATE/h$1" ]; then die "the lab is up with fewer machines: end it first (down)"; fi
  for number in $(seq "$1"); do mkdir -p "$STATE/h$number" "$RUN/h$number"; done
  raise_network "$1"
  for number in $(seq "$1"); do boot_machine "h$number" "$base"; done
  for number in $(seq "$1"); do await_daemon "h$number"; done
  command_ls
}

command_down() {
  need_root
  local host pid namespace
  for host in $(hosts); do power_off "$host"; done
  if pid=$(switch_pid); then
    kill -KILL "$pid"
    await_end "$pid" 10 || die "the switch, process $pid, does not end"
  fi
  for namespace in "$SWITCH" "$CLIENT"; do
    if has_namespace "$namespace"; then ip netns delete "$namespace"; fi
  done
  insist_gone "$MACHINE_LINK"
  rm -rf "$RUN" "$STATE"
}

command_ls() {
  local host state
  printf '%-6s %-14s %-8s %s\n' HOST ADDRESS STATE SOCKET
  for host in $(hosts); do
    if ! machine_pid "$host" >/dev/null; then
      state=off
    elif curl -fsS --max-time 5 --unix-socket "$RUN/$host/skein.sock" http://localhost/_ping >/dev/null 2>&1; then
      state=up
    else
      state=stopped
    fi
    printf '%-6s %-14s %-8s %s\n' "$host" "$SUBNET.$(number_of "$host")" "$state" "$RUN/$host/skein.sock"
  done
}

command_exec() {
  [ $# -ge 2 ] || die "exec needs a machine and a command"
  local host=$1
  shift
  if [ "$host" = client ]; then
    has_namespace "$CLIENT" || die "the lab is not up"
    exec nsenter --net="/run/netns/$CLIENT" "$@"
  fi
  known "$host"
  in_machine "$host" "$@"
}

command_boot() {
  need_root
  known "$1"
  boot_machine "$1" "$(base_directory)"
  await_daemon "$1"
}

command_start() {
  known "$1"
  if machine_pid "$1" >/dev/null; then
    SKEIN_LAB_PASS_SKEIN_FLAGS=${SKEIN_LAB_FLAGS:-} in_machine "$1" /etc/lab/skeind start
    await_daemon "$1"
  else
    command_boot "$1"
  fi
}

command_stop() {
  known "$1"
  if [ "${2:-}" = --hard ]; then in_machine "$1" /etc/lab/skeind kill; else in_machine "$1" /etc/lab/skeind stop; fi
}

command_reboot() {
  need_root
  known "$1"
  local pid
  pid=$(machine_pid "$1") || die "$1 is off"
  in_machine "$1" sh -c '/etc/lab/skeind stop; sync; poweroff -f' || true
  await_end "$pid" $END_SECONDS || die "$1 does not power off"
  command_boot "$1"
}

order() { node "$tools/order.js" "$RUN/control.sock" "$@"; }

command_cut() {
  known_port "$1"; known_port "$2"
  order cut "$1" "$2"
  [ "${3:-}" = --one-way ] || order cut "$2" "$1"
}

command_heal() {
  if [ $# -ge 2 ]; then
    known_port "$1"; known_port "$2"
    order heal "$1" "$2"
    order heal "$2" "$1"
  else
    order heal
  fi
}

main() {
  local command=${1:-}
  [ $# -eq 0 ] || shift
  case $command in
    up) command_up "$@" ;;
    down) command_down ;;
    ls | status) command_ls ;;
    exec) command_exec "$@" ;;
    stop) command_stop "${1:?host}" "${2:-}" ;;
    start) command_start "${1:?host}" ;;
    kill) need_root; known "${1:?host}"; power_off "$1" ;;
    boot) command_boot "${1:?host}" ;;
    reboot) command_reboot "${1:?host}" ;;
    cut) command_cut "${1:?host}" "${2:?host}" "${3:-}" ;;
    heal) command_heal "$@" ;;
    logs) known "${1:?host}"; in_machine "$1" tail "${@:2}" /var/lib/skein/skeind.log ;;
    console) known "${1:?host}"; cat "$RUN/$1/console.log" ;;
    -h | --help | help) usage ;;
    '') usage >&2; exit 1 ;;
    *) usage >&2; die "no such command: $command" ;;
  esac
}

main "$@"
