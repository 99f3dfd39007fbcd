// A process of its own: SMTP clients in clear that send one file again and again, since Postfix's
// generator makes up its own content. Ends when the last message has its 250.
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { SmtpReplies } from "./smtp-replies.ts";

const [port = "0", sessions = "20", count = "1000", path = "", mode = "persistent"] =
  process.argv.slice(2);
const [sender = "", recipient = ""] = process.argv.slice(7);
// No line of the file begins with a dot.
const CONTENT = Buffer.concat([readFileSync(path), Buffer.from(".\r\n")]);
let left = Number(count);

/** One connection, in step: a command, its reply. */
class Conversation {
  readonly #socket = connect({ host: "127.0.0.1", port: Number(port), noDelay: true });
  readonly #replies = new SmtpReplies(this.#socket);

  say(command: string | Buffer, code: number): Promise<void> {
    if (command.length > 0) this.#socket.write(command);
    return this.#replies.expect(code);
  }

  end(): void {
    this.#socket.end("QUIT\r\n");
  }
}

async function work(): Promise<void> {
  while (left > 0) {
    const talk = new Conversation();
    await talk.say("", 220);
    await talk.say("EHLO client.bench.example\r\n", 250);
    do {
      left -= 1;
      if (left < 0) break;
      await talk.say(`MAIL FROM:<${sender}>\r\n`, 250);
      await talk.say(`RCPT TO:<${recipient}>\r\n`, 250);
      await talk.say("DATA\r\n", 354);
      await talk.say(CONTENT, 250);
    } while (mode === "persistent");
    talk.end();
  }
}

await Promise.all(Array.from({ length: Number(sessions) }, work));
process.exit(0);
