import { type PortabilityDatabase, type PortabilityRecord, PortabilityUnavailable } from './portability-database.ts';

/** Asks several databases in order until one knows the number. */
export class FirstAnswer implements PortabilityDatabase {
  readonly name: string;
  readonly #databases: readonly PortabilityDatabase[];

  constructor(databases: readonly PortabilityDatabase[]) {
    this.#databases = databases;
    this.name = databases.map((database) => database.name).join(', ') || 'none';
  }

  /**
   * @returns undefined when every database answered and none knows the number
   * @throws PortabilityUnavailable when none knows the number and at least one didn't answer: it might have known
   */
  async lookUp(phoneNumber: string): Promise<PortabilityRecord | undefined> {
    const silent: PortabilityUnavailable[] = [];
    for (const database of this.#databases) {
      try {
        const record = await database.lookUp(phoneNumber);
        if (record) return record;
      } catch (error) {
        if (!(error instanceof PortabilityUnavailable)) throw error;
        silent.push(error);
      }
    }
    if (silent.length > 0) throw new PortabilityUnavailable(silent.map((error) => error.message).join(' '));
    return undefined;
  }
}
