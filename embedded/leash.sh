# Runs a program that ends with its supervisor, however that one ends: sh leash.sh TENTHS NICENESS PROGRAM [ARGUMENTS]
# Descriptor 3 is a socket that only the supervisor holds at its other end. The program's process id is written to it; when it closes, by
# intention or because the supervisor was killed, the program gets SIGTERM, and SIGKILL after TENTHS of a second. NICENESS is that of nice(1).
tenths=$1
niceness=$2
shift 2
# Where Linux shares the processors out by sessions (sched_autogroup), the session's own niceness counts, and not that of its processes.
[ "$niceness" -eq 0 ] || { echo "$niceness" >/proc/self/autogroup; } 2>/dev/null
# A signal for the whole group is the program's affair; with `:` as handler it is not ignored by the program as well.
trap : HUP INT TERM
nice -n "$niceness" "$@" 3<&- &
program=$!
echo "$program" >&3
(
  while read -r _; do :; done <&3
  kill -TERM "$program"
  while [ "$tenths" -gt 0 ] && kill -0 "$program"; do
    sleep 0.1
    tenths=$((tenths - 1))
  done
  kill -KILL "$program"
) >/dev/null 2>&1 4>&- &
watcher=$!
# wait also returns when a signal was trapped.
while :; do
  wait "$program"
  code=$?
  kill -0 "$program" 2>/dev/null || break
done
kill "$watcher" 2>/dev/null
exit "$code"
