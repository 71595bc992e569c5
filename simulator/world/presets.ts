import type { CarrierBehaviour, Scenario } from './scenario.ts';
import { changedScenario } from './scenario.ts';

const CALM: CarrierBehaviour = {
  answerMs: [0, 0],
  slowRate: 0,
  slowMs: [0, 0],
  deliveryMs: [5, 20],
  receiptMs: [0, 10],
  throttleAbove: null,
  throttleRate: 0,
  queueFullRate: 0,
  systemErrorRate: 0,
  retryAfterMs: 1000,
  cutUntakenRate: 0,
  cutBeforeAnswerRate: 0,
  cutAfterAnswerRate: 0,
  noAnswerRate: 0,
  failRate: 0,
  failCodes: [],
  receipts: { neverRate: 0, doubleRate: 0, lateRate: 0, lateMs: [2000, 5000], beforeAnswerRate: 0 },
  inboundMs: [0, 20],
  redeliverMs: 2000,
  acknowledgeTimeoutMs: 5000,
  outages: null,
  maxSessions: 32,
  senders: 'provisioned',
};

/** Nothing goes wrong; ports take seconds. For tests that set their own faults, and for benchmarks. */
export function quiet(seed: number): Scenario {
  return {
    seed,
    carriers: { alpha: CALM, beta: CALM, gamma: CALM, telnyx: CALM },
    recipients: [],
    ports: {
      reviewMs: 1000,
      losingReviewMs: 2000,
      focLeadMs: 20_000,
      activationMs: 500,
      activationWindowMs: 30_000,
      smsLagMs: [3000, 8000],
      overlapMs: 8000,
      bothRate: 0.4,
      splitRate: 0.3,
      falseReceiptsFrom: 'foc',
      documentReviewMs: 2000,
      cancelMs: 1000,
      cancelCutOffMs: 2000,
      databaseLagMs: 0,
      lookupLagMs: 0,
    },
    hosting: { reviewMs: 2000, provisioningMs: 1000, codes: false, removalMs: 500 },
    tollFree: { respOrgMs: 4000, tssMs: 200, verificationMs: 5000 },
    webhooks: {
      url: null,
      delayMs: [0, 20],
      dropRate: 0,
      doubleRate: 0,
      lateRate: 0,
      lateMs: [1000, 3000],
      retryMs: [500, 10_000],
      attempts: 60,
      timeoutMs: 10_000,
    },
    portability: { delayMs: [0, 0], dropRate: 0, failRate: 0 },
  };
}

/** The trade on an ordinary day: a little of every fault, of a kind that correct software loses nothing by. */
export function weather(seed: number): Scenario {
  return changedScenario(quiet(seed), {
    carriers: {
      all: {
        answerMs: [2, 30],
        slowRate: 0.01,
        slowMs: [500, 1500],
        deliveryMs: [50, 800],
        receiptMs: [20, 600],
        throttleAbove: 150,
        throttleRate: 0.02,
        queueFullRate: 0.005,
        systemErrorRate: 0.005,
        cutUntakenRate: 0.002,
        cutBeforeAnswerRate: 0.004,
        cutAfterAnswerRate: 0.003,
        noAnswerRate: 0.002,
        failRate: 0.015,
        receipts: { neverRate: 0.01, doubleRate: 0.04, lateRate: 0.03, lateMs: [2000, 6000], beforeAnswerRate: 0.03 },
        inboundMs: [20, 300],
        outages: { everyMs: 45_000, forMs: 2000 },
      },
      alpha: { failCodes: ['001', '006', '027', '032'] },
      beta: { failCodes: ['001', '006', '034'] },
      gamma: { failCodes: ['001', '027', '031'] },
      telnyx: { failCodes: ['40001', '40006', '40008'], outages: null },
    },
    webhooks: { delayMs: [5, 150], dropRate: 0.01, doubleRate: 0.05, lateRate: 0.05 },
    portability: { delayMs: [1, 40], dropRate: 0.02, failRate: 0.01 },
  });
}
