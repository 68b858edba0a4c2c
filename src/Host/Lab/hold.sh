#!/bin/sh
# The first process inside a lab machine's new namespaces: hold.sh NAME READY_FILE CGROUPS [SOURCE TARGET]...
# Gives the machine its name, its own /sys, cgroup mounts, /run and /tmp, and its private directories at the usual paths;
# then only keeps the namespaces alive. CGROUPS is "v2" or a list of v1 hierarchies separated by spaces.
set -eu
name=$1; ready=$2; cgroups=$3; shift 3
hostname "$name"
mount --make-rprivate /
umount -l /sys
mount -t sysfs sysfs /sys
if [ "$cgroups" = v2 ]; then
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
else
  mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
  for hierarchy in $cgroups; do
    mkdir "/sys/fs/cgroup/$hierarchy"
    mount -t cgroup -o "$hierarchy" cgroup "/sys/fs/cgroup/$hierarchy"
  done
fi
# Hardware virtualisation is not offered: on machines where it exists but guests hang, libvirt's probe would hang as well.
[ ! -e /dev/kvm ] || mount --bind /dev/null /dev/kvm
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=1777 tmp /tmp
# The switch is not root: it needs the TAP device as udev makes it, open to all; CAP_NET_ADMIN is what guards it.
[ ! -e /dev/net/tun ] || { mknod -m 666 /run/tun c 10 200; chmod 666 /run/tun; mount --bind /run/tun /dev/net/tun; }
# No name server is in reach: asking one would only cost its timeout.
[ ! -f /etc/resolv.conf ] || mount --bind /dev/null /etc/resolv.conf
while [ $# -gt 0 ]; do mkdir -p "$2"; mount --bind "$1" "$2"; shift 2; done
: >"$ready"
exec sleep infinity
