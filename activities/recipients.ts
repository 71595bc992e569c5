import {
  movedLately,
  mustAsk,
  portedAt,
  type RecentPortPolicy,
  type RecipientCheck,
  type RecipientQuestion,
  recipientCheck,
} from '../domain/recipient-check.ts';
import type { Logger } from '../intake/logger.ts';
import { type PortabilityDatabase, PortabilityUnavailable } from '../npdb/portability-database.ts';
import { gather } from '../store/gathering.ts';
import type { MessageDocument, RecipientKnowledge, TextToVerify } from '../store/messages.ts';
import type { NumberDocument } from '../store/numbers.ts';
import type { Store } from '../store/store.ts';
import { inParallel } from './in-parallel.ts';
import { type Answer, keepAnswers, recordWith } from './kept-answers.ts';

/** A text waits so long for a look-up, and no longer: then what is known is used, and marked. */
const deadlineMs = 300;
/** So many numbers are asked at the same time; those who begin while others ask share it with them, for of many more each is answered late. */
const atATime = 50;
/** For so long look-ups are begun in an admission, which ends within 2 s; whom it has not come to by then is asked in an activity of its own. */
const inAdmissionMs = 1000;
/** And there for so long. */
const inBulkMs = 2000;
/** Answers in one write at most. */
const answersAtATime = 500;
/** A database that was silent so often in a row is left alone for a while: texts don't wait for it in vain. */
const silencesInARow = 20;
const leftAloneMs = 5000;

/** What became of one look-up; `late`: after its text had gone on. */
export type LookUpOutcome = 'answered' | 'number-unknown' | 'late' | 'failed' | 'not-tried';

/** Where it is counted what verification does and costs. */
export interface RecipientMeter {
  lookUp(outcome: LookUpOutcome, ms: number): void;
  /** What look-ups added to the time of a bulk (or of a lone text), in milliseconds. */
  added(ms: number): void;
  texts(check: RecipientCheck, count: number): void;
}

type Numbers = ReadonlyMap<string, NumberDocument>;

/** Verification of recipients while their texts are on their way. */
export interface Recipients {
  /**
   * Asks for the recipients whose record is too old or in transition, each number once, for as long as an admission may take.
   * @param numbers the records of the recipients (and others)
   * @param lookedUp many have been asked for already: what is not known by now is not asked for again
   * @returns the records as they are now, and the texts whose recipients there was no time to ask for
   */
  verify(
    texts: readonly TextToVerify[],
    numbers: Numbers,
    lookedUp: boolean,
  ): Promise<{ numbers: Numbers; waiting: ReadonlySet<string> }>;
  /** Asks for all of them, in a bulk. Records that could not be verified stay as they are. */
  verifyMany(texts: readonly TextToVerify[], numbers: Numbers): Promise<void>;
  /** What is known of a text's recipient now; stored with the text. */
  knowledge(text: TextToVerify, numbers: Numbers, now: Date): RecipientKnowledge;
  /** Counts texts that have been admitted. */
  count(texts: readonly Pick<MessageDocument, 'recipient'>[]): void;
}

interface Due {
  readonly phoneNumber: string;
  readonly suspected: boolean;
}

/** An answer, and the record of its number as it was read, and as it is with the answer. */
interface Answered {
  readonly key: string;
  readonly answer: Answer;
  readonly known: NumberDocument | undefined;
  readonly record: NumberDocument;
}

export function createRecipients(deps: {
  readonly store: Pick<Store, 'numbers' | 'subjectKeys' | 'vault'>;
  readonly portability: PortabilityDatabase;
  readonly logger: Logger;
  readonly meter?: RecipientMeter;
}): Recipients {
  const { store, portability, logger, meter } = deps;
  /** Without a database nobody is asked. */
  const askable = portability.name !== 'none';
  const underWay = new Map<string, ReturnType<PortabilityDatabase['lookUp']>>();
  /** Texts don't wait for it: what is lost here is asked for again. Those that come while some are written go together. */
  const keep = gather<Answered, undefined>(async (answered) => {
    const known = answered.flatMap((each) => (each.known ? [[each.key, each.known] as const] : []));
    const answers = new Map(answered.map(({ key, answer }) => [key, answer]));
    await keepAnswers(store, answers, new Map(known), new Map(answered.map(({ key, record }) => [key, record])));
    return answered.map(() => undefined);
  }, answersAtATime);
  /** @returns the number's record as it is with the answer */
  function keepSoon(key: string, answer: Answer, known: NumberDocument | undefined): NumberDocument {
    const record = recordWith(store, key, answer, known);
    keep({ key, answer, known, record }).catch((err: unknown) =>
      logger.warn({ err }, 'an answer about a recipient could not be kept'),
    );
    return record;
  }
  /** Groups of texts whose recipients are being asked for. */
  let asking = 0;
  let silences = 0;
  let leftAloneUntil = 0;

  async function dueIn(texts: readonly TextToVerify[], numbers: Numbers, now: Date): Promise<Map<string, Due>> {
    const due = new Map<string, Due>();
    if (!askable) return due;
    const wanted = texts.filter(
      (text) => isToBeDecided(text, now) && mustAsk(numbers.get(text.toKey), questionOf(text, now)),
    );
    await store.subjectKeys.loadFor(wanted.map(({ to }) => to));
    for (const { toKey, to, lookUpFirst } of wanted) {
      // Whoever has been erased is asked about no more; the text is refused before it is sent.
      const phoneNumber = store.vault.openUnlessErased(to);
      if (phoneNumber === undefined) continue;
      due.set(toKey, { phoneNumber, suspected: due.get(toKey)?.suspected || lookUpFirst === true });
    }
    return due;
  }

  /** One question for all who ask for the same number at the same time. */
  function ask(key: string, phoneNumber: string): ReturnType<PortabilityDatabase['lookUp']> {
    const asking = underWay.get(key) ?? portability.lookUp(phoneNumber).finally(() => underWay.delete(key));
    underWay.set(key, asking);
    return asking;
  }

  /** Asks for one number and gives up after the deadline; what comes later is kept for the next text. */
  async function askInTime(
    key: string,
    { phoneNumber, suspected }: Due,
    numbers: Numbers,
  ): Promise<Answer | undefined> {
    const begun = performance.now();
    if (begun < leftAloneUntil) {
      meter?.lookUp('not-tried', 0);
      return undefined;
    }
    const asking = ask(key, phoneNumber);
    const answer = (record: Answer['record']): Answer => {
      const askedAt = new Date();
      return { phoneNumber, record, askedAt, ...(suspected && { suspectedAt: askedAt }) };
    };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, deadlineMs, 'late');
    });
    try {
      const record = await Promise.race([asking, late]);
      const ms = performance.now() - begun;
      if (record === 'late') {
        noteSilence('late', ms);
        asking
          .then((known) => keepSoon(key, answer(known), numbers.get(key)))
          .catch((err: unknown) => logger.warn({ err }, 'a look-up of a recipient failed late'));
        return undefined;
      }
      silences = 0;
      meter?.lookUp(record ? 'answered' : 'number-unknown', ms);
      return answer(record);
    } catch (error) {
      if (!(error instanceof PortabilityUnavailable)) throw error;
      noteSilence('failed', performance.now() - begun);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  function noteSilence(outcome: 'late' | 'failed', ms: number): void {
    meter?.lookUp(outcome, ms);
    silences += 1;
    if (silences < silencesInARow) return;
    silences = 0;
    leftAloneUntil = performance.now() + leftAloneMs;
    logger.warn(
      { database: portability.name, pauseMs: leftAloneMs },
      'the portability database does not answer in time; texts go by what is known of their recipients',
    );
  }

  /** @returns what was answered, and whom there was no time to ask for */
  async function askAll(
    due: ReadonlyMap<string, Due>,
    numbers: Numbers,
    withinMs: number,
  ): Promise<{ answers: Map<string, Answer>; unasked: ReadonlySet<string> }> {
    const begun = performance.now();
    const answers = new Map<string, Answer>();
    const unasked = new Set<string>();
    asking += 1;
    try {
      await inParallel([...due], Math.ceil(atATime / asking), async ([key, each]) => {
        if (performance.now() - begun > withinMs) return unasked.add(key);
        const answer = await askInTime(key, each, numbers);
        if (answer) answers.set(key, answer);
      });
    } finally {
      asking -= 1;
    }
    meter?.added(performance.now() - begun);
    return { answers, unasked };
  }

  return {
    async verify(texts, numbers, lookedUp) {
      const due = lookedUp ? new Map<string, Due>() : await dueIn(texts, numbers, new Date());
      if (due.size === 0) return { numbers, waiting: new Set() };
      const { answers, unasked } = await askAll(due, numbers, inAdmissionMs);
      const records = [...answers].map(([key, answer]) => [key, keepSoon(key, answer, numbers.get(key))] as const);
      return {
        numbers: new Map([...numbers, ...records]),
        waiting: new Set(texts.filter(({ toKey }) => unasked.has(toKey)).map(({ _id }) => _id)),
      };
    },

    async verifyMany(texts, numbers) {
      const due = await dueIn(texts, numbers, new Date());
      if (due.size === 0) return;
      const { answers, unasked } = await askAll(due, numbers, inBulkMs);
      for (let index = 0; index < unasked.size; index++) meter?.lookUp('not-tried', 0);
      await keepAnswers(store, answers, numbers);
    },

    knowledge(text, numbers, now) {
      const record = numbers.get(text.toKey);
      const check = askable || record?.own ? recipientCheck(record, questionOf(text, now)) : 'not-asked';
      const { lookUp } = record ?? {};
      const movedAt = portedAt(record);
      return {
        check,
        ...(lookUp && { recordAt: lookUp.at, ported: lookUp.ported }),
        ...(lookUp?.spid !== undefined && { spid: lookUp.spid }),
        ...(movedAt && { portedAt: movedAt }),
        ...(movedLately(movedAt, now) && { movedLately: true as const }),
      };
    },

    count(texts) {
      if (!meter) return;
      const counts = new Map<RecipientCheck, number>();
      for (const { recipient } of texts) {
        if (recipient) counts.set(recipient.check, (counts.get(recipient.check) ?? 0) + 1);
      }
      for (const [check, count] of counts) meter.texts(check, count);
    },
  };
}

/** What was admitted before keeps what was known then. */
function isToBeDecided({ status, retryAt }: TextToVerify, now: Date): boolean {
  return status === 'accepted' || (status === 'retrying' && (retryAt === undefined || retryAt <= now));
}

function questionOf(text: TextToVerify, now: Date): RecipientQuestion {
  return {
    kind: text.kind,
    policy: policyOf(text),
    acceptedAt: text.acceptedAt,
    ...(text.lookUpFirst && text.failure && { failedAt: text.failure.at }),
    now,
  };
}

/** A caller that says nothing has its texts sent. */
export function policyOf({ recentPortPolicy }: Pick<MessageDocument, 'recentPortPolicy'>): RecentPortPolicy {
  return recentPortPolicy ?? 'send';
}
