import type { PortOutClient, PortOutRejection, PortOutSnapshot } from '../../carriers/carrier.ts';
import { CarrierRefused } from '../../carriers/errors.ts';

/** A carrier's port-outs in memory; each call can be made to fail. */
export class FakePortOuts implements PortOutClient {
  readonly tells = ['accountNumber', 'pin', 'postalCode'] as const;
  readonly answerHours?: number;
  readonly portOuts = new Map<string, PortOutSnapshot>();
  rejections: PortOutRejection[] = [
    { code: '1001', description: 'Other', reasonRequired: true, reason: 'other' },
    { code: '1002', description: 'Invalid PIN', reasonRequired: false, reason: 'pin' },
  ];
  /** What was answered, in order. */
  readonly answers: { readonly id: string; readonly code?: string; readonly reason?: string }[] = [];
  readonly comments: string[] = [];
  /** Thrown by every call while it is set. */
  failure: Error | undefined;
  /** What the last listing asked for. */
  listedSince: string | undefined;

  async *listChangedPortOuts(since: string): AsyncGenerator<PortOutSnapshot> {
    this.listedSince = since;
    if (this.failure) throw this.failure;
    yield* this.portOuts.values();
  }

  async readPortOut(id: string): Promise<PortOutSnapshot> {
    if (this.failure) throw this.failure;
    const found = this.portOuts.get(id);
    if (!found) throw new CarrierRefused('There is no such port-out.', '10005');
    return found;
  }

  async listRejections(): Promise<PortOutRejection[]> {
    if (this.failure) throw this.failure;
    return this.rejections;
  }

  async authorizePortOut(id: string): Promise<PortOutSnapshot> {
    this.answers.push({ id });
    return this.put({ carrierPortOutId: id, state: 'authorized', carrierState: 'authorized' });
  }

  async rejectPortOut(id: string, code: string, reason: string): Promise<PortOutSnapshot> {
    this.answers.push({ id, code, reason });
    return this.put({ carrierPortOutId: id, state: 'rejecting', carrierState: 'rejected-pending' });
  }

  async commentPortOut(_id: string, words: string): Promise<void> {
    this.comments.push(words);
  }

  /** Makes a port-out, or changes one. */
  put(change: Partial<PortOutSnapshot> & { carrierPortOutId: string }): PortOutSnapshot {
    const now = new Date().toISOString();
    const portOut: PortOutSnapshot = {
      carrierState: 'pending',
      state: 'pending',
      phoneNumbers: [],
      given: {},
      gaining: { name: 'Foreign network', spid: '9999' },
      requestedAt: now,
      updatedAt: now,
      textsStay: false,
      ...this.portOuts.get(change.carrierPortOutId),
      ...change,
    };
    this.portOuts.set(portOut.carrierPortOutId, portOut);
    return portOut;
  }
}
