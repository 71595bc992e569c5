import type { Confidence } from './delivery-codes.ts';
import facts from './facts/portability-reasons.json' with { type: 'json' };

/** Why a carrier says before any order that it can't port a number. */
export interface PortabilityReason {
  /** Ours, stable. */
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  readonly source: string;
  readonly confidence: Confidence;
}

interface ReasonRow extends PortabilityReason {
  readonly adapter?: string;
  readonly codes?: readonly string[];
  readonly words?: readonly string[];
}

// That the rows have this form is proven by test/domain/portability-reasons.test.ts.
const rows = facts.rows as readonly ReasonRow[];

/**
 * Reads the reason of a carrier's portability check: by its code, where the carrier has published some, else by its words.
 * @param reason the carrier's own, raw
 * @returns undefined for a reason that no row has; the raw one is to be shown then
 */
export function explainReason(adapter: string | undefined, reason: string | undefined): PortabilityReason | undefined {
  if (!reason) return undefined;
  const words = reason
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
  const code = words.toUpperCase().replaceAll(' ', '_');
  return (
    rows.find((row) => row.adapter === adapter && row.codes?.includes(code)) ??
    rows.find((row) => row.words?.some((each) => ` ${words} `.includes(` ${each} `)))
  );
}
