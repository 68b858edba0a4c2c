#!/bin/sh
# Becomes a program of a lab: enter.sh LOG CGROUP_PROCS... -- PROGRAM ARGUMENTS...
# Joins the cgroups, sends output to the log, starts a session of its own (a Ctrl-C at the starter's terminal must not
# reach it) and becomes the program, so that the process id stays the one the starter knows.
set -eu
log=$1; shift
while [ "$1" != -- ]; do echo $$ >"$1"; shift; done
shift
exec >>"$log" 2>&1 </dev/null
exec setsid "$@"
