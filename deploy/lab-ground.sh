# What deploy/lab.sh and deploy/lab-vm.sh both stand on: their state, the bridge in a namespace of its own, and
# waiting for processes and links to go. Read by them, which have set NAME, SUBNET, STATE, SWITCH,
# MACHINE_IP and MACHINE_LINK and know how to `die`; not a command.
# shellcheck shell=bash

need_root() { [ "$(id -u)" = 0 ] || die "must run as root (namespaces, mounts and links)"; }
hosts() { [ -d "$STATE" ] || return 0; find "$STATE" -mindepth 1 -maxdepth 1 -type d -name 'h[0-9]*' -printf '%f\n' | sort -V; }
known() { [ -d "$STATE/$1" ] || die "no such host: $1 (up: $(hosts | tr '\n' ' '))"; }
# address6_of ADDRESS: what a host has besides an address of the lab's subnet: fd0a:63:0::N for 10.99.0.N.
address6_of() {
  local a b c n
  IFS=. read -r a b c n <<<"$1"
  printf 'fd%02x:%x:%x::%x' "$a" "$b" "$c" "$n"
}
# give6 ADDRESS LINK [OPTIONS of ip]: puts it on a link, where this machine has IPv6.
give6() {
  local address=$1 link=$2
  shift 2
  [ ! -e /proc/sys/net/ipv6 ] || ip "$@" address replace "$(address6_of "$address")/64" dev "$link" nodad
}
has_namespace() { [ -e "/run/netns/$1" ]; }

# Repeats a command until it works; an interface of a namespace that was just removed lingers a moment.
insist() {
  local tries=50
  until "$@" 2>/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { "$@"; return; }
    sleep 0.1
  done
}

insist_gone() { # LINK
  local tries=50
  while has_link "$1"; do
    ip link delete "$1" 2>/dev/null || true
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || die "interface $1 does not go"
    sleep 0.1
  done
}

await_end() { # PID SECONDS
  local end=$((SECONDS + $2))
  while [ -d "/proc/$1" ] && [ "$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)" != Z ]; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

# raise_bridge NAME: in the switch's namespace, where no firewall of this machine looks at what passes it.
raise_bridge() {
  has_namespace "$SWITCH" && return
  ip netns add "$SWITCH"
  ip -n "$SWITCH" link set lo up
  ip -n "$SWITCH" link add "$1" type bridge forward_delay 0
  ip -n "$SWITCH" link set "$1" up
  nsenter --net="/run/netns/$SWITCH" sh -c 'for f in /proc/sys/net/bridge/bridge-nf-call-*; do [ ! -e "$f" ] || echo 0 >"$f"; done' 2>/dev/null || true
}

has_link() { ip link show "$1" >/dev/null 2>&1; }

# link_machine BRIDGE: this machine's own place on the bridge.
link_machine() {
  insist ip link add "$MACHINE_LINK" type veth peer name machine netns "$SWITCH"
  ip -n "$SWITCH" link set machine master "$1" up
  ip address add "$MACHINE_IP/24" dev "$MACHINE_LINK"
  give6 "$MACHINE_IP" "$MACHINE_LINK"
  ip link set "$MACHINE_LINK" up
}

# link_to_bridge BRIDGE PORT NAMESPACE ADDRESS: a host's or the client's eth0.
link_to_bridge() {
  insist ip -n "$SWITCH" link add "$2" type veth peer name eth0 netns "$3"
  ip -n "$SWITCH" link set "$2" master "$1" up
  ip -n "$3" address add "$4/24" dev eth0
  give6 "$4" eth0 -n "$3"
  ip -n "$3" link set eth0 up
  ip -n "$3" route add default via "$MACHINE_IP"
}
