import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerBit, answerPdu, answerWith, commands, idOctets, readSubmission, receiptPdu, statuses } from './pdus.ts';
import { Session } from './session.ts';

/** What a message centre has taken. */
export interface Tally {
  /** Different texts, by sender, recipient and content. */
  readonly texts: number;
  /** Submissions of a text that it had taken before. */
  readonly again: number;
  /** Receipts that were acknowledged. */
  readonly receipts: number;
}

/** A receipt that was refused goes out again after so long. */
const redeliverMs = 500;
/** Ids count from here, so that all of them have the same length. */
const firstId = 36 ** (idOctets - 1);
const systemId = 'smsc';
const deliverSmResp = answerBit + commands.deliverSm;

/**
 * A short message centre (SMPP 3.4) that takes every text and reports at once that it has arrived.
 *
 * It shares the machine with what is measured, so it must cost next to nothing: a few microseconds per text, where a library that makes
 * an object of each PDU takes a hundred. Hence it is written by hand: it reads the few fields that it needs where they lie, and
 * sends in one call of the system what belongs together.
 */
export class Smsc {
  readonly #server: Server;
  readonly #sessions = new Set<Session>();
  readonly #texts = new Set<string>();
  /** Receipts for which nobody is bound. */
  #waiting: Buffer[] = [];
  #nextId = firstId;
  #turn = 0;
  #again = 0;
  #receipts = 0;

  constructor() {
    this.#server = createServer((socket) => {
      const session = new Session(socket, {
        received: (octets, start, end) => this.#received(session, octets, start, end),
        ended: () => {
          this.#sessions.delete(session);
          this.#unbound(session);
        },
      });
      this.#sessions.add(session);
    });
  }

  get tally(): Tally {
    return { texts: this.#texts.size, again: this.#again, receipts: this.#receipts };
  }

  /** Listens on this machine only. @returns the port */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const session of this.#sessions) session.destroy();
    await closed;
  }

  #received(session: Session, octets: Buffer, start: number, end: number): void {
    const command = octets.readUInt32BE(start + 4);
    const sequence = octets.readUInt32BE(start + 12);
    switch (command) {
      case commands.submitSm:
        this.#submitted(session, sequence, octets, start, end);
        break;
      case deliverSmResp:
      case commands.genericNack:
        this.#acknowledged(session, sequence, octets.readUInt32BE(start + 8) === statuses.ok);
        break;
      case commands.bindTransceiver:
      case commands.bindTransmitter:
      case commands.bindReceiver:
        this.#bound(session, command, sequence);
        break;
      case commands.enquireLink:
        session.send(answerPdu(command, sequence));
        break;
      case commands.unbind:
        session.send(answerPdu(command, sequence));
        this.#unbound(session);
        session.end();
        break;
      default:
        if (command < answerBit) session.send(answerPdu(commands.genericNack, sequence, statuses.invalidCommandId));
    }
  }

  #submitted(session: Session, sequence: number, octets: Buffer, start: number, end: number): void {
    if (!session.submits) {
      session.send(answerPdu(commands.submitSm, sequence, statuses.wrongBindState));
      return;
    }
    const submission = readSubmission(octets, start, end);
    if (!submission) {
      session.send(answerPdu(commands.submitSm, sequence, statuses.invalidCommandLength));
      return;
    }
    const { source, addressesEnd, text, textEnd, wantsReceipt } = submission;
    const known = this.#texts.size;
    this.#texts.add(octets.toString('latin1', source, addressesEnd) + octets.toString('latin1', text, textEnd));
    if (this.#texts.size === known) this.#again++;
    const id = (this.#nextId++).toString(36);
    session.send(answerWith(id, commands.submitSm, sequence));
    if (wantsReceipt) this.#deliver(receiptPdu(octets, submission, id), session);
  }

  /** @param preferred goes with the answer in one call of the system */
  #deliver(receipt: Buffer, preferred?: Session): void {
    const receiver = preferred?.receives ? preferred : this.#nextReceiver();
    if (receiver) receiver.deliver(receipt);
    else this.#waiting.push(receipt);
  }

  /** In turn. */
  #nextReceiver(): Session | undefined {
    const receivers = [...this.#sessions].filter(({ receives }) => receives);
    return receivers[this.#turn++ % receivers.length];
  }

  #acknowledged(session: Session, sequence: number, accepted: boolean): void {
    const receipt = session.acknowledged(sequence);
    if (!receipt) return;
    if (accepted) this.#receipts++;
    else void sleep(redeliverMs, undefined, { ref: false }).then(() => this.#deliver(receipt));
  }

  /** Whoever has the address may come in: it is only known on this machine, and for minutes. */
  #bound(session: Session, command: number, sequence: number): void {
    session.submits = command !== commands.bindReceiver;
    session.receives = command !== commands.bindTransmitter;
    session.send(answerWith(systemId, command, sequence));
    if (!session.receives) return;
    for (const receipt of this.#waiting.splice(0)) session.deliver(receipt);
  }

  /** What it had not acknowledged goes to another session, or waits for one. */
  #unbound(session: Session): void {
    session.submits = false;
    session.receives = false;
    for (const receipt of session.takeOpen()) this.#deliver(receipt);
  }
}
