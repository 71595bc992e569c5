// Holds a program on a leash until it is killed itself: leash-holder LOG. Prints the program's process id.
import { startLeashed } from '../../embedded/leash.ts';

const leash = startLeashed({
  command: process.execPath,
  args: ['-e', 'setInterval(() => 0, 1000)'],
  logFile: process.argv[2] ?? '',
  graceSeconds: 1,
});
console.log(await leash.pid);
