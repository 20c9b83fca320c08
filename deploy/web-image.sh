#!/usr/bin/env bash
# Makes a small web image from this machine's static busybox, without a download: a server on port 80
# that answers with its host name and the client address it saw.
#   deploy/web-image.sh FILE     writes a root file system as a tar archive, for `skein image import`
set -euo pipefail
out=${1:?usage: deploy/web-image.sh FILE}
busybox=$(command -v busybox) || { echo "web-image: busybox is missing: run deploy/prepare.sh" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work"/{bin,etc,tmp,root,proc,sys,dev,www/cgi-bin}
install -m 755 "$busybox" "$work/bin/busybox"
for applet in $("$busybox" --list); do
  [ "$applet" = busybox ] || [ "$applet" = '[' ] || ln -sf busybox "$work/bin/$applet"
done
ln -sf busybox "$work/bin/["
chmod 1777 "$work/tmp"
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$work/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$work/etc/group"
cat >"$work/www/cgi-bin/index.cgi" <<'CGI'
#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\n'
echo "replica=${TASK_SLOT:-?} host=$(hostname) client=$REMOTE_ADDR"
CGI
chmod 755 "$work/www/cgi-bin/index.cgi"
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$work" -cf "$out" .
