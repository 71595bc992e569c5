import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { searchAttributeNames } from '../workflows/contract.ts';
import type { ServerProgram } from './find-temporal.ts';
import type { ServiceSpec } from './service.ts';
import { untilDone } from './until.ts';

/** What ports are found by in the Web UI. Given at start, since this server sees one that is registered later only after a minute. */
const SEARCH_ATTRIBUTES = Object.values(searchAttributeNames).map((name) => `${name}=Keyword`);

/**
 * FULL syncs before a step counts as done, so that a power cut loses nothing, at three quarters of the speed of NORMAL; both are five
 * times as fast as SQLite's default.
 */
const PRAGMAS = ['journal_mode=WAL', 'synchronous=FULL'];

/**
 * One partition, so that priorities hold over the whole queue, and search attributes are fixed at start: for this one node only. Within a
 * priority, senders take turns.
 */
const DYNAMIC_CONFIG = [
  'system.forceSearchAttributesCacheRefreshOnRead=false',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'matching.enableFairness=true',
];

/** What the embedded Temporal server is started with. */
export interface TemporalServerSettings {
  readonly port: number;
  readonly uiPort: number;
  readonly namespace: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly retentionDays: number;
}

/** The embedded Temporal server: the CLI's development server on a file. */
export function temporalService(program: ServerProgram, settings: TemporalServerSettings): ServiceSpec {
  const { port, uiPort, namespace, dataDir, logFile } = settings;
  return {
    name: 'temporal',
    program: {
      command: program.command,
      args: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
        ...['--db-filename', join(dataDir, 'temporal.db'), '--namespace', namespace],
        ...['--log-level', 'error', '--log-format', 'json', '--ui-disable-news-fetch'],
        ...SEARCH_ATTRIBUTES.flatMap((attribute) => ['--search-attribute', attribute]),
        ...PRAGMAS.flatMap((pragma) => ['--sqlite-pragma', pragma]),
        ...DYNAMIC_CONFIG.flatMap((value) => ['--dynamic-config-value', value]),
      ],
      cwd: dataDir,
      logFile,
      // It ends slowly while work is in flight, and a kill loses nothing: the file is written ahead.
      graceSeconds: 3,
    },
    ready: (signal) => untilDone(() => mustServe(settings), signal),
    readyWithinSeconds: 60,
  };
}

async function mustServe({ port, namespace, retentionDays }: TemporalServerSettings): Promise<void> {
  const connection = await Connection.connect({ address: `127.0.0.1:${port}`, connectTimeout: '2s' });
  try {
    await connection.withDeadline(Date.now() + 5_000, () =>
      // Invariant 2: closed runs stay until they are copied into the store. The server's own default is one day.
      connection.workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl: msToTs(`${retentionDays} days`) },
      }),
    );
  } finally {
    await connection.close();
  }
}
