import { parseArgs } from 'node:util';
import { startBare } from './bare.ts';
import { sendBatch } from './batch.ts';
import { measure, reportPhases } from './measured.ts';
import { call, type OwnStack, withOwnStack } from './own-stack.ts';
import { makeKnown, mostKnown, mostStrangers, population, strangers } from './recipients.ts';
import { sendLone, sendMany } from './single-texts.ts';
import { type SmscProcess, startSmsc } from './smsc/process.ts';
import { requested } from './target.ts';
import { reportTimings, type Timing, timingFrom } from './timing.ts';

const from = '+12065550199';
const clients = 50;
/** Single requests before anything is measured: what Node has not compiled yet costs twice as much. */
const warmUp = 1500;
/** So many lone workflows, then so many lone texts. */
const inATurn = 10;
/** The product is measured, and not the patience of a carrier. */
const limits = { sessions: 2, window: 1000, segmentsPerSecond: 20_000 };

interface Sizes {
  readonly lone: number;
  readonly texts: number;
  readonly batch: number;
  readonly recipients: number;
}

/**
 * Measures texts over SMPP, from the request to the stored receipt, next to a bare Temporal workflow (one activity, one signal) on the
 * same servers in the same run. Absolute figures are the machine's; the ratios are the product's. Ends with 1 when a text came to the
 * carrier twice, or not at all.
 */
export async function runTexts(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      lone: number('50'),
      texts: number('20000'),
      batch: number('100000'),
      recipients: number(String(mostKnown)),
    },
  });
  const [lone, texts, batch, recipients] = [values.lone, values.texts, values.batch, values.recipients].map(Number);
  const sizes = { lone, texts, batch, recipients } as Sizes;
  if (
    !Object.values(sizes).every((each) => Number.isInteger(each) && each >= 50) ||
    sizes.texts > mostStrangers ||
    sizes.recipients > mostKnown
  ) {
    console.error(
      `--lone (texts one after the other), --texts (single requests, at most ${mostStrangers}), --batch (lines of one bulk) and --recipients (of all of these, at most ${mostKnown}) take whole numbers of at least 50.`,
    );
    return 2;
  }
  const smsc = await startSmsc();
  try {
    const prepare = async (simulator: string) =>
      void (await call('POST', `${simulator}/numbers`, { phoneNumber: from, carrier: 'alpha' }));
    return await withOwnStack({ prepare, limits, smsc }, async (stack) => {
      await measureTexts(stack, sizes);
      return (await eachCameOnce(smsc)) ? 0 : 1;
    });
  } finally {
    await smsc.stop();
  }
}

async function measureTexts(stack: OwnStack, { lone, texts, batch, recipients }: Sizes): Promise<void> {
  const { config, url, apiKey, store } = stack;
  const own = `${url}/v1/numbers/${encodeURIComponent(from)}`;
  await call('PUT', own, { carrier: 'alpha' }, { Authorization: `Bearer ${apiKey}` });
  const target = { url, apiKey, from, store };
  const known = population(recipients);
  const bare = await startBare(config.temporal.address, config.temporal.namespace);
  await makeKnown(target, recipients);
  await sendMany(target, known, warmUp, clients);
  await bare.run(50, 20);

  const [bareLone, textLone] = (await takeTurns(lone, [
    (count) => bare.each(count, 1),
    (count) => sendLone(target, known, bare.ended, count),
  ])) as [Timing, Timing];
  const bareMany = await bare.run(300, clients);
  await bare.close();
  const single = await measure(stack, texts, () => sendMany(target, known, texts, clients));
  const toStrangers = await measure(stack, texts, () => sendMany(target, strangers, texts, clients));
  const memoryBefore = await stack.memory();
  const bulk = await measure(stack, batch, () => sendBatch(target, known, batch));
  const memoryAfter = await stack.memory();

  reportTimings('one at a time', { 'bare workflow': bareLone, text: textLone });
  reportTimings(`${clients} at a time`, {
    'bare workflows': bareMany,
    'texts (p50, p99: the 202)': single.result,
    'texts to strangers': toStrangers.result,
  });
  console.log(`a lone text takes ${(textLone.p50 / bareLone.p50).toFixed(2)} of a bare workflow's time`);
  console.log(
    `texts per bare workflow, ${clients} at a time: ${(single.result.perSecond / bareMany.perSecond).toFixed(1)}`,
  );
  const { seconds, uploadSeconds } = bulk.result;
  console.log(
    `a bulk of ${batch}: ${(batch / seconds).toFixed(0)}/s to the last receipt stored, 202 after ${uploadSeconds.toFixed(1)} s`,
  );
  await reportPhases(config.mongodb, { single, 'single, to strangers': toStrangers, bulk });
  if (!memoryBefore || !memoryAfter) return;
  const most = ({ worker, api }: typeof memoryAfter) => Math.max(worker.greatest, api.greatest).toFixed(0);
  console.log(
    `the most memory that worker or API had: before the bulk ${most(memoryBefore)} MiB, after it ${most(memoryAfter)} MiB`,
  );
}

/** Lone workflows and lone texts in turn, some of each at a time: what else the machine does meets both. */
async function takeTurns(
  count: number,
  runs: readonly ((count: number) => Promise<readonly number[]>)[],
): Promise<Timing[]> {
  const taken = runs.map(() => ({ each: [] as number[], seconds: 0 }));
  for (let done = 0; done < count; done += inATurn) {
    for (const [index, run] of runs.entries()) {
      const begun = performance.now();
      taken[index]?.each.push(...(await run(Math.min(inATurn, count - done))));
      if (taken[index]) taken[index].seconds += (performance.now() - begun) / 1000;
    }
  }
  return taken.map(({ each, seconds }) => timingFrom(each, seconds));
}

async function eachCameOnce(smsc: SmscProcess): Promise<boolean> {
  const { texts, again, receipts } = await smsc.tally();
  const all = requested();
  console.log(`of ${all} texts the carrier took ${texts}, ${again} of them again; ${receipts} receipts`);
  return texts === all && again === 0;
}

const number = (standard: string) => ({ type: 'string', default: standard }) as const;
