import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { DataDirLock } from './data-dir-lock.ts';
import { keptKey } from './kept-keys.ts';
import { type Launched, launch, partsOf } from './launch.ts';
import { followErrors } from './log-file.ts';
import { checkPorts } from './port-check.ts';
import { simulatorUrl } from './product-processes.ts';
import { stopRequests } from './stop-requests.ts';

/**
 * Starts the stack on the ports of the configuration, keeps it running, prints where everything is, and ends it in order when asked to.
 * @throws PortTakenError before anything is started; ServerNotFoundError, or Error with one line, when a part doesn't come up.
 */
export async function superviseUntilStopped(config: Config, lock: DataDirLock): Promise<void> {
  const parts = partsOf(config);
  await checkPorts(config, parts);
  const madeKey = config.api.keys.length > 0 ? undefined : await keptKey(config.dataDir, 'api-key');
  const launched = launch({
    config,
    only: parts,
    seed: undefined,
    env: {
      ...process.env,
      PORTSMS_API_KEY: madeKey ?? config.api.keys.join(','),
      PORTSMS_SECRET: config.secret ?? (await keptKey(config.dataDir, 'secret')),
    },
    listener: { tell: (line) => console.log(line), started: lock.started },
  });
  const requests = stopRequests();
  requests.onSecond(() => launched.killNow());
  try {
    const outcome = await Promise.race([launched.ready.then(() => 'ready' as const), requests.first]);
    if (outcome === 'ready') {
      const unfollow = showErrors(config, launched);
      console.log(summary(config, launched, madeKey));
      await requests.first;
      unfollow();
    }
    console.log('Stopping …');
    // Its rejection tells only that it was stopped.
    launched.ready.catch(() => undefined);
    await launched.stop();
  } finally {
    requests.end();
  }
}

/** Where everything is, for the person who typed `npm start`. */
function summary(config: Config, { env, services }: Launched, madeKey: string | undefined): string {
  const local = `http://localhost:${config.api.port}`;
  const rows: [string, string][] = [
    ['API', local],
    ['API key', madeKey ?? 'as set in PORTSMS_API_KEY'],
    ['Docs', `${local}/docs`],
    [
      'Temporal',
      services.temporal
        ? `http://localhost:${config.temporal.uiPort} (Web UI), ${env.TEMPORAL_ADDRESS}`
        : 'as set in TEMPORAL_ADDRESS',
    ],
    ['Simulator', services.simulator ? simulatorUrl(config) : 'none, the carriers are real'],
    ['MongoDB', services.mongodb ? `${env.MONGODB_URI}` : 'as set in MONGODB_URI'],
    ['Carriers', `${env.PORTSMS_CARRIERS}`],
    ['Data, logs', `${config.dataDir}, ${join(config.dataDir, 'logs')}`],
  ];
  return [
    '',
    'Port SMS is ready. Ctrl-C stops everything.',
    ...rows.map(([what, where]) => `  ${what.padEnd(11)} ${where}`),
    '',
  ].join('\n');
}

/** Errors that our own processes log are shown in the terminal, the same one once in ten seconds. */
function showErrors(config: Config, { services }: Launched): () => void {
  const shown = new Map<string, number>();
  const following = (['simulator', 'worker', 'api'] as const)
    .filter((name) => services[name])
    .map((name) =>
      followErrors(join(config.dataDir, 'logs', `${name}.log`), (message) => {
        const line = `${name}: ${message}`;
        if (Date.now() - (shown.get(line) ?? 0) < 10_000) return;
        if (shown.size > 1_000) shown.clear();
        shown.set(line, Date.now());
        console.log(line);
      }),
    );
  return () => {
    for (const end of following) end();
  };
}
