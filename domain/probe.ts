/**
 * A probe is a text of ours between two numbers of ours, sent to see which way it goes: it never reaches a person. Few are sent, each
 * pause longer than the one before; most networks follow within minutes of a move, some take two days (reference: porting, timers).
 */

const firstPauseMs = 3000;
const growth = 1.7;
const longestPauseMs = 4 * 3600_000;

/** A probe that has not arrived after this time says nothing any more; milliseconds. */
export const probeValidityMs = 120_000;
/** After so many probes in vain a held text is tried as well: the reason may be the probe's own number. */
export const probesBeforeCanary = 3;

/** How long to wait after so many probes before the next one; milliseconds. About 33 probes in three days. */
export function probePauseMs(sent: number): number {
  return Math.min(longestPauseMs, Math.round(firstPauseMs * growth ** Math.max(0, sent - 1)));
}

const words = 'Port SMS probe';
const probe = new RegExp(`^${words} (msg_[A-Za-z0-9_-]+)$`);

/** What a probe says: its own id, so that no two are equal and each is recognised where it arrives. GSM-7, one segment. */
export function probeText(messageId: string): string {
  return `${words} ${messageId}`;
}

/** The id of the text that these words say they are; anybody can write them, so the text of that id has to be looked at. */
export function readProbe(text: string): string | undefined {
  return probe.exec(text)?.[1];
}
