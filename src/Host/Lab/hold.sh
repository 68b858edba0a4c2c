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
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs -o mode=1777 tmp /tmp
# A /dev of its own. Without /dev/kvm: where it exists but guests hang, libvirt's probe would hang as well, and a mask
# over it makes libvirt probe QEMU anew at every turn. The TAP device is open to all, as udev makes it: the switch is
# not root, and CAP_NET_ADMIN is what guards it.
mkdir /run/dev && mount -t tmpfs -o mode=755,size=1m dev /run/dev && mkdir -p /run/dev/net /run/dev/pts /run/dev/shm
for node in null zero full random urandom tty; do cp -a "/dev/$node" "/run/dev/$node"; done
[ ! -e /dev/net/tun ] || { mknod -m 666 /run/dev/net/tun c 10 200; chmod 666 /run/dev/net/tun; }
ln -s pts/ptmx /run/dev/ptmx; ln -s /proc/self/fd /run/dev/fd
mount -t devpts -o newinstance,ptmxmode=666 pts /run/dev/pts
mount -t tmpfs -o mode=1777 shm /run/dev/shm
umount -l /dev; mount --move /run/dev /dev; rmdir /run/dev
# No name server is in reach: asking one would only cost its timeout.
[ ! -f /etc/resolv.conf ] || mount --bind /dev/null /etc/resolv.conf
while [ $# -gt 0 ]; do mkdir -p "$2"; mount --bind "$1" "$2"; shift 2; done
: >"$ready"
exec sleep infinity
