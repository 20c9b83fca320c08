#!/usr/bin/env bash
# Makes what the lab's virtual machines boot from, out of Debian packages, by this machine's apt configuration.
#   deploy/lab-vm/image.sh base            kernel, initial file system and root disk; prints their directory.
#                                          Cached by the hash of what goes in; the newest two are kept.
#   deploy/lab-vm/image.sh product FILE    a disk with skein as it is built here
# Packages are unpacked, not set up: the machines run busybox's init and nothing that a package would start.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
cache=${SKEIN_LAB_VM_CACHE:-/var/cache/skein-lab}
KEPT_IMAGES=2
ROOT_DISK_SIZE=1G
PRODUCT_DISK_SIZE=1G
PACKAGES=(linux-image-cloud-amd64 bash busybox-static ca-certificates conmon crun curl e2fsprogs iputils-ping ipvsadm iproute2
  iperf3 kmod libstdc++6 mount nftables runc tcpdump tini util-linux wrk)
# Drivers of a machine made of virtio alone; everything else of the kernel's modules stays but for file systems
# and hardware that such a machine does not have.
KEPT_DRIVERS='block/virtio_blk|virtio/|net/(virtio_net|veth|dummy|tun|vxlan|net_failover|ifb|macvlan|bonding|ipvlan)|char/(hw_random|virtio_console)'
DROPPED_MODULES='kernel/(sound|fs/(xfs|btrfs|nfs|nfsd|ceph|cifs|smb|gfs2|ocfs2|jfs|reiserfs|f2fs|ubifs|udf|hfs|hfsplus|afs|nilfs2|orangefs|erofs|squashfs|isofs|lockd)|net/(ceph|sunrpc|sctp/none|tipc|rds|bluetooth|wireless|mac80211|can|openvswitch|9p|ipx|appletalk|batman-adv|rxrpc|dccp))/'

die() { printf 'lab image: %s\n' "$*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || die "must run as root"
export PATH=$PATH:/usr/sbin:/sbin
node=$(readlink -f "$(command -v node)")

# In memory where there is plenty: some 600 MB are written and most of them thrown away.
workspace() {
  local free
  free=$(df --output=avail -m /dev/shm 2>/dev/null | tail -n 1)
  if [ "${free:-0}" -gt 4000 ] && [ "$(awk '/^MemAvailable/ {print int($2 / 1024)}' /proc/meminfo)" -gt 6000 ]; then
    mktemp -d -p /dev/shm
  else
    mktemp -d
  fi
}

# The hash of what goes in: this script and the files it copies, node, and each package at the version that apt
# would choose now.
base_hash() {
  [ -n "$(apt-get indextargets 2>/dev/null)" ] || apt-get update -qq >&2
  {
    cat "${BASH_SOURCE[0]}" "$here/initramfs" "$here/boot" "$here/skeind"
    stat -c '%s %Y' "$node"
    apt-cache policy "${PACKAGES[@]}" | grep -E '^[^ ]|Candidate:'
  } | sha256sum | cut -c1-16
}

extract_packages() { # DIRECTORY
  local codename
  codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  # Debian's own suites among the sources of this machine: with others an unknown key would end the matter.
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u |
    awk -v name="$codename" '$3 ~ "^" name "(-security|-updates)?$"' >"$work/sources"
  [ -s "$work/sources" ] || die "apt knows no source of $codename here: run apt-get update"
  mmdebstrap --quiet --variant=extract --include="$(IFS=,; printf '%s' "${PACKAGES[*]}")" \
    "$codename" "$1" - <"$work/sources" >&2
}

# One /usr, as every Debian of today has it, whatever the paths in the packages.
merge_usr() {
  local name
  for name in bin sbin lib lib64; do
    if [ -d "$root/$name" ] && [ ! -L "$root/$name" ]; then
      mkdir -p "$root/usr/$name"
      cp -al "$root/$name/." "$root/usr/$name/"
      rm -rf "${root:?}/$name"
    fi
    mkdir -p "$root/usr/$name"
    [ -e "$root/$name" ] || ln -s "usr/$name" "$root/$name"
  done
}

prune() {
  rm -rf "$root"/usr/share/{doc,man,locale,info,lintian,bash-completion,bug} "$root"/var/{cache,lib/apt,lib/dpkg}/*
  rm -rf "$root"/usr/share/initramfs-tools "$root"/usr/lib/{klibc,udev,systemd}
  (
    cd "$root/lib/modules/$kernel"
    find kernel -name '*.ko*' | grep -E "^$DROPPED_MODULES" | xargs -r rm -f
    find kernel/drivers -name '*.ko*' | grep -vE "^kernel/drivers/($KEPT_DRIVERS)" | xargs -r rm -f
  )
  chroot "$root" depmod "$kernel"
}

furnish() {
  local applet
  # busybox's own shell would prefer its own ip, ps and mount to the real ones.
  ln -sf bash "$root/usr/bin/sh"
  for applet in $(chroot "$root" busybox --list); do
    [ -e "$root/usr/bin/$applet" ] || [ -e "$root/usr/sbin/$applet" ] || ln -s busybox "$root/usr/bin/$applet"
  done
  install -m 755 "$node" "$root/usr/bin/node"
  mkdir -p "$root"/{etc/lab,opt/skein,proc,sys,dev,run,tmp,root,var/lib/skein}
  install -m 755 "$here/boot" "$here/skeind" "$root/etc/lab/"
  ln -sf ../bin/busybox "$root/usr/sbin/init"
  printf '%s\n' '::sysinit:/etc/lab/boot' '::respawn:/etc/lab/agent' '::ctrlaltdel:/bin/busybox reboot' \
    '::shutdown:/bin/busybox umount -a -r' >"$root/etc/inittab"
  printf '#!/bin/bash\nexport PATH=/opt/skein/bin:/usr/sbin:/usr/bin HOME=/root\nexec ip netns exec management node /opt/skein/dist/deploy/lab-vm/agent.js >/dev/console 2>&1\n' >"$root/etc/lab/agent"
  chmod 755 "$root/etc/lab/agent"
  printf 'root:x:0:0:root:/root:/bin/bash\ntcpdump:x:101:101:tcpdump:/:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/etc/passwd"
  printf 'root:x:0:\ntcpdump:x:101:\nnogroup:x:65534:\n' >"$root/etc/group"
  printf '127.0.0.1 localhost\n::1 localhost\n' >"$root/etc/hosts"
  : >"$root/etc/resolv.conf"
}

# The initial file system: busybox and the modules that the root disk needs, in the order of their loading.
make_initramfs() { # FILE
  local small=$work/initramfs module path
  mkdir -p "$small"/{bin,modules,root}
  cp "$root/usr/bin/busybox" "$small/bin/busybox"
  install -m 755 "$here/initramfs" "$small/init"
  for module in virtio_pci virtio_blk; do
    chroot "$root" modprobe --show-depends --set-version "$kernel" "$module" | awk '$1 == "insmod" {print $2}'
  done | awk '!seen[$0]++' | while read -r path; do
    cp "$root/$path" "$small/modules/"
    basename "$path" >>"$small/modules/order"
  done
  (cd "$small" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$1"
}

make_disk() { # FILE SIZE DIRECTORY
  rm -f "$1"
  truncate -s "$2" "$1"
  mkfs.ext4 -q -F -m 0 -O ^has_journal,^metadata_csum -E root_owner=0:0,lazy_itable_init=1 -d "$3" "$1"
}

build_base() {
  local hash directory work root kernel
  mkdir -p "$cache"
  exec 9>"$cache/lock"
  flock 9
  hash=$(base_hash)
  directory=$cache/base-$hash
  if [ ! -e "$directory/done" ]; then
    for tool in mmdebstrap mkfs.ext4 busybox; do
      command -v "$tool" >/dev/null || die "$tool is missing: run deploy/prepare.sh --test"
    done
    work=$(workspace)
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    root=$work/root
    extract_packages "$root"
    merge_usr
    kernel=$(basename "$(find "$root/lib/modules" -mindepth 1 -maxdepth 1 | sort -V | tail -n 1)")
    prune
    furnish
    rm -rf "$directory"
    mkdir -p "$directory"
    cp "$root/boot/vmlinuz-$kernel" "$directory/vmlinuz"
    rm -rf "$root/boot"
    make_initramfs "$directory/initramfs.gz"
    make_disk "$directory/root.img" "$ROOT_DISK_SIZE" "$root"
    printf '%s\n' "$kernel" >"$directory/kernel"
    touch "$directory/done"
  fi
  touch "$directory"
  find "$cache" -mindepth 1 -maxdepth 1 -name 'base-*' -printf '%T@ %p\n' | sort -rn |
    awk -v kept=$KEPT_IMAGES 'NR > kept {print $2}' | xargs -r rm -rf
  printf '%s\n' "$directory"
}

# skein, its dependencies at run time, and with SKEIN_LAB_VM_SOURCES=1 its sources and the tools of its tests.
build_product() { # FILE
  local work
  [ -e "$tree/dist/.built" ] || die "skein is not built: run deploy/prepare.sh first"
  work=$(workspace)
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  cd "$tree"
  cp -a bin dist proto package.json "$work/"
  if [ "${SKEIN_LAB_VM_SOURCES:-}" = 1 ]; then
    cp -a node_modules shared manager worker daemon cli test ./*.ts ./*.json "$work/"
  else
    node -e '
      const { packages } = JSON.parse(require("fs").readFileSync("package-lock.json", "utf8"));
      for (const [path, { dev }] of Object.entries(packages)) {
        if (path !== "" && dev !== true && require("fs").existsSync(path)) console.log(path);
      }' | tar -cf - --exclude='*.d.ts' --exclude='*.map' -T - | tar -C "$work" -xf -
  fi
  make_disk "$1" "$PRODUCT_DISK_SIZE" "$work"
}

case ${1:-} in
  base) build_base ;;
  product) build_product "${2:?a file}" ;;
  *) die "usage: image.sh base | product FILE" ;;
esac
