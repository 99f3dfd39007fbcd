import { connect } from "node:net";

const ANSWER_WITHIN_MS = 20_000;

/** Every message of a mailbox's INBOX, in latin1, read over IMAP with the password "secret". */
export async function readInbox(port: number, address: string): Promise<readonly string[]> {
  const socket = connect(port, "127.0.0.1");
  socket.setEncoding("latin1");
  let text = "";
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  socket.on("data", (more: string) => {
    text += more;
    wake();
  });
  socket.on("close", wake);
  socket.on("error", wake);
  const late = setTimeout(() => socket.destroy(), ANSWER_WITHIN_MS);
  const until = async (end: RegExp): Promise<string> => {
    for (;;) {
      const match = end.exec(text);
      if (match !== null) {
        const answer = text.slice(0, match.index + match[0].length);
        text = text.slice(answer.length);
        return answer;
      }
      if (socket.destroyed) throw new Error(`IMAP ended after: ${text}`);
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  try {
    await until(/^\* OK.*\r\n/);
    socket.write(`a LOGIN "${address}" secret\r\n`);
    await until(/^a OK.*\r\n/m);
    socket.write("b SELECT INBOX\r\n");
    const count = Number(/^\* (\d+) EXISTS/m.exec(await until(/^b OK.*\r\n/m))?.[1]);
    if (count === 0) return [];
    socket.write("c FETCH 1:* BODY.PEEK[]\r\n");
    return literals(await until(/^c OK.*\r\n/m));
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}

/** The strings that an answer gives by their length (RFC 9051 §4.3). */
function literals(answer: string): readonly string[] {
  const found: string[] = [];
  const head = /\{(\d+)\}\r\n/g;
  for (let match = head.exec(answer); match !== null; match = head.exec(answer)) {
    const end = head.lastIndex + Number(match[1]);
    found.push(answer.slice(head.lastIndex, end));
    head.lastIndex = end;
  }
  return found;
}
