import type { OwnStack } from './own-stack.ts';
import type { Use } from './process-use.ts';
import { checksBetween } from './recipients.ts';
import { checkDelivered } from './target.ts';

/** Texts that were sent and delivered, and what that took. */
export interface Measured<T> {
  readonly result: T;
  readonly texts: number;
  readonly from: Date;
  readonly to: Date;
  readonly seconds: number;
  /** CPU seconds of each process; undefined where they can't be told. */
  readonly cpuSeconds: Use | undefined;
}

/** @param texts that are sent meanwhile @throws Error when one of them was not delivered */
export async function measure<T>(
  { use, store }: Pick<OwnStack, 'use' | 'store'>,
  texts: number,
  send: () => Promise<T>,
): Promise<Measured<T>> {
  const from = new Date();
  const before = await use();
  const begun = performance.now();
  const result = await send();
  const seconds = (performance.now() - begun) / 1000;
  const after = await use();
  const to = new Date();
  await checkDelivered(store);
  return { result, texts, from, to, seconds, cpuSeconds: before && after && between(before, after) };
}

/** Prints what the texts of each phase cost, and how well their recipients were known. */
export async function reportPhases(
  mongodb: { readonly uri: string; readonly database: string },
  phases: Readonly<Record<string, Measured<unknown>>>,
): Promise<void> {
  const cpu: Record<string, Record<string, string>> = {};
  const checks: Record<string, Record<string, string>> = {};
  for (const [name, phase] of Object.entries(phases)) {
    const { cpuSeconds, texts, from, to } = phase;
    if (cpuSeconds) cpu[name] = costOf(cpuSeconds, phase);
    const counts = await checksBetween(mongodb, from, to);
    checks[name] = Object.fromEntries(
      [...counts].map(([check, count]) => [check ?? 'not admitted', `${((100 * count) / texts).toFixed(1)} %`]),
    );
  }
  console.log('how well recipients were known');
  console.table(checks);
  if (Object.keys(cpu).length === 0) return;
  console.log('CPU milliseconds per text; cores in use');
  console.table(cpu);
}

function costOf(cpuSeconds: Use, { texts, seconds }: Pick<Measured<unknown>, 'texts' | 'seconds'>) {
  const together = Object.values(cpuSeconds).reduce((sum, each) => sum + each, 0);
  const perText = Object.entries({ ...cpuSeconds, together }).map(
    ([name, each]) => [name, ((each * 1000) / texts).toFixed(name === 'carrier' ? 3 : 2)] as const,
  );
  return { ...Object.fromEntries(perText), cores: (together / seconds).toFixed(2) };
}

const between = (before: Use, after: Use): Use =>
  Object.fromEntries(Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]));
