import { setTimeout as sleep } from 'node:timers/promises';
import type { OutboundMessage } from '../../api/schemas/messages.ts';
import type { PortAnswer } from '../../api/schemas/ports.ts';
import { isFinalOrder } from '../../domain/lifecycle/order.ts';
import { isFinal } from '../../domain/message.ts';
import { type Balance, balance } from './account.ts';
import type { Examples } from './examples.ts';
import type { Network } from './network.ts';
import { orderPorts } from './orders.ts';
import type { Product } from './product.ts';
import type { Standing } from './progress.ts';
import { introduce, setScene } from './scene.ts';
import { Traffic } from './traffic.ts';

const lookEveryMs = 2_000;
/** The fate of a text is known this long after its validity at the latest: half a minute for late receipts, and time to notice. */
const fateKnownMs = 45_000;
/** A port that is not done by then is not done when the demo ends. */
const portPatienceMs = 5 * 60_000;
/** The network is at rest when nothing has happened in it for so long. */
const restMs = 3_000;
const restPatienceMs = 30_000;
/** The clocks of the stack and of this process differ by less. */
const clockSkewMs = 60_000;

/** A played demo. */
export interface Outcome extends Balance {
  readonly texts: readonly OutboundMessage[];
  readonly ports: readonly PortAnswer[];
}

export interface Run {
  /** Tells this run from others on the same stack; '' on a fresh one. */
  readonly name: string;
  readonly seed: number;
  /** Called every few seconds. */
  readonly show: (standing: Standing) => void;
}

interface Sides {
  readonly product: Product;
  readonly network: Network;
}

/**
 * Plays the examples: ports the numbers while their texts flow both ways, waits for the end of every one, and balances the account.
 * @throws Error when the product turns something down, or one of both sides is away for long
 */
export async function play(examples: Examples, sides: Sides, run: Run): Promise<Outcome> {
  const { product, network } = sides;
  const { lastSeq } = await network.summary();
  const startedAt = Date.now();
  await setScene(examples, network, run.seed);
  await introduce(examples, product, run.name);
  const traffic = new Traffic(examples, sides, run.name);
  const abandoned = new AbortController();
  traffic.over.catch((error: unknown) => abandoned.abort(error));
  const portIds = await orderPorts(examples, product, run.name);

  const look = async (): Promise<Standing> => {
    const since = new Date(startedAt - clockSkewMs);
    const [outbound, inbound, ports] = await Promise.all([
      product.outboundSince(since),
      product.inboundSince(since),
      Promise.all(portIds.map((id) => product.port(id))),
    ]);
    const ours = new Set(traffic.accepted.map(({ id }) => id));
    const standing = {
      seconds: Math.round((Date.now() - startedAt) / 1000),
      handedOver: traffic.handedOver,
      lines: examples.outbound.length + examples.inbound.length,
      outbound: outbound.filter(({ id }) => ours.has(id)),
      inbound,
      ports,
    };
    run.show(standing);
    return standing;
  };
  const close = async (): Promise<Outcome> => {
    const [{ outbound, inbound, ports }, ledger] = await Promise.all([look(), network.ledgerSince(lastSeq)]);
    const accepted = traffic.accepted.map(({ id }) => id);
    const ownNumbers = new Set(examples.numbers.map(({ phoneNumber }) => phoneNumber));
    return { ...balance({ accepted, outbound, inbound, ports, ledger, ownNumbers }), texts: outbound, ports };
  };

  for (;;) {
    await sleep(lookEveryMs, undefined, { signal: abandoned.signal }).catch(() => abandoned.signal.throwIfAborted());
    const { handedOver, lines, outbound, ports } = await look();
    if (handedOver < lines) continue;
    const allFinal = outbound.length === traffic.accepted.length && outbound.every(({ status }) => isFinal(status));
    const lastFate = Math.max(...traffic.accepted.map(({ expiresAt }) => expiresAt.getTime())) + fateKnownMs;
    const textsOver = allFinal || Date.now() > lastFate;
    const portsOver = ports.every(({ status }) => isFinalOrder(status)) || Date.now() > startedAt + portPatienceMs;
    if (textsOver && portsOver) break;
  }
  const restBy = Date.now() + restPatienceMs;
  await atRest(network, restBy);
  const outcome = await close();
  if (outcome.good) return outcome;
  // What is still on its way inside the product gets the rest of the time.
  await sleep(Math.max(0, restBy - Date.now()));
  return close();
}

/** Resolves when every inbound text has been taken and nothing happens any more, or when the time is over. */
async function atRest(network: Network, until: number): Promise<void> {
  let last = -1;
  let since = Date.now();
  while (Date.now() < until) {
    const { lastSeq, inbound, undeliveredToUs } = await network.summary();
    if (lastSeq !== last || inbound.undelivered > 0 || undeliveredToUs > 0) since = Date.now();
    else if (Date.now() - since >= restMs) return;
    last = lastSeq;
    await sleep(500);
  }
}
