import { readdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { Network } from '../../cli/demo/network.ts';
import { Product } from '../../cli/demo/product.ts';
import type { MessageKind } from '../../domain/message.ts';
import { startStack } from '../../embedded/stack.ts';

/**
 * Records histories of the running product for test/workflows/replay.test.ts: `npm run histories:record`. Record anew when a workflow has
 * a new path; keep the old files as long as runs of that time may be open, they are what a change must not break.
 */
const number = '+12065550101';
const account = { accountNumber: 'NW-4471820', pin: '4821', postalCode: '98101', name: 'Northwind Supplies LLC' };
/** Of each type, the ones with the most events: they have been through the most. */
const keptPerType = 3;

const { History } = proto.temporal.api.history.v1;
const readable = { longs: String, enums: String, bytes: String } as const;

const stack = await startStack({
  env: { PORTSMS_CUTOVER_MARGIN_SECONDS: '5', PORTSMS_CARRIER_SYNC_SECONDS: '5', SIMULATOR_SCENARIO: 'quiet' },
  tell: console.error,
});
try {
  const product = new Product(`http://127.0.0.1:${stack.env.PORT}`, stack.env.PORTSMS_API_KEY ?? '');
  const network = new Network(`http://127.0.0.1:${stack.env.SIMULATOR_PORT}`);
  await network.setScenario({
    preset: 'quiet',
    carriers: {
      all: { throttleRate: 0.2, failRate: 0.1 },
      alpha: { failCodes: ['032'] },
      telnyx: { failCodes: ['40006'] },
    },
    ports: { focLeadMs: 8000 },
  });
  await network.provision([{ phoneNumber: number, carrier: 'alpha', ...account, rejections: ['LOCATION_MISMATCH'] }]);
  await product.registerNumber(number, { carrier: 'alpha' });
  await portWhileTextsFlow(product, network);

  const client = new Client({ connection: await Connection.connect({ address: stack.env.TEMPORAL_ADDRESS }) });
  for (const file of await readdir(import.meta.dirname)) {
    if (file.endsWith('.json')) await rm(join(import.meta.dirname, file));
  }
  for (const [name, history] of await histories(client)) {
    await writeFile(join(import.meta.dirname, `${name}.json`), history);
    console.log(name);
  }
} finally {
  await stack.stop();
}
process.exit(0);

async function portWhileTextsFlow(product: Product, network: Network): Promise<void> {
  const { id } = await product.orderPort(
    {
      phoneNumbers: [number],
      losingCarrier: 'alpha',
      gainingCarrier: 'telnyx',
      subscriber: {
        name: 'Ann Example',
        entityName: account.name,
        accountNumber: account.accountNumber,
        pin: account.pin,
        serviceAddress: {
          street: '1 Main St',
          city: 'Seattle',
          region: 'WA',
          postalCode: account.postalCode,
          country: 'US',
        },
        authorizedBy: 'Ann Example',
      },
      consent: { evidence: { act: 'signature' } },
    },
    'recorded-port',
  );
  const kinds: readonly MessageKind[] = ['otp', 'transactional', 'conversational'];
  let supplemented = false;
  for (let second = 0; second < 120; second++) {
    const port = await product.port(id);
    if (port.status === 'completed') break;
    if (port.status === 'exception' && !supplemented) {
      supplemented = true;
      await supplement(id);
    }
    const kind = kinds[second % kinds.length] ?? 'otp';
    const to = `+1206555${2000 + second}`;
    await product.send({ from: number, to, text: `Text ${second}`, kind, validitySeconds: 60 }, `recorded-${second}`);
    await network.write({ from: to, to: number, text: `Answer ${second}` });
    await sleep(1000);
  }
  // The last receipts, retries and the end of what was held.
  await sleep(15_000);
}

async function supplement(portId: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${stack.env.PORT}/v1/ports/${portId}/supplement`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${stack.env.PORTSMS_API_KEY}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ subscriber: { serviceAddress: { extended: 'Suite 2' } } }),
  });
  if (!response.ok) throw new Error(`The supplement was answered ${response.status}.`);
}

/** The closed runs with the most events, by a name for the file; without the name of this machine. */
async function histories(client: Client): Promise<Map<string, string>> {
  const byType = new Map<string, { length: number; json: string }[]>();
  for await (const run of client.workflow.list()) {
    if (run.status.name === 'RUNNING') continue;
    const handle = client.workflow.getHandle(run.workflowId, run.runId);
    const history = await handle.fetchHistory();
    const json = JSON.stringify(History.toObject(History.fromObject(history), readable), null, 1).replaceAll(
      hostname(),
      'worker',
    );
    const kept = byType.get(run.type) ?? [];
    byType.set(run.type, [...kept, { length: history.events?.length ?? 0, json }]);
  }
  const files = [...byType].flatMap(([type, runs]) =>
    runs
      .sort((a, b) => b.length - a.length)
      .slice(0, keptPerType)
      .map(({ json }, index): [string, string] => [`${type}-${index + 1}`, json]),
  );
  return new Map(files);
}
