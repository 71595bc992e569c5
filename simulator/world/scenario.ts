import { z } from 'zod';

const rate = z.number().min(0).max(1);
const milliseconds = z.number().int().min(0);
const span = z.tuple([milliseconds, milliseconds]);

/** How one carrier behaves. Rates are parts of 1, decided per text; times are milliseconds, spans are `[from, to]`. */
export const carrierBehaviour = z.strictObject({
  /** From the submission to its answer. */
  answerMs: span,
  /** Part of the submissions that are answered after `slowMs` instead. */
  slowRate: rate,
  slowMs: span,
  /** From the acceptance to the handset. */
  deliveryMs: span,
  /** From the end of the delivery to its receipt. */
  receiptMs: span,
  /** Segments per second above which submissions are throttled; null: no limit. */
  throttleAbove: z.number().positive().nullable(),
  /** Submissions refused for now: ESME_RTHROTTLED or 429, ESME_RMSGQFUL, ESME_RSYSERR or 503. The same text goes through later. */
  throttleRate: rate,
  queueFullRate: rate,
  systemErrorRate: rate,
  /** What a throttled REST call is told to wait (Retry-After counts whole seconds). */
  retryAfterMs: milliseconds,
  /** The connection is cut: before the text is taken in, after that but before the answer, after the answer. */
  cutUntakenRate: rate,
  cutBeforeAnswerRate: rate,
  cutAfterAnswerRate: rate,
  /** Taken in, but the answer never comes, on a connection that stays. */
  noAnswerRate: rate,
  /** Texts that are accepted and then given up with one of `failCodes`. */
  failRate: rate,
  failCodes: z.array(z.string()),
  receipts: z.strictObject({
    neverRate: rate,
    doubleRate: rate,
    lateRate: rate,
    lateMs: span,
    /** Receipts that overtake the answer to the submission. */
    beforeAnswerRate: rate,
  }),
  /** From the subscriber's text to its first delivery to us. */
  inboundMs: span,
  /** After a negative or missing acknowledgement an inbound text or a receipt is delivered again. */
  redeliverMs: milliseconds,
  acknowledgeTimeoutMs: milliseconds,
  /** Once in every `everyMs`, at a moment drawn by lot, the carrier is down for `forMs`; null: never. */
  outages: z.strictObject({ everyMs: milliseconds.min(1), forMs: milliseconds }).nullable(),
  /** Binds beyond this many are refused. */
  maxSessions: z.number().int().positive(),
  /** Whether a sender that is no provisioned number is let through. */
  senders: z.enum(['provisioned', 'any']),
});

/** How a subscriber, or everybody whose number starts so, reacts. The longest match counts. */
export const recipientRule = z.strictObject({
  phoneNumber: z.string().optional(),
  prefix: z.string().optional(),
  /** Only texts that come through this carrier. */
  carrier: z.string().optional(),
  /** `refused`: by the carrier, at submission; `failed`: after acceptance; `silent`: accepted, then nothing more is heard. */
  outcome: z.enum(['delivered', 'failed', 'refused', 'silent']),
  /** The carrier's own code: `0x58`, `40300`, or the `err` of a receipt. */
  code: z.string().optional(),
  /** The state in a receipt, for `failed`. */
  state: z.enum(['EXPIRED', 'DELETED', 'UNDELIV', 'REJECTD']).optional(),
  /** Only the first so many submissions of each text; later ones are delivered. */
  times: z.number().int().positive().optional(),
  receipt: z.enum(['normal', 'never', 'double', 'late', 'before-answer']).optional(),
  /** From acceptance to the handset, instead of the carrier's own. */
  deliveryMs: milliseconds.optional(),
  /** What the portability database says of this number, which is on a foreign network. */
  portability: z
    .strictObject({
      ported: z.boolean(),
      spid: z.string(),
      lrn: z.string().optional(),
      carrierName: z.string().optional(),
      /** MCC and MNC of its network, as the REST carrier's number lookup tells them. */
      mccMnc: z
        .string()
        .regex(/^\d{5,6}$/)
        .optional(),
    })
    .optional(),
});

export const portBehaviour = z.strictObject({
  /** in-process → submitted. */
  reviewMs: milliseconds,
  /** submitted → foc-date-confirmed or exception. */
  losingReviewMs: milliseconds,
  /** From the confirmation to the earliest FOC date. */
  focLeadMs: milliseconds,
  /** From the FOC date (or the order to activate) to the voice route. */
  activationMs: milliseconds,
  /** How long an on-demand order waits for its activation before it activates by itself. */
  activationWindowMs: milliseconds,
  /** From voice to texts (NNID), by lot for each number. */
  smsLagMs: span,
  /** From then on, how long inbound texts still come through both carriers. */
  overlapMs: milliseconds,
  /** Inbound texts in the overlap: delivered by both; their segments divided between both (carriers that deliver segments); else by either. */
  bothRate: rate,
  splitRate: rate,
  /** From when on a losing carrier that keeps accepting sends receipts for texts that never arrive. */
  falseReceiptsFrom: z.enum(['foc', 'messaging-moved']),
  /** From a document's link to an order to its review. */
  documentReviewMs: milliseconds,
  /** cancel-pending → cancelled, and how shortly before the FOC a cancellation is still possible. */
  cancelMs: milliseconds,
  cancelCutOffMs: milliseconds,
  /** How far the portability database, and the REST look-up, are behind. */
  databaseLagMs: milliseconds,
  lookupLagMs: milliseconds,
});

/** Orders for texts alone: the number stays with its voice carrier. */
export const hostingBehaviour = z.strictObject({
  /** From the papers, and the codes where they are wanted, to the carrier's answer. */
  reviewMs: milliseconds,
  /** From that to the beginning of `provisioning`; each number's texts then come after `ports.smsLagMs`. */
  provisioningMs: milliseconds,
  /** Whether the owner of each number has to give back a code first. */
  codes: z.boolean(),
  /** From the removal of a hosted number until its texts are back with its voice carrier. */
  removalMs: milliseconds,
});

/** Toll-free numbers: calls by a change of the RespOrg, texts by the TSS registry; no portability database knows them. */
export const tollFreeBehaviour = z.strictObject({
  /** How long the losing RespOrg takes to release a number, instead of `ports.losingReviewMs`. */
  respOrgMs: milliseconds,
  /** From the change to the texts, instead of `ports.smsLagMs`. */
  tssMs: milliseconds,
  /** From a verification request to its answer. */
  verificationMs: milliseconds,
});

export const webhookBehaviour = z.strictObject({
  /** Where they go; null keeps them waiting. */
  url: z.url().nullable(),
  delayMs: span,
  /** Notices of a porting order, and of a text's fate, that are never sent. Inbound texts are never dropped. */
  dropRate: rate,
  doubleRate: rate,
  /** Sent after `lateMs` instead, so that later ones overtake them. */
  lateRate: rate,
  lateMs: span,
  /** After an answer other than 2xx: the first pause, doubled each time up to the last. */
  retryMs: span,
  attempts: z.number().int().positive(),
  timeoutMs: milliseconds,
});

export const databaseBehaviour = z.strictObject({
  delayMs: span,
  dropRate: rate,
  failRate: rate,
});

export const scenario = z.strictObject({
  seed: z.number().int(),
  carriers: z.strictObject({
    alpha: carrierBehaviour,
    beta: carrierBehaviour,
    gamma: carrierBehaviour,
    telnyx: carrierBehaviour,
  }),
  recipients: z.array(recipientRule),
  ports: portBehaviour,
  hosting: hostingBehaviour,
  tollFree: tollFreeBehaviour,
  webhooks: webhookBehaviour,
  portability: databaseBehaviour,
});

export type CarrierBehaviour = z.infer<typeof carrierBehaviour>;
export type RecipientRule = z.infer<typeof recipientRule>;
export type PortBehaviour = z.infer<typeof portBehaviour>;
export type Scenario = z.infer<typeof scenario>;

type Deep<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: Deep<T[K]> } : T;
/** A change to a scenario: what is left out stays; lists are replaced whole; `carriers.all` goes for every carrier. */
export type ScenarioPatch = Omit<Deep<Scenario>, 'carriers'> & {
  carriers?: { [K in keyof Scenario['carriers'] | 'all']?: Deep<CarrierBehaviour> };
};

/**
 * Lays a change over a scenario.
 * @throws z.ZodError that names what is wrong or unknown
 */
export function changedScenario(current: Scenario, patch: ScenarioPatch): Scenario {
  const { carriers, ...rest } = patch;
  const changed = overlay(current, rest) as Scenario;
  const { all, ...each } = carriers ?? {};
  const behaviours: Record<string, unknown> = { ...changed.carriers };
  for (const name of Object.keys(behaviours)) behaviours[name] = overlay(behaviours[name], all ?? {});
  for (const [name, change] of Object.entries(each)) behaviours[name] = overlay(behaviours[name] ?? {}, change);
  return scenario.parse({ ...changed, carriers: behaviours });
}

function overlay(base: unknown, change: unknown): unknown {
  if (!isRecord(base) || !isRecord(change)) return change;
  const result: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(change)) {
    result[name] = value === undefined ? base[name] : overlay(base[name], value);
  }
  return result;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
