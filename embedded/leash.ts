import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { projectFile } from './project-file.ts';

/** What to run on a leash. */
export interface LeashedProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Takes what the program prints; appended to. */
  readonly logFile: string;
  /** How long the program may take to end by itself before it is killed. */
  readonly graceSeconds: number;
  /** How much others come before it where processors are scarce, as nice(1) counts; 0 if not given. */
  readonly niceness?: number;
  /** Called with what a Node program sends by `process.send`. */
  readonly onMessage?: (message: unknown) => void;
}

/** A program that ends when this process ends, also by SIGKILL: `leash.sh` holds the other end of a socket that only this process has. */
export interface Leashed {
  /** The process group of the leash and the program, alone in a session of its own: a Ctrl-C at the terminal doesn't reach it. */
  readonly group: number;
  /** The program's own process id; resolves to undefined when it never started. */
  readonly pid: Promise<number | undefined>;
  /** Resolves with the exit code (128 + n after signal n) once nothing of it is left. */
  readonly exited: Promise<number>;
  /** Asks the program to end, kills it when its grace is over, resolves when it is gone. */
  stop(): Promise<void>;
  /** Kills it and its leash at once. */
  kill(): void;
}

/** Starts a program on a leash. A program that can't be run ends at once with exit code 126 or 127, its reason in the log. */
export function startLeashed(program: LeashedProgram): Leashed {
  const log = openSync(program.logFile, 'a', 0o600);
  const child = spawn(
    'sh',
    [
      projectFile('embedded/leash.sh'),
      String(Math.round(program.graceSeconds * 10)),
      String(program.niceness ?? 0),
      program.command,
      ...program.args,
    ],
    {
      cwd: program.cwd,
      env: program.env ?? process.env,
      detached: true,
      stdio: ['ignore', log, log, 'pipe', ...(program.onMessage ? (['ipc'] as const) : [])],
    },
  );
  closeSync(log);
  if (program.onMessage) child.on('message', program.onMessage);
  // Without this an error here would end the whole process; that there is no group tells the same.
  child.on('error', () => undefined);
  const group = child.pid;
  if (group === undefined)
    throw new Error(`sh could not be started, so ${program.command} was not either: is sh on PATH?`);
  const socket = child.stdio[3] as Socket;
  // The other end may vanish while we write or close: its exit tells all there is to tell.
  socket.on('error', () => undefined);
  const exited = exitOf(child, group);
  return {
    group,
    pid: firstLineOf(socket).then((line) => (line ? Number(line) : undefined)),
    exited,
    stop: async () => {
      socket.end();
      // An open channel keeps a Node program from ending by itself.
      if (child.connected) child.disconnect();
      await exited;
    },
    kill: () => killGroup(group),
  };
}

/** Kills a whole process group; nothing happens when it is gone already. */
export function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function exitOf(child: ChildProcess, group: number): Promise<number> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      // Whoever kills the leash alone leaves the program without one.
      killGroup(group);
      resolve(code ?? (signal ? 137 : 1));
    });
  });
}

function firstLineOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => {
      text += part;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    socket.on('close', () => resolve(text.trim()));
  });
}
