import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { History } from '@temporalio/worker';
import { Network } from '../../cli/demo/network.ts';
import { Product } from '../../cli/demo/product.ts';
import type { MessageKind } from '../../domain/message.ts';
import { startStack } from '../../embedded/stack.ts';
import { account, moving, movingOrder } from '../stack/moving-number.ts';
import { keep } from './recorded.ts';

/** Of each type, the ones with the most events: they have been through the most. */
const keptPerType = 3;

/** Records what the running product does, on the server that it runs on: a port while texts flow, on bad days of its carriers. */
export async function recordLive(): Promise<void> {
  const stack = await startStack({
    env: {
      PORTSMS_CUTOVER_MARGIN_SECONDS: '5',
      PORTSMS_CARRIER_SYNC_SECONDS: '5',
      PORTSMS_ROUTING_SYNC_SECONDS: '10',
      SIMULATOR_SCENARIO: 'quiet',
    },
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
    await network.provision([{ phoneNumber: moving, carrier: 'alpha', ...account, rejections: ['LOCATION_MISMATCH'] }]);
    await product.registerNumber(moving, { carrier: 'alpha' });
    await portWhileTextsFlow(product, network, stack.env);

    const connection = await Connection.connect({ address: stack.env.TEMPORAL_ADDRESS });
    for (const [name, history] of await histories(new Client({ connection }))) keep(name, history);
    await connection.close();
  } finally {
    await stack.stop();
  }
}

async function portWhileTextsFlow(product: Product, network: Network, env: NodeJS.ProcessEnv): Promise<void> {
  const { id } = await product.orderPort(movingOrder, 'recorded-port');
  const kinds: readonly MessageKind[] = ['otp', 'transactional', 'conversational'];
  let supplemented = false;
  for (let second = 0; second < 120; second++) {
    const port = await product.port(id);
    if (port.status === 'completed') break;
    if (port.status === 'exception' && !supplemented) {
      supplemented = true;
      await supplement(id, env);
    }
    const kind = kinds[second % kinds.length] ?? 'otp';
    const to = `+1206555${2000 + second}`;
    await product.send({ from: moving, to, text: `Text ${second}`, kind, validitySeconds: 60 }, `recorded-${second}`);
    await network.write({ from: to, to: moving, text: `Answer ${second}` });
    await sleep(1000);
  }
  // The last receipts, retries and the end of what was held.
  await sleep(15_000);
}

async function supplement(portId: string, env: NodeJS.ProcessEnv): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${env.PORT}/v1/ports/${portId}/supplement`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${env.PORTSMS_API_KEY}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ subscriber: { serviceAddress: { extended: 'Suite 2' } } }),
  });
  if (!response.ok) throw new Error(`The supplement was answered ${response.status}.`);
}

/** The closed runs with the most events, by a name for the file; of those that went the same way, one. */
async function histories(client: Client): Promise<Map<string, History>> {
  const byType = new Map<string, Map<string, History>>();
  for await (const run of client.workflow.list()) {
    if (run.status.name === 'RUNNING') continue;
    const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
    const way = history.events?.map(({ eventType }) => eventType).join() ?? '';
    byType.set(run.type, (byType.get(run.type) ?? new Map()).set(way, history));
  }
  const length = ({ events }: History) => events?.length ?? 0;
  const files = [...byType].flatMap(([type, ways]) =>
    [...ways.values()]
      .sort((a, b) => length(b) - length(a))
      .slice(0, keptPerType)
      .map((history, index): [string, History] => [`live-${type}-${index + 1}`, history]),
  );
  return new Map(files);
}
