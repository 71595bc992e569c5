/** Requests to stop: Ctrl-C, a signal, or the end of the npm that started us. */
export interface StopRequests {
  /** Resolves with the first. */
  readonly first: Promise<'stop'>;
  /** Called on a second one: the person doesn't want to wait. */
  onSecond(now: () => void): void;
  /** Leaves the signals to themselves again. */
  end(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes on to us the Ctrl-C that the terminal has sent us already: within this time it is the same one. */
const SAME_MS = 1_000;

/** Listens for requests to stop from now on. */
export function stopRequests(): StopRequests {
  let firstAt: number | undefined;
  let stop: (value: 'stop') => void = () => undefined;
  let second: () => void = () => undefined;
  const first = new Promise<'stop'>((resolve) => {
    stop = resolve;
  });
  const request = () => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      stop('stop');
    } else if (Date.now() - firstAt > SAME_MS) second();
  };
  for (const signal of SIGNALS) process.on(signal, request);
  // Killed outright, npm can pass nothing on: then we are somebody else's child all at once. Who started npm may end as he likes.
  const npm = process.ppid;
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event !== undefined && process.ppid !== npm && firstAt === undefined) request();
  }, 500);
  watch.unref();
  return {
    first,
    onSecond: (now) => {
      second = now;
    },
    end: () => {
      clearInterval(watch);
      for (const signal of SIGNALS) process.off(signal, request);
    },
  };
}
