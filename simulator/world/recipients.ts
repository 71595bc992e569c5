import type { RecipientRule } from './scenario.ts';

/** The rules of a scenario for subscribers, found by number or by the longest prefix. */
export class Recipients {
  readonly #exact = new Map<string, RecipientRule[]>();
  readonly #prefixes: { prefix: string; rule: RecipientRule }[] = [];

  constructor(rules: readonly RecipientRule[]) {
    for (const rule of rules) {
      if (rule.phoneNumber) this.#exact.set(rule.phoneNumber, [...(this.#exact.get(rule.phoneNumber) ?? []), rule]);
      if (rule.prefix !== undefined) this.#prefixes.push({ prefix: rule.prefix, rule });
    }
    this.#prefixes.sort((a, b) => b.prefix.length - a.prefix.length);
  }

  /** The rule for a text to `phoneNumber` through `carrier`; one for this carrier goes before one for all. */
  ruleFor(phoneNumber: string, carrier: string): RecipientRule | undefined {
    if (this.#exact.size === 0 && this.#prefixes.length === 0) return undefined;
    const exact = this.#exact.get(phoneNumber) ?? [];
    return (
      exact.find((rule) => rule.carrier === carrier) ??
      exact.find((rule) => !rule.carrier) ??
      this.#prefixes.find(
        ({ prefix, rule }) => phoneNumber.startsWith(prefix) && (!rule.carrier || rule.carrier === carrier),
      )?.rule
    );
  }

  /** What a scenario says of a foreign number's portability. */
  portability(phoneNumber: string): RecipientRule['portability'] {
    return this.#exact.get(phoneNumber)?.find((rule) => rule.portability)?.portability;
  }
}
