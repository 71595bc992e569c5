# Runs a program that ends with its supervisor, however that one ends: sh leash.sh TENTHS PROGRAM [ARGUMENTS]
# Descriptor 3 is a socket that only the supervisor holds at its other end. The program's process id is written to it; when it closes, by
# intention or because the supervisor was killed, the program gets SIGTERM, and SIGKILL after TENTHS of a second.
tenths=$1
shift
# A signal for the whole group is the program's affair; with `:` as handler it is not ignored by the program as well.
trap : HUP INT TERM
"$@" 3<&- &
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
