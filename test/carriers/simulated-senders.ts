/** A number of ours at each carrier of the simulator. */
export const senders = {
  alpha: '+12025550110',
  beta: '+447700900110',
  gamma: '+33612340110',
  telnyx: '+12025550120',
} as const;
export type CarrierId = keyof typeof senders;
export const ids = Object.keys(senders) as CarrierId[];
