import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { SmtpClient } from "./smtp-client.ts";

/** A message that may be refused. */
export interface Attempt {
  /** Without angle brackets. */
  readonly from: string;
  readonly to: readonly string[];
  /** Ends in CRLF, no final dot; dots at the start of lines are doubled already. */
  readonly content: string;
  readonly helo?: string;
}

/**
 * What it comes to when the scanner is stopped until the server has waited for it a while.
 */
export async function attemptSlowly(
  scanner: { pause(): void; resume(): void },
  send: () => Promise<string>,
): Promise<string> {
  scanner.pause();
  const said = send();
  const first = await Promise.race([said, sleep(WAIT_MS, "waits")]);
  scanner.resume();
  assert.equal(first, "waits");
  return said;
}

const WAIT_MS = 700;

/** Sends one; the first reply that refuses, or the one to the content, as `code text/text`. */
export async function attempt(port: number, message: Attempt): Promise<string> {
  const client = await SmtpClient.open(port);
  try {
    return await attemptOn(client, message);
  } finally {
    client.socket.destroy();
  }
}

/** As `attempt`, in a session that goes on. */
export async function attemptOn(client: SmtpClient, message: Attempt): Promise<string> {
  const say = async (line: string): Promise<{ readonly code: number; readonly text: string }> => {
    client.sendRaw(line);
    const { code, lines } = await client.reply();
    return { code, text: `${code} ${lines.join("/")}` };
  };
  const commands = [
    `EHLO ${message.helo ?? "client.example"}`,
    `MAIL FROM:<${message.from}>`,
    ...message.to.map((recipient) => `RCPT TO:<${recipient}>`),
    "DATA",
  ];
  for (const command of commands) {
    const { code, text } = await say(`${command}\r\n`);
    if (code >= 400) return text;
  }
  const { text } = await say(`${message.content}.\r\n`);
  return text;
}
