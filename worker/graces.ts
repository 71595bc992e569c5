/** How long a worker waits at its end, in milliseconds. */
export const graces = {
  /** A submission waits for its carrier's answers and writes them down. */
  activities: 15_000,
  /** What has not ended by then is given up. */
  abandoned: 20_000,
  /** Then for answers that carriers still owe. */
  carriers: 8_000,
  /** Then for slots of carriers to be given back. */
  slots: 3_000,
} as const;

/** What kills a worker sooner after SIGTERM leaves texts in doubt. */
export const longestStopMs = graces.abandoned + graces.carriers + graces.slots;
