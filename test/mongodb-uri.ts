import { inject } from 'vitest';

/** The replica set of this process's tests; take a database of your own in it. */
export function mongodbUri(): string {
  const uris = inject('mongodbUris');
  return uris[Number(process.env.VITEST_POOL_ID ?? 0) % uris.length] ?? '';
}
