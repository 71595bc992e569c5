import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

export interface SunkMail {
  readonly from: string;
  readonly to: string;
  /** Headers and body as they came. */
  readonly data: string;
}

/** A mail server that takes everything (RFC 5321, as far as a client needs it), or answers as it is told. */
export async function startSmtpSink() {
  const mails: SunkMail[] = [];
  const sockets = new Set<Socket>();
  /** What a command is answered with instead, by its first word; `cut` ends the connection. */
  const answers = new Map<string, string>();

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    let from = '';
    let to = '';
    let data: string | undefined;
    let buffer = '';
    const say = (line: string) => socket.write(`${line}\r\n`);
    say('220 sink ESMTP');
    socket.on('data', (chunk) => {
      buffer += chunk.toString('utf8');
      for (;;) {
        if (data !== undefined) {
          const end = buffer.indexOf('\r\n.\r\n');
          if (end < 0) return;
          mails.push({ from, to, data: buffer.slice(0, end) });
          buffer = buffer.slice(end + 5);
          data = undefined;
          if (answers.get('.') === 'cut') socket.destroy();
          else say(answers.get('.') ?? '250 taken');
          continue;
        }
        const end = buffer.indexOf('\r\n');
        if (end < 0) return;
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        const word = line.split(/[ :]/)[0]?.toUpperCase() ?? '';
        const told = answers.get(word);
        if (told) {
          say(told);
          continue;
        }
        if (word === 'MAIL') from = line.match(/<(.*?)>/)?.[1] ?? '';
        if (word === 'RCPT') to = line.match(/<(.*?)>/)?.[1] ?? '';
        if (word === 'DATA') data = '';
        say(word === 'DATA' ? '354 go on' : word === 'QUIT' ? '221 bye' : word === 'EHLO' ? '250 sink' : '250 ok');
        if (word === 'QUIT') socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    mails,
    answers,
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type SmtpSink = Awaited<ReturnType<typeof startSmtpSink>>;
