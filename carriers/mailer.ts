import { createTransport } from 'nodemailer';

/** A mail to a carrier's support. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Unique for ever, without angle brackets; the same mail sent again has the same, by which its receiver knows it. */
  readonly messageId: string;
  /** What joins the mails about one port, likewise. */
  readonly thread: string;
}

/** A mail was not taken. `code` says why; it holds no address. */
export class MailNotSent extends Error {
  override readonly name = 'MailNotSent';
  readonly code: string;
  /** The server said no for good (RFC 5321 §4.2.1: 5yz). */
  readonly permanent: boolean;
  constructor(code: string, permanent: boolean) {
    super(
      `The mail server did not take the mail (${code}); ${permanent ? 'correct the address' : 'it is tried again'}.`,
    );
    this.code = code;
    this.permanent = permanent;
  }
}

export interface Mailer {
  /** Resolves when the server has taken it. @throws MailNotSent */
  send(mail: Mail): Promise<void>;
}

const timeoutMs = 20_000;

/**
 * Sends by SMTP.
 * @param smtp.url `smtp://` or `smtps://`, with user and password when the server wants them
 * @param smtp.from the sender's address; answers go there
 */
export function createMailer(smtp: { readonly url: string; readonly from: string }): Mailer {
  const timeouts = { connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs };
  const transport = createTransport({ url: smtp.url, ...timeouts }, { from: smtp.from });
  const domain = smtp.from.split('@').at(-1) ?? 'localhost';
  const asId = (id: string) => `<${id}@${domain}>`;
  return {
    async send({ to, subject, text, messageId, thread }) {
      try {
        await transport.sendMail({
          to,
          subject,
          text,
          messageId: asId(messageId),
          references: asId(thread),
          disableFileAccess: true,
          disableUrlAccess: true,
        });
      } catch (error) {
        const { responseCode, code } = error as { responseCode?: unknown; code?: unknown };
        const reply = typeof responseCode === 'number' ? responseCode : undefined;
        throw new MailNotSent(reply ? `smtp-${reply}` : String(code ?? 'unknown'), reply !== undefined && reply >= 500);
      }
    },
  };
}
