import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { controlApi } from './control/api.ts';
import type { Addresses } from './control/carriers-file.ts';
import { Inbound } from './network/inbound.ts';
import { Transit } from './network/transit.ts';
import { EnumServer } from './npdb/enum-server.ts';
import { Smsc } from './smpp/smsc.ts';
import { telnyxApi } from './telnyx/api.ts';
import { DocumentBook } from './telnyx/document-book.ts';
import { HostedBook } from './telnyx/hosted-book.ts';
import { Messaging } from './telnyx/messaging.ts';
import { OptOuts } from './telnyx/opt-outs.ts';
import { OrderBook } from './telnyx/order-book.ts';
import { OrderLife } from './telnyx/order-life.ts';
import { PortOutBook } from './telnyx/port-out-book.ts';
import { SigningKey } from './telnyx/signing-key.ts';
import { SenderVerifications } from './telnyx/toll-free-verifications.ts';
import { Webhooks } from './telnyx/webhooks.ts';
import { type CarrierId, NETWORKS, SMPP_CARRIERS, type SmppCarrierId, TELNYX_API_KEY } from './world/networks.ts';
import { quiet, weather } from './world/presets.ts';
import { changedScenario, type Scenario, type ScenarioPatch } from './world/scenario.ts';
import { World } from './world/world.ts';

export interface SimulatorOptions {
  /** 127.0.0.1 unless told. */
  readonly host?: string;
  /** 0 or left out: a free one. */
  readonly httpPort?: number;
  readonly smppPorts?: Partial<Record<SmppCarrierId, number>>;
  readonly dnsPort?: number;
  /** Where ledger, keys and state are kept; without it a temporary one that goes with `stop`. */
  readonly dataDir?: string;
  readonly seed?: number;
  /** Where the REST carrier's webhooks go. */
  readonly webhookUrl?: string;
  /** What the world is like from now on. Left out, it is as the data directory remembers, at first `quiet`. */
  readonly preset?: 'quiet' | 'weather';
  /** The same, but only where the data directory remembers nothing. */
  readonly firstPreset?: 'quiet' | 'weather';
  /** Changes to it. */
  readonly scenario?: ScenarioPatch;
}

export interface Simulator {
  readonly addresses: Addresses;
  /** `http://host:port`, for the control calls of `README.md`. */
  readonly url: string;
  /** For the official SDK. */
  readonly telnyx: { readonly baseUrl: string; readonly apiKey: string; readonly webhookPublicKey: string };
  readonly world: World;
  stop(): Promise<void>;
}

/**
 * Starts the little telephone network: carriers, portability database, subscribers.
 * @throws Error with the port in its message when one is taken
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const host = options.host ?? '127.0.0.1';
  const temporary = options.dataDir === undefined;
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'portsms-simulator-'));
  mkdirSync(dataDir, { recursive: true });

  const world = new World(dataDir, startScenario(options));
  provisionTestNumbers(world);
  const key = new SigningKey(dataDir);
  const webhooks = new Webhooks(world, key);
  const orders = new OrderBook(world, webhooks);
  const documents = new DocumentBook(world);
  const life = new OrderLife(world, orders, documents);
  const portOuts = new PortOutBook(world, webhooks);
  const optOuts = new OptOuts(world.state);
  const inbound = new Inbound(world);
  const transit = new Transit(world, inbound);
  const hosted = new HostedBook(world, webhooks, inbound);
  const incoming = (phoneNumber: string) => orders.incoming(phoneNumber) ?? hosted.incoming(phoneNumber);
  const verifications = new SenderVerifications(world);
  const messaging = new Messaging(world, transit, webhooks, { incoming }, optOuts, verifications);
  inbound.connect('telnyx', messaging);

  const idBlock: number = (world.state.keep('idBlock', (): number => idBlock) ?? 0) + 1;
  const smscs = new Map(SMPP_CARRIERS.map((id) => [id, new Smsc(id, world, transit, idBlock)]));
  for (const [id, smsc] of smscs) inbound.connect(id, smsc);
  const enumServer = new EnumServer(world);

  let addresses: Addresses | undefined;
  const app = express();
  app.set('query parser', 'extended');
  app.use(
    '/telnyx/v2',
    telnyxApi(world, { messaging, optOuts, orders, life, documents, portOuts, hosted, verifications }),
  );
  app.use(
    controlApi(world, inbound, {
      addresses: () => addresses as Addresses,
      portOuts,
      webhookPublicKey: key.publicKey,
      orders,
      life,
      codeOf: (phoneNumber) => hosted.codeOf(phoneNumber),
      undelivered: () => [...smscs.values()].reduce((sum, smsc) => sum + smsc.undelivered, 0),
    }),
  );
  const http = createServer(app);

  const stop = async () => {
    life.stop();
    portOuts.stop();
    hosted.stop();
    webhooks.stop();
    http.closeAllConnections();
    await Promise.allSettled([closed(http), enumServer.stop(), ...[...smscs.values()].map((smsc) => smsc.stop())]);
    world.state.close();
    world.ledger.close();
    if (temporary) rmSync(dataDir, { recursive: true, force: true });
  };

  world.state.save();
  try {
    const smpp = {} as Record<SmppCarrierId, number>;
    for (const [id, smsc] of smscs) smpp[id] = await smsc.listen(host, options.smppPorts?.[id] ?? 0);
    const dns = await enumServer.listen(host, options.dnsPort ?? 0);
    addresses = { http: await listen(http, host, options.httpPort ?? 0), smpp, dns };
  } catch (error) {
    await stop();
    throw error;
  }

  for (const left of world.unfinished.all()) {
    const carrier = left.entry.carrier as CarrierId;
    if (carrier === 'telnyx') messaging.resume(left);
    else smscs.get(carrier)?.resume(left);
  }
  for (const text of world.tally.undelivered()) inbound.route(text);
  life.resume();
  portOuts.resume();
  hosted.resume();

  const url = `http://${host}:${addresses.http}`;
  return {
    addresses,
    url,
    telnyx: { baseUrl: `${url}/telnyx/v2`, apiKey: TELNYX_API_KEY, webhookPublicKey: key.publicKey },
    world,
    stop,
  };
}

/** The numbers of ours that the carriers file names for tests; those that are known stay as they are. */
function provisionTestNumbers({ numbers }: World): void {
  const all = Object.values(NETWORKS).map(({ id, testNumber }) => ({ phoneNumber: testNumber, carrier: id }));
  numbers.provision(all.filter(({ phoneNumber }) => !numbers.get(phoneNumber)));
}

/** The scenario to start with, given the one that was remembered. */
function startScenario(options: SimulatorOptions): (remembered: Scenario | undefined) => Scenario {
  return (remembered) => {
    const seed = options.seed ?? remembered?.seed ?? 1;
    const preset = options.preset ?? (remembered ? undefined : (options.firstPreset ?? 'quiet'));
    const presets = { quiet, weather };
    const base = presets[preset ?? 'quiet'](seed);
    // What an older simulator did not know yet is as in the preset.
    const before = preset ? base : changedScenario(base, remembered ?? {});
    const url = options.webhookUrl ?? remembered?.webhooks.url;
    return changedScenario(changedScenario(before, { seed, webhooks: { url } }), options.scenario ?? {});
  };
}

async function closed(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
