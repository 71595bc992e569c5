import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../config/config.ts';
import { requireConnected } from '../config/connected-config.ts';
import { startStack } from '../embedded/stack.ts';
import { openStore } from '../store/store.ts';
import { startBare } from './bare.ts';
import { sendLone, sendMany } from './texts.ts';
import type { Timing } from './timing.ts';

const from = '+12065550199';

/**
 * Measures texts over SMPP, from the request to the stored receipt, next to a bare Temporal workflow (one activity, one signal) on the
 * same servers in the same run. Absolute figures are the machine's; the ratios are the product's.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { texts: { type: 'string', default: '2000' } } });
  const texts = Number(values.texts);
  if (!Number.isInteger(texts) || texts < 50) {
    console.error('--texts takes a whole number of at least 50.');
    return 2;
  }
  const quiet = { SIMULATOR_SCENARIO: 'quiet', LOG_LEVEL: 'warn' };
  const servers = await startStack({ only: ['temporal', 'mongodb', 'simulator'], env: quiet, tell: console.error });
  try {
    const simulator = `http://127.0.0.1:${servers.env.SIMULATOR_PORT}`;
    await post(`${simulator}/numbers`, { phoneNumber: from, carrier: 'alpha' });
    const product = await startStack({
      only: ['worker', 'api'],
      env: { ...quiet, ...addressesIn(servers.env), PORTSMS_CARRIERS: await fastCarriers(simulator, servers.dataDir) },
      tell: console.error,
    });
    try {
      const config = requireConnected(loadConfig(product.env));
      const url = `http://127.0.0.1:${config.api.port}`;
      const apiKey = config.api.keys[0] ?? '';
      await put(`${url}/v1/numbers/${encodeURIComponent(from)}`, { carrier: 'alpha' }, apiKey);
      const store = await openStore({
        uri: config.mongodb.uri,
        database: config.mongodb.database,
        secret: config.secret,
      });
      const bare = await startBare(config.temporal.address, config.temporal.namespace);
      const target = { url, apiKey, from, store };
      await sendMany(target, 200, 20);
      await bare.run(50, 20);

      const bareLone = await bare.run(30, 1);
      const textLone = await sendLone(target, 30);
      const bareMany = await bare.run(300, 50);
      const textMany = await sendMany(target, texts, 50);
      await bare.close();
      await store.close();
      report('one at a time', 'bare workflow', bareLone, 'text', textLone);
      report('50 at a time', 'bare workflows', bareMany, 'texts (p50, p99: the 202)', textMany);
      console.log(`a lone text takes ${(textLone.p50 / bareLone.p50).toFixed(2)} of a bare workflow's time`);
      console.log(`texts per bare workflow, 50 at a time: ${(textMany.perSecond / bareMany.perSecond).toFixed(1)}`);
    } finally {
      await product.stop();
    }
  } finally {
    await servers.stop();
  }
  return 0;
}

function report(title: string, ...rows: (string | Timing)[]): void {
  console.log(title);
  for (let index = 0; index < rows.length; index += 2) {
    const { count, perSecond, p50, p99 } = rows[index + 1] as Timing;
    const figures = [`${perSecond.toFixed(0)}/s`, `p50 ${p50.toFixed(0)} ms`, `p99 ${p99.toFixed(0)} ms`, `n ${count}`];
    console.log(`  ${String(rows[index]).padEnd(28)}${figures.map((figure) => figure.padEnd(14)).join('')}`);
  }
}

function addressesIn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { TEMPORAL_ADDRESS, MONGODB_URI, PORTSMS_SECRET, PORTSMS_API_KEY } = env;
  return { TEMPORAL_ADDRESS, MONGODB_URI, PORTSMS_SECRET, PORTSMS_API_KEY };
}

/** The simulator's carriers without the limits of a small account: the product is measured, not a carrier's patience. */
async function fastCarriers(simulator: string, dataDir: string): Promise<string> {
  const response = await fetch(`${simulator}/carriers.yaml?segmentsPerSecond=10000&window=500`);
  const path = join(dataDir, 'fast-carriers.yaml');
  await writeFile(path, await response.text(), { mode: 0o600 });
  return path;
}

async function post(url: string, body: unknown): Promise<void> {
  await call('POST', url, body);
}

async function put(url: string, body: unknown, apiKey: string): Promise<void> {
  await call('PUT', url, body, { Authorization: `Bearer ${apiKey}` });
}

async function call(method: string, url: string, body: unknown, headers: Record<string, string> = {}): Promise<void> {
  const response = await fetch(url, {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok)
    throw new Error(`${method} ${new URL(url).pathname} answered ${response.status}: ${await response.text()}`);
}
