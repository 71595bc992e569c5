import { Resolver } from 'node:dns/promises';
import { type PortabilityDatabase, type PortabilityRecord, PortabilityUnavailable } from '../portability-database.ts';
import type { EnumConfig } from './enum-adapter.ts';
import { type NaptrRecord, readPortability } from './naptr.ts';

/** Resolver answers that say that the number isn't there, as opposed to no answer. */
const unknownNumber = new Set(['ENOTFOUND', 'ENODATA']);

/** Dips a database that answers NAPTR over DNS (RFC 6116), the standard way among carriers (RFC 4769, RFC 4694). */
export class EnumDatabase implements PortabilityDatabase {
  readonly name = 'enum';
  readonly #config: EnumConfig;
  /** Resolvers that have answered and that nobody uses now. */
  readonly #idle: Resolver[] = [];

  constructor(config: EnumConfig) {
    this.#config = config;
  }

  /** @throws PortabilityUnavailable when no server answers in time, or none of the answers can be read */
  async lookUp(phoneNumber: string): Promise<PortabilityRecord | undefined> {
    const records = await this.#resolve(domainOf(phoneNumber, this.#config.suffix));
    if (records === undefined) return undefined;
    const found = readPortability(records, phoneNumber);
    return found && { ...found, source: this.name, at: new Date().toISOString() };
  }

  /** A resolver for each look-up that is under way, so that cancelling one that is late doesn't end the others. */
  async #resolve(domain: string): Promise<readonly NaptrRecord[] | undefined> {
    const { servers, timeoutMs } = this.#config;
    const resolver = this.#idle.pop() ?? this.#newResolver();
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      resolver.cancel();
    }, timeoutMs);
    try {
      const records = await resolver.resolveNaptr(domain);
      this.#idle.push(resolver);
      return records;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
      if (unknownNumber.has(code)) {
        this.#idle.push(resolver);
        return undefined;
      }
      const problem = late ? `did not answer within ${timeoutMs} ms` : `could not be asked (${code})`;
      throw new PortabilityUnavailable(`The portability database at ${servers.join(', ')} ${problem}.`);
    } finally {
      clearTimeout(deadline);
    }
  }

  #newResolver(): Resolver {
    const { servers, timeoutMs } = this.#config;
    // The resolver's own time limit is per try and server, and it rounds up: the deadline of a look-up is the one that holds.
    const resolver = new Resolver({ timeout: Math.ceil(timeoutMs / servers.length), tries: 1 });
    resolver.setServers(servers);
    return resolver;
  }
}

/** The digits of a number, last first, as labels (RFC 6116 §3.2). */
export function domainOf(phoneNumber: string, suffix: string): string {
  const digits = phoneNumber.replace(/\D/g, '');
  return [...digits].reverse().join('.').concat('.', suffix);
}
