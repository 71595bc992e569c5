import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { type DecodedPacket, decode, encode } from 'dns-packet';
import type { World } from '../world/world.ts';
import { type PortabilityRow, portabilityOf } from './portability.ts';

const AUTHORITATIVE = 1 << 10;
const NXDOMAIN = 3;
const SERVFAIL = 2;
const TTL_SECONDS = 5;

/** A portability database that is asked by ENUM over UDP (RFC 6116), with `pstn:tel` services (RFC 4769). */
export class EnumServer {
  readonly #world: World;
  readonly #socket: Socket;
  #queries = 0;

  constructor(world: World) {
    this.#world = world;
    this.#socket = createSocket('udp4');
    this.#socket.on('message', (message, peer) => this.#receive(message, peer));
  }

  /** @returns the port it listens on. @throws when the port is taken */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind(port, host, () => resolve());
    });
    return this.#socket.address().port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #receive(message: Buffer, peer: RemoteInfo): void {
    let query: DecodedPacket;
    try {
      query = decode(message);
    } catch {
      return;
    }
    const name = query.questions?.[0]?.name ?? '';
    const { chance, scenario } = this.#world;
    this.#queries += 1;
    const identity = `${name} ${this.#queries}`;
    if (chance.happens(scenario.portability.dropRate, 'dns-drop', identity)) return;
    const fails = chance.happens(scenario.portability.failRate, 'dns-fail', identity);
    const delay = chance.within(scenario.portability.delayMs, 'dns-delay', identity);
    const send = () => this.#socket.send(this.#answer(query, name, fails), peer.port, peer.address);
    if (delay > 0) setTimeout(send, delay);
    else send();
  }

  #answer(query: DecodedPacket, name: string, fails: boolean): Buffer {
    const phoneNumber = e164Of(name);
    const row = phoneNumber && portabilityOf(this.#world, phoneNumber, this.#world.scenario.ports.databaseLagMs);
    const asked = query.questions?.[0]?.type;
    const code = fails ? SERVFAIL : row ? 0 : NXDOMAIN;
    return encode({
      type: 'response',
      id: query.id,
      flags: AUTHORITATIVE | code,
      questions: query.questions,
      answers:
        phoneNumber && row && !fails && asked === 'NAPTR'
          ? [{ type: 'NAPTR', name, ttl: TTL_SECONDS, data: naptr(phoneNumber, row) }]
          : [],
    });
  }
}

/** `0.0.1.0.5.5.5.2.1.2.1.e164.arpa` → `+12125550100`, under any suffix (RFC 6116 §3.2). */
function e164Of(name: string): string | undefined {
  const match = /^((?:\d\.){7,15})[a-z]/i.exec(name);
  return match ? `+${match[1]?.replace(/\./g, '').split('').reverse().join('')}` : undefined;
}

/** RFC 4769 with the parameters of RFC 4694: the dip was done, the routing number, the service provider. */
function naptr(phoneNumber: string, row: PortabilityRow) {
  const uri = `tel:${phoneNumber};npdi${row.lrn ? `;rn=${row.lrn}` : ''};spn=${row.spid}`;
  return {
    order: 10,
    preference: 100,
    flags: 'u',
    services: 'E2U+pstn:tel',
    regexp: `!^.*$!${uri}!`,
    replacement: '.',
  };
}
