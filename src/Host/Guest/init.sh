#!/bin/busybox sh
# The test agent inside a lab guest. Configured by the kernel command line (vio.*), reports one fact per line on the serial
# line with the prefix "VIO ". Written to cost almost nothing under emulation: no fork in any loop of an idle guest
# (waiting is a read with a timeout from a pipe nobody writes to; each peer has one long-lived ping).
/bin/busybox mkdir -p /proc /sys /dev /tmp /usr/bin /sbin /usr/sbin
/bin/busybox --install -s
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev 2>/dev/null
stty -F /dev/ttyS0 -onlcr; exec </dev/null >/dev/ttyS0 2>&1
option() { # value of vio.$1 on the kernel command line
  for word in $(cat /proc/cmdline); do case "$word" in "vio.$1="*) echo "${word#*=}";; esac; done; }
without=; [ "$(option balloon)" != 0 ] || without=virtio_balloon # vio.balloon=0: a guest that ignores its balloon
for module in $(cat /etc/modules); do
  [ "$module" = "$without" ] || insmod "/lib/modules/$module.ko" || echo "VIO no-module $module"; done

mkfifo /tmp/never; exec 9<>/tmp/never
nap() { read -r -t "$1" _ <&9; }
seconds() { read -r now _ </proc/uptime; now=${now%.*}; }

ip=$(option ip); name=$(option name); peers=$(option peers | tr ',' ' '); environment=$(option env)
hostname "${name:-node}"
ip link set lo up; ip link set eth0 mtu 1500 up 2>/dev/null && [ -n "$ip" ] && ip addr add "$ip" broadcast + dev eth0
broadcast=$(ip -4 addr show dev eth0 2>/dev/null | sed -n 's/.* brd \([0-9][0-9.]*\).*/\1/p')
self=${ip%/*}

echo_server() { while :; do nc -ll -p 7 -e cat; nap 1; done; }

reach() { # one ping per peer into one pipe; a peer counts while it answered within the last 3 seconds
  mkfifo /tmp/answers; exec 8<>/tmp/answers
  for peer in $peers; do
    [ "$peer" = "$self" ] || (while :; do ping "$peer" >&8 2>/dev/null; nap 1; done) &
  done
  shown=none
  while :; do
    if read -r -t 1 line <&8; then
      case "$line" in *"bytes from "*) from=${line#*bytes from }; from=${from%%:*}; seconds
        eval "seen_$(IFS=.; set -- $from; echo "$1_$2_$3_$4")=$now";; *) continue;; esac
    fi
    seconds; set=
    for peer in $peers; do
      [ "$peer" = "$self" ] && continue
      key=$peer; while case "$key" in *.*) true;; *) false;; esac; do key=${key%%.*}_${key#*.}; done
      eval "last=\${seen_$key:--9}"
      [ $((now - last)) -le 3 ] && set="$set $peer"
    done
    [ "$set" = "$shown" ] || { [ -z "$set" ] && [ "$shown" = none ]; } || { shown=$set; echo "VIO reach$set"; }
  done; }

tcp() { # one connection; retried until it first carried data, then never again
  last=0
  while [ "$last" = 0 ]; do
    { i=0; while :; do i=$((i + 1)); echo $i; nap 0.2; done | nc "$1" 7 2>/dev/null; echo end; } | {
      last=0; shown=0
      while :; do
        if read -r -t 1 line; then [ "$line" = end ] && break; last=$line
        else nap 0.1; fi # a silent second, as during a move: only "end" means that the connection has ended
        seconds; [ "$now" = "$shown" ] || [ "$last" = 0 ] || { shown=$now; echo "VIO tcp $last"; }
      done
      [ "$last" = 0 ] || echo "VIO tcp-broken $last"; echo "$last" >/tmp/tcp; }
    read -r last </tmp/tcp; nap 1
  done; }

block() { # 4096 bytes: sixteen cells that each hold whose block it is and its number, so that a torn block shows
  printf "$owner%0192d" $1 $1 $1 $1 $1 $1 $1 $1 $1 $1 $1 $1 $1 $1 $1 $1; }

checksum() { # of the first $1 blocks of the region, as the disk itself holds them
  sync; echo 1 >/proc/sys/vm/drop_caches
  got=$(dd if=/dev/vda bs=4096 skip=256 count=$1 status=none | sha256sum); got=${got%% *}; }

disk_control() { # one changed byte on the disk must be another checksum; the byte is put right again
  printf x | dd of=/dev/vda bs=1 seek=$((257 * 4096 - 1)) conv=notrunc,fsync status=none
  checksum $1; echo "VIO disk-control $1 $got"
  block 0 | dd of=/dev/vda bs=4096 seek=256 conv=notrunc,fsync status=none; }

disk() { # blocks 256..1279 of /dev/vda in turn; the region is bounded so that reading it back stays cheap
  region=1024; count=0; owner=$(printf '%-64.64s' "$environment/$name")
  while [ ! -b /dev/vda ]; do nap 1; done
  while :; do
    block $count | dd of=/dev/vda bs=4096 seek=$((256 + count % region)) conv=notrunc,fsync status=none 2>/tmp/dd \
      || { echo "VIO disk-bad $count write: $(cat /tmp/dd)"; nap 1; continue; }
    count=$((count + 1)); nap 0.2
    [ $((count % 20)) = 0 ] || continue
    used=$count; [ $used -gt $region ] && used=$region
    checksum $used
    want=$(i=0; while [ $i -lt $used ]; do
      block $((i + (count - 1 - i) / region * region)); i=$((i + 1)); done | sha256sum); want=${want%% *}
    if [ "$got" = "$want" ]; then echo "VIO disk $count $got"; else echo "VIO disk-bad $count $got"; fi
    [ $count != 20 ] || disk_control $count
  done; }

centiseconds() { read -r cs _ </proc/uptime; cs=${cs%.*}${cs#*.}; cs=${cs#0}; cs=${cs#0}; }

work() { # a unit is 200 turns of an empty loop; scaled to one second of the guest's clock
  units=0; centiseconds; from=$cs
  while :; do
    i=0; while [ $i -lt 200 ]; do i=$((i + 1)); done
    units=$((units + 1)); centiseconds
    [ $((cs - from)) -lt 100 ] || { echo "VIO work $((units * 100 / (cs - from)))"; units=0; from=$cs; }
  done; }

burn() { # an empty loop for $1 hundredths of a second
  centiseconds; from=$cs
  while [ $((cs - from)) -lt $1 ]; do i=0; while [ $i -lt 50 ]; do i=$((i + 1)); done; centiseconds; done; }

load() { # vio.load=SECONDS:PERCENT[:MIB],...: phases in turn, for ever. In each, so much of every second of one CPU is
  while :; do for phase in $(echo "$1" | tr ',' ' '); do # used, and so much memory is held that cannot be given back.
    length=${phase%%:*}; phase=${phase#*:}; percent=${phase%%:*}; second=0
    idle=$((100 - percent)); [ $idle -ge 10 ] || idle=0$idle
    seconds; echo "VIO load $percent $now"
    case "$phase" in *:*) dd if=/dev/zero of=/held bs=1M count="${phase#*:}" status=none;; *) rm -f /held;; esac
    while [ $second -lt "$length" ]; do
      second=$((second + 1))
      [ "$percent" = 0 ] || burn "$percent"
      case $percent in 100) ;; 0) nap 1;; *) nap 0.$idle;; esac
    done
  done; done; }

parallel() { # vio.parallel=ROUNDS:TURNS:MIB: a program in lockstep with the same one on each peer (at most five), run again
  # and again. A round is a wait, so many turns of an empty loop, a pass over so much memory, and a line to and from each peer.
  rounds=${1%%:*}; turns=${1#*:}; mib=${turns#*:}; turns=${turns%:*}; many=0; outs=; mkfifo /tmp/in; exec 8<>/tmp/in
  i=0; while [ $i -lt $mib ]; do head -c 1048576 /bin/busybox; i=$((i + 1)); done >/particles
  while :; do nc -ll -p 8 -e sh -c 'exec tee /tmp/in >/dev/null'; nap 1; done &
  for peer in $peers; do
    [ "$peer" != "$self" ] || continue
    fd=$((3 + many)); many=$((many + 1)); outs="$outs $fd"; mkfifo /tmp/out$fd; eval "exec $fd<>/tmp/out$fd"
    # Retried until its first line arrived somewhere; a line that a broken connection lost is not sent again.
    while :; do nc "$peer" 8 </tmp/out$fd 2>/dev/null; [ ! -e /tmp/begun ] || echo "VIO parallel-bad $peer"; nap 1; done &
  done
  step=0; got=0; early=0
  while :; do # of ROUNDS + 1 steps the first is the start of a run, after a rest
    run=$((step / (rounds + 1))); round=$((step % (rounds + 1)))
    if [ $round = 0 ]; then nap 4
    else
      nap 0.3; i=0; while [ $i -lt $turns ]; do i=$((i + 1)); done
      dd if=/particles of=/particles bs=64k conv=notrunc status=none
    fi
    for fd in $outs; do echo $step >&$fd; done
    while [ $got -lt $many ]; do
      read -r its <&8
      case $its in $step) got=$((got + 1));; $((step + 1))) early=$((early + 1));; *) echo "VIO parallel-bad $its";; esac
    done
    got=$early; early=0; step=$((step + 1)); echo "VIO parallel $run $round"; : >/tmp/begun
  done; }

shout() { while :; do
  while :; do echo "$environment $name"; nap 0.5; done | /usr/lib/vio/nc -u -b "$broadcast" 9 2>/dev/null; nap 1; done; }

listen() { # every datagram on port 9 says whose it is; one with another environment's name must never arrive
  heard=0; shown=0
  while :; do
    /usr/lib/vio/nc -d -u -l -k 0.0.0.0 9 2>/dev/null | while read -r tag from; do
      if [ "$tag" != "$environment" ]; then echo "VIO crossed $tag"
      elif [ "$from" != "$name" ]; then heard=$((heard + 1)); fi
      seconds; [ "$now" = "$shown" ] || { shown=$now; echo "VIO heard $heard"; }
    done; nap 1
  done; }

[ -z "$ip" ] || echo_server &
[ -z "$peers" ] || reach &
[ -z "$environment" ] || [ -z "$broadcast" ] || { listen & shout & }
target=$(option tcp); [ -z "$target" ] || tcp "$target" &
[ "$(option disk)" != 1 ] || disk &
[ "$(option work)" != 1 ] || work &
phases=$(option load); [ -z "$phases" ] || load "$phases" &
program=$(option parallel); [ -z "$program" ] || parallel "$program" &
echo "VIO ready"
while :; do
  read -r _ total _ </proc/meminfo; seconds
  echo "VIO mem $total"; echo "VIO up $now"
  nap 1
done
