import { createHash } from "node:crypto";
import { once } from "node:events";
import { SmtpClient } from "./smtp-client.ts";

const LINE = `${"0123456789abcdef".repeat(4)}\r\n`;
const BLOCK = Buffer.from(LINE.repeat(1_000));

/** What was sent: size and SHA-256 (hex) of the body, that is of what follows the header. */
export interface LargeMessage {
  readonly bodyBytes: number;
  readonly bodyDigest: string;
}

/** Sends one message of about `bytes`, piece by piece as the server takes it. */
export async function sendLargeMessage(
  port: number,
  message: { readonly bytes: number; readonly to: string },
): Promise<LargeMessage> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  await client.command(`MAIL FROM:<large@example.com> SIZE=${message.bytes + 200}`, 250);
  await client.command(`RCPT TO:<${message.to}>`, 250);
  await client.command("DATA", 354);
  client.sendRaw("Message-ID: <large@example.com>\r\nSubject: large\r\n\r\n");
  const hash = createHash("sha256");
  let bodyBytes = 0;
  while (bodyBytes + BLOCK.length <= message.bytes) {
    bodyBytes += BLOCK.length;
    hash.update(BLOCK);
    if (!client.socket.write(BLOCK)) await once(client.socket, "drain");
  }
  client.sendRaw(".\r\n");
  await client.expect(250);
  await client.quit();
  return { bodyBytes, bodyDigest: hash.digest("hex") };
}
