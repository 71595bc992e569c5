#!/bin/sh
# Runs a server that the Temporal SDK starts, so that it ends with the SDK's process, however that one ends: sdk-server.sh ARGUMENTS PROGRAM
# The SDK puts its arguments first and has no socket for leash.sh; killed, it would leave the server behind.
parent=$PPID
(
  while kill -0 "$$"; do
    kill -0 "$parent" || kill -KILL "$$"
    sleep 1
  done
) >/dev/null 2>&1 &
others=$(($# - 1))
while [ "$others" -gt 0 ]; do
  set -- "$@" "$1"
  shift
  others=$((others - 1))
done
exec "$@"
