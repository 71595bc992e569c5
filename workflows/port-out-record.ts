import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { proxyLocalActivities, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { PortOutActivities, PortOutReading, Step } from '../activities/interfaces.ts';
import {
  newPortOut,
  nextPortOut,
  type PortOutEvent,
  type PortOutProblem,
  type PortOutState,
  portOutWaiting,
} from '../domain/lifecycle/port-out.ts';
import { callerOfUpdate } from './caller.ts';
import { type PortOutInput, searchAttributeNames } from './contract.ts';
import { nowIso } from './time.ts';

const { projectPortOut } = proxyLocalActivities<PortOutActivities>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

const statusAttribute = defineSearchAttributeKey(searchAttributeNames.status, SearchAttributeType.KEYWORD);

/** Where a port-out stands: its state, its steps for the timeline, and how both reach the store and the Web UI. */
export class PortOutRecord {
  private readonly portOutId: string;
  private current: PortOutState | undefined;
  private counter: number;
  private written: number;
  private steps: Step[] = [];
  private changed = true;

  constructor({ portOutId, state, record }: PortOutInput) {
    this.portOutId = portOutId;
    this.current = state;
    this.counter = record?.counter ?? 0;
    this.written = record?.written ?? 0;
  }

  /** Undefined until it was read for the first time. */
  get seen(): PortOutState | undefined {
    return this.current;
  }

  get state(): PortOutState {
    if (!this.current) throw new Error('The port-out has not been read yet.');
    return this.current;
  }

  /** What the next run of the workflow goes on with. */
  get carried(): Pick<PortOutInput, 'state' | 'record'> {
    return { state: this.state, record: { counter: this.counter, written: this.written } };
  }

  /** Takes over what the carrier says. */
  read(reading: PortOutReading): void {
    const { clocks, numbers, ...view } = reading;
    if (this.current) {
      this.apply({ type: 'carrier', view });
      return;
    }
    this.become(newPortOut(view, clocks, nowIso()));
    this.step(
      'carrier',
      'port-out.received',
      `Another carrier asks for numbers of yours (${numbers}); silence counts as approval at ${clocks.answerDueAt}.`,
    );
    if (this.state.status !== 'checking') this.noteStatus('carrier');
  }

  /** Feeds an event to the life cycle; a change of status, and a new problem, are steps. */
  apply(event: PortOutEvent): PortOutState {
    const before = this.state;
    const after = nextPortOut(before, event, nowIso());
    this.become(after);
    for (const problem of after.problems) {
      if (before.problems.some(({ code }) => code === problem.code)) continue;
      this.noteProblem(event, problem);
    }
    if (event.type === 'checked') {
      this.step('portsms', 'port-out.checked', `Found: ${event.findings.join(', ') || 'nothing against it'}.`);
    }
    if (after.status !== before.status) {
      this.noteStatus(event.type === 'carrier' ? 'carrier' : event.type === 'decided' ? 'caller' : 'portsms');
    } else if (after.focAt !== before.focAt) {
      this.step('carrier', 'port-out.dated', `The numbers leave at ${after.focAt}.`);
    }
    return after;
  }

  step(actor: Step['actor'], type: string, detail: string, carrierEventId?: string): void {
    const by = actor === 'caller' ? callerOfUpdate() : {};
    this.steps.push({ at: nowIso(), actor, ...by, type, detail, ...(carrierEventId && { carrierEventId }) });
    this.changed = true;
  }

  /** Writes state and steps to the store, in one local activity, and the state to the Web UI; nothing when nothing changed. */
  async project(): Promise<void> {
    if (!this.changed) return;
    this.changed = false;
    const steps = this.steps;
    this.steps = [];
    const waiting = portOutWaiting(this.state);
    setCurrentDetails(describe(this.state));
    await projectPortOut({
      portOutId: this.portOutId,
      counter: ++this.counter,
      state: this.state,
      firstStep: this.written,
      steps,
      ...(waiting && { waiting }),
    });
    this.written += steps.length;
  }

  private become(state: PortOutState): void {
    if (state !== this.current) this.changed = true;
    if (state.status !== (this.current?.status ?? 'checking')) {
      upsertSearchAttributes([{ key: statusAttribute, value: state.status }]);
    }
    this.current = state;
  }

  /** Our own codes are types of events; of a carrier's there is no end. */
  private noteProblem(event: PortOutEvent, { code, message }: PortOutProblem): void {
    if (event.type === 'answer-refused') {
      this.step('carrier', 'port-out.answer-refused', `The carrier refuses the answer (${code}): ${message}`);
    } else this.step('portsms', `port-out.${code}`, message);
  }

  private noteStatus(actor: Step['actor']): void {
    const { status, answer, approvedWithoutUs, focAt } = this.state;
    this.step(
      actor,
      status === 'answering' ? `port-out.decided-${answer?.decision}` : `port-out.${status}`,
      [
        `The port-out is ${status}`,
        status === 'answering' && answer && `: ${inWords(answer)}`,
        status === 'authorized' && approvedWithoutUs && ' without an answer of ours',
        focAt && `, date ${focAt}`,
        '.',
      ]
        .filter(Boolean)
        .join(''),
    );
  }
}

function inWords(answer: NonNullable<PortOutState['answer']>): string {
  const by = { rules: 'by the rules', caller: 'by a person', deadline: 'because nobody decided in time' }[answer.by];
  return answer.decision === 'reject' ? `reject with code ${answer.code}, ${by}` : `authorize, ${by}`;
}

function describe(state: PortOutState): string {
  const waiting = portOutWaiting(state);
  return [
    `Port-out: **${state.status}** (carrier: ${state.carrierState}) since ${state.since}.`,
    waiting && `Waits for ${waiting.what} until ${waiting.until}; then ${waiting.next}.`,
    state.findings.length > 0 && `Found: ${state.findings.join(', ')}.`,
    state.focAt && `Date: ${state.focAt}.`,
    ...state.problems.map((problem) => `- ${problem.code}: ${problem.message}`),
  ]
    .filter(Boolean)
    .join('\n\n');
}
