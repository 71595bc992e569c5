#!/bin/sh
# Runs the Temporal test server, which ends with the process that started it, however that one ends: test-server.sh PORT PROGRAM
# The SDK starts it and has no socket for leash.sh; killed, it would leave the server behind.
parent=$PPID
(
  while kill -0 "$$"; do
    kill -0 "$parent" || kill -KILL "$$"
    sleep 1
  done
) >/dev/null 2>&1 &
exec "$2" "$1"
