import { fork } from 'node:child_process';
import { once } from 'node:events';
import { nodeArguments } from '../../embedded/project-file.ts';
import type { Tally } from './smsc.ts';

/** A message centre in a process of its own. */
export interface SmscProcess {
  readonly pid: number | undefined;
  /** Where it listens on 127.0.0.1. */
  readonly port: number;
  /** What it has taken so far. */
  tally(): Promise<Tally>;
  stop(): Promise<void>;
}

/** @throws Error when it ends before it listens, or before it answers. */
export async function startSmsc(): Promise<SmscProcess> {
  const { file, args } = nodeArguments('bench/smsc/main');
  const child = fork(file, { execArgv: args.slice(0, -1) });
  const exited = once(child, 'exit');
  const answer = async (): Promise<unknown> => {
    const said = await Promise.race([once(child, 'message'), exited.then(() => undefined)]);
    if (!said) throw new Error('The message centre of the benchmark has ended: its own lines above say why.');
    return said[0];
  };
  const port = (await answer()) as number;
  return {
    pid: child.pid,
    port,
    tally: () => {
      if (child.connected) child.send('tally');
      return answer() as Promise<Tally>;
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
