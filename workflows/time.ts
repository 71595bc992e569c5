const maximumMs = 365 * 24 * 3600_000;

/** Milliseconds from now (workflow time) until a moment, RFC 3339; at least 1, at most a year; a year when there is none. */
export function msUntil(at: string | undefined): number {
  if (at === undefined) return maximumMs;
  return Math.min(maximumMs, Math.max(1, Date.parse(at) - Date.now()));
}

/** Workflow time as RFC 3339 UTC. */
export function nowIso(): string {
  return new Date().toISOString();
}
