import { Smsc } from './smsc.ts';

/** A message centre as a process of its own: it tells its port, then its tally whenever it is asked anything, and ends with who started it. */
const smsc = new Smsc();
process.once('disconnect', () => process.exit());
process.on('message', () => process.send?.(smsc.tally));
process.send?.(await smsc.listen());
