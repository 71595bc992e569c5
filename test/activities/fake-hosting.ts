import type { OrderSnapshot } from '../../carriers/carrier.ts';
import type { OrderPapers } from '../../carriers/order-papers.ts';
import type { CodeChecked, CodeSent, TextHostingClient } from '../../carriers/text-hosting.ts';
import { FakePorting } from './fake-porting.ts';

/** A carrier that hosts texts, in memory: its orders are those of `FakePorting`. */
export class FakeHosting extends FakePorting implements TextHostingClient {
  /** Numbers whose texts it hosts. */
  readonly hosted = new Set<string>();
  /** Thrown when it is asked to stop hosting, after the first number. */
  removalFailure: Error | undefined;
  /** So many numbers it lets go each time that it is asked. */
  letsGo = Number.POSITIVE_INFINITY;

  /** What was handed in, in order. */
  readonly handedIn: OrderPapers[] = [];

  async handIn(carrierOrderId: string, papers: OrderPapers): Promise<OrderSnapshot> {
    this.handedIn.push(papers);
    const complete = papers.loa !== undefined && papers.bill !== undefined;
    return { ...(await this.readOrder(carrierOrderId)), ...(!complete && { state: 'draft' as const }) };
  }

  async sendCodes(_orderId: string, phoneNumbers: readonly string[]): Promise<CodeSent[]> {
    return phoneNumbers.map((phoneNumber) => ({ phoneNumber, sent: true }));
  }

  async checkCodes(
    _orderId: string,
    codes: readonly { readonly phoneNumber: string; readonly code: string }[],
  ): Promise<CodeChecked[]> {
    return codes.map(({ phoneNumber }) => ({ phoneNumber, verified: true }));
  }

  async listHosted(phoneNumbers: readonly string[]): Promise<string[]> {
    if (this.failure) throw this.failure;
    return phoneNumbers.filter((phoneNumber) => this.hosted.has(phoneNumber));
  }

  async removeTexts(phoneNumbers: readonly string[]): Promise<string[]> {
    const asked = await this.listHosted(phoneNumbers);
    const limit = this.removalFailure ? 1 : this.letsGo;
    for (const phoneNumber of asked.slice(0, limit)) this.hosted.delete(phoneNumber);
    if (this.removalFailure) throw this.removalFailure;
    return this.listHosted(phoneNumbers);
  }
}
