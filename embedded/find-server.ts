/** One way to come by a server's program. */
export interface Way<T> {
  /** In the words of the message that tells that no way worked. */
  readonly name: string;
  /** The program if it is on this machine already. */
  have(): Promise<T | undefined>;
  /**
   * Fetches and installs it; a way without this has only what is there.
   * @throws Error with one line that says why it can't be had this way.
   */
  readonly obtain?: () => Promise<T>;
}

/** No way to come by a server worked; the message names them all, with the reasons. */
export class ServerNotFoundError extends Error {
  override readonly name = 'ServerNotFoundError';
}

/**
 * The first that is on this machine already, else the first that can be fetched.
 * @param server as the message calls it.
 * @param otherwise what a person can do instead, named first in the message.
 * @throws ServerNotFoundError
 */
export async function findServer<T extends object>(
  server: string,
  otherwise: string,
  ways: readonly Way<T>[],
): Promise<T> {
  for (const way of ways) {
    const found = await way.have();
    if (found !== undefined) return found;
  }
  const reasons: string[] = [];
  for (const way of ways) {
    if (way.obtain === undefined) {
      reasons.push(`${way.name} (there is none that runs)`);
      continue;
    }
    try {
      return await way.obtain();
    } catch (error) {
      reasons.push(`${way.name} (${(error as Error).message})`);
    }
  }
  throw new ServerNotFoundError(`No ${server}. Any one of these would do: ${[otherwise, ...reasons].join('; ')}.`);
}
