import type { QuestionKind, Script } from "../../src/smtp/machine-player.fake.ts";
import type { Reply } from "../../src/smtp/reply.ts";
import type { AuthStep, SessionOptions } from "../../src/smtp/session-handler.ts";

/**
 * One conversation out of a `.dialog` file. A file holds several, each under `== title`:
 *
 *     O: recipientsMax 2          option of the session, dots into its parts, lists with commas
 *     H: rcpt 550 5.1.1 Unknown   the handler's next answer to that question (default: yes)
 *     H: auth challenge aGk=      the handler's next step of a logon, or a reply (default: 235)
 *     C: EHLO client.test         client line; CRLF is added
 *     C< a\r\n.\n                 client bytes with \r \n \0 \\ \xHH; nothing is added
 *     S: 250 2.0.0 OK             a line of the server's reply; a `*` at its end matches anything
 *     M: a\r\n                    the handler gets a message with this content
 *     A:                          content is aborted
 *     L: PLAIN AGE=               the handler is asked about a logon: mechanism, response (- none,
 *                                 = empty); a later response alone; or `cancelled`
 *     XC: {"address":"192.0.2.9"} the handler is told of another client
 *     TLS:                        the server starts TLS and the handshake succeeds
 *     X:                          the server closes
 *
 * `{a*512}` in client lines and messages stands for 512 times "a". `#` starts a comment line.
 */
export interface Dialog {
  readonly title: string;
  readonly options: SessionOptions;
  readonly script: Script;
  /** In the order of the file. */
  readonly turns: readonly Turn[];
}

/** Client bytes, and all that is to happen before the next ones. */
export interface Turn {
  readonly bytes: Buffer;
  readonly expected: readonly string[];
}

type Values = Record<string, unknown>;

/** Reads a file of dialogs; throws with the line number when it does not understand one. */
export function parseDialogs(text: string, options: SessionOptions): Dialog[] {
  const dialogs: Dialog[] = [];
  for (const section of text.split(/^== /m).slice(1)) {
    const [title = "", ...lines] = section.split("\n");
    dialogs.push(parseDialog(title, lines, options));
  }
  return dialogs;
}

function parseDialog(title: string, lines: readonly string[], base: SessionOptions): Dialog {
  const options: Values = {
    ...base,
    extensions: { ...base.extensions },
    authMechanisms: { ...base.authMechanisms },
  };
  const script: Answers = {
    auth: [],
    xclient: [],
    mail: [],
    rcpt: [],
    "begin-content": [],
    "end-content": [],
  };
  const turns: { bytes: Buffer; expected: string[] }[] = [{ bytes: Buffer.alloc(0), expected: [] }];
  for (const line of lines) {
    if (line === "" || line.startsWith("#")) continue;
    const [marker, rest] = [line.slice(0, 2), line.slice(3)];
    if (marker === "C:") turns.push({ bytes: Buffer.from(`${repeat(rest)}\r\n`), expected: [] });
    else if (marker === "C<") turns.push({ bytes: unescapeBytes(repeat(rest)), expected: [] });
    else if (marker === "O:") setOption(options, rest);
    else if (marker === "H:") addAnswer(script, rest);
    else if (marker === "M:") {
      turns.at(-1)?.expected.push(`M: ${unescapeBytes(repeat(rest)).toString("latin1")}`);
    } else if (/^(?:S|A|X|L|XC|TLS):/.test(line)) turns.at(-1)?.expected.push(line.trimEnd());
    else throw new Error(`dialog "${title}": what is "${line}"?`);
  }
  // Built field by field from text: the machine under test is what checks it.
  return { title, options: options as unknown as SessionOptions, script, turns };
}

function setOption(options: Values, text: string): void {
  const [path = "", value = ""] = text.split(" ");
  const [first = "", second] = path.split(".");
  const target = second === undefined ? options : (options[first] as Values);
  const name = second ?? first;
  if (!(name in target)) throw new Error(`no such option: ${path}`);
  if (Array.isArray(target[name])) target[name] = value.split(",");
  else target[name] = /^(?:true|false|\d+)$/.test(value) ? JSON.parse(value) : value;
}

type Answers = Record<QuestionKind, Reply[]> & { auth: AuthStep[] };

const ANSWER =
  /^(mail|rcpt|begin-content|end-content|xclient|auth) (?:yes|challenge ?(.*)|(\d{3}) (\S+) (.*))$/;

function addAnswer(script: Answers, text: string): void {
  const match = ANSWER.exec(text);
  if (match === null) throw new Error(`not an answer: ${text}`);
  const [, kind, challenge, code, status = "", words = ""] = match;
  const reply = { code: Number(code), status, lines: [words] };
  if (kind !== "auth") script[kind as QuestionKind].push(reply);
  else if (challenge === undefined) script.auth.push({ kind: "done", reply });
  else script.auth.push({ kind: "challenge", bytes: Buffer.from(repeat(challenge), "base64") });
}

function repeat(text: string): string {
  return text.replace(/\{(.+?)\*(\d+)\}/g, (_match, part: string, count: string) =>
    part.repeat(Number(count)),
  );
}

function unescapeBytes(text: string): Buffer {
  const characters: Record<string, string> = { r: "\r", n: "\n", "0": "\0", "\\": "\\" };
  const latin1 = Buffer.from(text).toString("latin1");
  const bytes = latin1.replace(/\\(?:x([0-9a-f]{2})|([rn0\\]))/gi, (_match, hex, character) =>
    hex === undefined
      ? (characters[character] ?? "")
      : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1");
}
