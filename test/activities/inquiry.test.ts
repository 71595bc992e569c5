import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { createAdmissionActivities } from '../../activities/admission.ts';
import type { Outlook } from '../../activities/interfaces.ts';
import { createSubmissionActivities } from '../../activities/submission.ts';
import { CarrierUnavailable } from '../../carriers/errors.ts';
import type { InquiredPart, PartFinding } from '../../carriers/message-inquiry.ts';
import type { Attempt, PartProgress } from '../../domain/message-progress.ts';
import { createIntake } from '../../intake/intake.ts';
import type { MessageDocument } from '../../store/messages.ts';
import { RecordedEngine } from '../intake/recorded-engine.ts';
import { ownStore } from '../store/own-store.ts';
import { ours, sampleNumber, sampleText, type TextSample } from '../store/samples.ts';
import { FakeMessaging, fakeCarrier } from './fake-carrier.ts';
import { inWorkflow } from './in-workflow.ts';
import { unverifiedRecipients } from './unverified-recipients.ts';

const own = ownStore();
const engine = new RecordedEngine();
const messaging = new FakeMessaging();
/** What the carrier knows of its ids, and what it was asked about. */
const known = new Map<string, PartFinding>();
const asked: InquiredPart[] = [];
let away = false;
const inquiry = {
  async ask(parts: readonly InquiredPart[]) {
    if (away) throw new CarrierUnavailable('No session is bound.');
    asked.push(...parts);
    return parts.map(({ givenId }) => known.get(givenId));
  },
};
const carriers = new Map([
  ['alpha', { ...fakeCarrier('alpha', { messaging }), inquiry }],
  ['mute', fakeCarrier('mute', { messaging })],
]);

let count = 0;
let workflow = '';
beforeEach(async () => {
  count += 1;
  workflow = `messages/inquiry-${count}`;
  known.clear();
  asked.length = 0;
  away = false;
  engine.clear();
  await own.store.numbers.insert(sampleNumber(own.store.vault, ours));
});

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);

/** A text that was submitted five minutes ago, valid for ten, and nothing was heard since. */
async function silent(
  parts: readonly PartProgress[],
  rest: TextSample = {},
  carrier = 'alpha',
): Promise<MessageDocument> {
  const attempt: Attempt = {
    carrier,
    token: `clm_${count}_${parts[0]?.carrierMessageId}`,
    claimedAt: ago(300),
    answeredAt: ago(299),
    workflowId: workflow,
    runId: 'r',
    parts,
  };
  const text = sampleText(own.store.vault, {
    status: 'submitted',
    workflowId: workflow,
    acceptedAt: ago(300),
    expiresAt: ago(-300),
    attempts: [attempt],
    carrierRefs: parts.flatMap(({ carrierMessageId }) => (carrierMessageId ? [`${carrier}/${carrierMessageId}`] : [])),
    ...rest,
  });
  await own.store.messages.insert([text]);
  return text;
}
const accepted = (id: string, givenId?: string): PartProgress => ({
  outcome: 'accepted',
  carrierMessageId: id,
  ...(givenId && { givenId }),
});

const intake = () => createIntake({ store: own.store, engine, carriers, logger: pino({ enabled: false }) });
async function inquire(carrier = 'alpha'): Promise<Outlook> {
  const here = intake();
  const outlook = await inWorkflow(workflow, () =>
    createSubmissionActivities({ store: own.store, intake: here, carriers }).inquire({ carrier }),
  );
  await here.idle();
  return outlook;
}
const review = (): Promise<Outlook> =>
  inWorkflow(workflow, () =>
    createAdmissionActivities({
      store: own.store,
      engine,
      carriers,
      recipients: unverifiedRecipients(own.store),
    }).review(),
  );
const stored = async ({ _id }: MessageDocument) => (await own.store.messages.find(_id)) as MessageDocument;

describe('a text whose receipt never came', () => {
  test('is asked about: what the carrier says is taken like a receipt, and its workflow is told', async () => {
    const text = await silent([accepted(`q${count}`)]);
    known.set(`q${count}`, { state: 'DELIVRD', raw: '{}' });
    expect(await review()).toMatchObject({ open: 1, reviewDue: false, inquiries: ['alpha'] });
    await inquire();
    expect(await stored(text)).toMatchObject({ status: 'delivered', attempts: [{ askedAt: expect.any(Date) }] });
    expect(engine.callsOf('settled')).toEqual([[workflow]]);
    expect(messaging.written, 'asking submits nothing (invariant 5)').toEqual([]);
  });

  test('is asked about by the id as the carrier wrote it, and with the sender that it went by', async () => {
    await silent([accepted(`${count}a`, `000${count}A`)]);
    await inquire();
    expect(asked).toEqual([{ givenId: `000${count}A`, from: ours }]);
  });

  test('that failed is decided about by its code like any other', async () => {
    const text = await silent([accepted(`q${count}`)]);
    known.set(`q${count}`, { state: 'UNDELIV', code: '27', raw: '{}' });
    await inquire();
    expect(await stored(text)).toMatchObject({ status: 'retrying', failure: { code: 'recipient-unavailable' } });
    expect(engine.callsOf('failures')).toEqual([[workflow]]);
  });

  test('is not asked about again while its time is not over, whatever the carrier answered', async () => {
    const text = await silent([accepted(`q${count}`)]);
    known.set(`q${count}`, { state: 'ENROUTE', raw: '{}' });
    expect(await inquire()).toMatchObject({ open: 1 });
    expect((await inquire()).inquiries).toBeUndefined();
    expect(asked).toHaveLength(1);
    expect((await stored(text)).status).toBe('submitted');
  });

  test('two workers at once ask about it once', async () => {
    await silent([accepted(`q${count}`)]);
    await Promise.all([inquire(), inquire()]);
    expect(asked).toHaveLength(1);
  });

  test('is left to its receipt when the carrier is away', async () => {
    const text = await silent([accepted(`q${count}`)]);
    away = true;
    expect(await inquire()).toMatchObject({ open: 1 });
    expect((await stored(text)).status).toBe('submitted');
  });

  test('ends as unknown only after its carrier has been asked once more', async () => {
    const over = { acceptedAt: ago(400), expiresAt: ago(31) };
    const text = await silent([accepted(`q${count}`)], over);
    expect(await review()).toMatchObject({ open: 1, inquiries: ['alpha'] });
    expect((await stored(text)).status).toBe('submitted');
    await inquire();
    expect(await review()).toMatchObject({ open: 0 });
    expect(await stored(text)).toMatchObject({ status: 'unknown', failure: { code: 'no-receipt' } });
  });

  test('ends as unknown a minute later where nobody could ask', async () => {
    const text = await silent([accepted(`q${count}`)], { acceptedAt: ago(400), expiresAt: ago(91) });
    expect(await review()).toMatchObject({ open: 0 });
    expect((await stored(text)).status).toBe('unknown');
  });

  test('ends as unknown at once where the carrier can’t be asked, or never gave an id', async () => {
    const over = { acceptedAt: ago(400), expiresAt: ago(31) };
    const mute = await silent([accepted(`q${count}`)], over, 'mute');
    const nameless = await silent([{ outcome: 'ambiguous' }], { ...over, status: 'claimed' });
    expect(await review()).toMatchObject({ open: 0 });
    expect([(await stored(mute)).status, (await stored(nameless)).status]).toEqual(['unknown', 'unknown']);
  });
});
