import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { fakeClock } from "../../src/base/clock.fake.ts";
import { applyDisclaimer } from "../../src/content/apply-disclaimer.ts";
import { CONTENT_LIMITS } from "../../src/content/content-limits.ts";
import { inspectAttachments } from "../../src/content/inspect-attachments.ts";
import { allFiles, allParts, type ContentPart } from "../../src/content/message-view.ts";
import { partContent } from "../../src/content/part-content.ts";
import { readMessage } from "../../src/content/read-message.ts";
import { run } from "../harness/peers.ts";
import { temporaryFolder } from "../harness/server.ts";
import { CORPUS, type CorpusMessage } from "./content-corpus.ts";

/** A message as a reader sees it: its subject, and of each part type, name, bytes and text. */
interface Sight {
  readonly subject: string;
  readonly parts: readonly (readonly (string | null)[])[];
}

// Python's own reader of mail, written by others from the same RFCs.
const READER = `
import email, email.policy, json, sys
out = []
for raw in json.load(sys.stdin):
    message = email.message_from_bytes(bytes.fromhex(raw), policy=email.policy.default)
    parts = []
    def walk(part):
        kind = part.get_content_type()
        if part.is_multipart():
            parts.append([kind, None, None, None])
            # It takes the fields of a report for parts.
            for inner in part.get_payload() if kind != "message/delivery-status" else []:
                walk(inner)
            return
        payload = part.get_payload(decode=True) or b""
        text = None
        if kind in ("text/plain", "text/html") and part.get_content_charset():
            text = payload.decode(part.get_content_charset(), "replace")
        parts.append([kind, part.get_filename(), payload.hex(), text])
    walk(message)
    out.append({"subject": str(message["Subject"] or ""), "parts": parts})
print(json.dumps(out))
`;

async function pythonSees(messages: readonly Buffer[]): Promise<readonly Sight[]> {
  const input = JSON.stringify(messages.map((bytes) => bytes.toString("hex")));
  const { code, stdout, stderr } = await run("python3", ["-c", READER], input);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

function weSee(bytes: Buffer): Sight {
  const view = readMessage(bytes, CONTENT_LIMITS);
  assert(view.ok, JSON.stringify(view));
  const { root, subject, bodies } = view.value;
  const texts = new Map(bodies.map((body) => [body.path, body.html ?? body.text]));
  const sight = (part: ContentPart) => {
    const isReport = part.mediaType === "message/delivery-status";
    if (part.kind !== "leaf" || isReport) return [part.mediaType, null, null, null];
    const text = part.charset === undefined ? undefined : texts.get(part.path);
    const content = partContent(bytes, part).toString("hex");
    return [part.mediaType, part.fileName ?? null, content, text ?? null];
  };
  return { subject, parts: [...allParts(root)].map(sight) };
}

/** Line ends are the same to both; text is compared where we take a part for a body. */
function comparable(theirs: Sight, ours: Sight): Sight {
  const parts = theirs.parts.map(([type = null, name = null, bytes = null, text = null], index) => {
    const hasText = ours.parts[index]?.[3] != null;
    return [type, name, bytes, hasText ? (text?.replaceAll("\r\n", "\n") ?? null) : null];
  });
  return { ...theirs, parts };
}

test("messages of all kinds are to us what they are to Python's reader", async (t) => {
  const theirs = await pythonSees(CORPUS.map(({ bytes }) => bytes));
  for (const [index, { why, bytes }] of CORPUS.entries()) {
    await t.test(why, () => {
      const ours = weSee(bytes);
      const other = theirs[index];
      assert(other !== undefined);
      assert.deepEqual(ours, comparable(other, ours));
    });
  }
});

test("what OpenSSL has signed in one piece is looked into", async (t) => {
  const folder = await temporaryFolder(t);
  const inner =
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n" +
    "--b\r\nContent-Disposition: attachment; filename=run.exe\r\n\r\nMZ\r\n--b--\r\n";
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x";
  const request = await run("openssl", [...made.split(" "), "-keyout", key, "-out", certificate]);
  assert.equal(request.code, 0, request.stderr);
  for (const form of [[], ["-stream", "-indef"]]) {
    const sign = ["cms", "-sign", "-nodetach", "-binary", "-outform", "PEM", ...form];
    const parties = ["-signer", certificate, "-inkey", key];
    const { code, stdout, stderr } = await run("openssl", [...sign, ...parties], inner);
    assert.equal(code, 0, stderr);
    const message = Buffer.from(
      "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n" +
        "Content-Transfer-Encoding: base64\r\n\r\n" +
        stdout.replace(/-----[^-]+-----/g, "").trim(),
    );
    const view = readMessage(message, CONTENT_LIMITS);
    assert(view.ok);
    const question = { limits: CONTENT_LIMITS, clock: fakeClock(), wanted: "text" } as const;
    const [found] = await inspectAttachments(message, view.value, question);
    assert(found !== undefined);
    assert.deepEqual(
      [...allFiles(found)].map(({ name, text, isExecutable }) => [name, text, isExecutable]),
      [
        ["smime.p7m", undefined, false],
        ["", "\nHello", false],
        ["run.exe", "MZ", true],
      ],
    );
  }
});

test("with a disclaimer, Python sees the same message, with the text in its bodies", async (t) => {
  for (const note of ["Private & safe", "Größe 10 €"]) {
    const rewritten = CORPUS.flatMap(({ why, bytes }) => {
      const view = readMessage(bytes, CONTENT_LIMITS);
      assert(view.ok);
      const html = `<p>${note.replace("&", "&amp;")}</p>`;
      const result = applyDisclaimer(bytes, view.value, { html, place: "append" });
      return result.kind === "done" ? [{ why, bytes, after: Buffer.concat(result.content) }] : [];
    });
    assert(rewritten.length > CORPUS.length / 2);
    const before = await pythonSees(rewritten.map(({ bytes }) => bytes));
    const after = await pythonSees(rewritten.map((each) => each.after));
    for (const [index, { why }] of rewritten.entries()) {
      await t.test(`${note}: ${why}`, () => {
        const [old, young] = [before[index], after[index]];
        assert(old !== undefined && young !== undefined);
        assert.equal(outline(young), outline(old));
        assert.equal(young.subject, old.subject);
        const changed = young.parts.filter((part, place) => part[2] !== old.parts[place]?.[2]);
        assert(changed.length > 0);
        for (const [type, , bytes, text] of changed) {
          const shown = text ?? Buffer.from(bytes ?? "", "hex").toString();
          const wanted =
            type === "text/html" ? /Private &amp; safe|Gr&#246;&#223;e 10 &#8364;/ : note;
          assert.match(shown, new RegExp(wanted));
        }
      });
    }
  }
});

/** Lines that make and break structure; each message is some of them. */
const LINES = [
  "Content-Type: multipart/mixed; boundary=b",
  "Content-Type: multipart/alternative; boundary=c",
  "Content-Type: multipart/digest; boundary=d",
  "Content-Type: message/rfc822",
  "Content-Type: text/html; charset=utf-8",
  "Content-Disposition: attachment; filename=x.txt",
  "",
  "",
  "--b",
  "--b--",
  "--c",
  "--c--",
  "--d",
  "text",
  "a=20b=",
] as const;

function mixed(lines: readonly string[]): CorpusMessage {
  return { why: "mixed", bytes: Buffer.from(["X: 1", ...lines, ""].join("\r\n")) };
}

/** Of boundaries that follow one another at once Python makes one; to us there are empty parts. */
const EMPTY_PART = /^--(.)(?:--)?\r\n--\1/m;

/** What both make of structure, where the two are meant to agree. */
function outline(sight: Sight): string {
  return sight.parts.map(([type, name]) => `${type} ${name ?? ""}`).join(" | ");
}

test("structure made by chance is the same to both", async () => {
  const lines = fc.array(fc.constantFrom(...LINES), { maxLength: 25 });
  const samples = fc
    .sample(lines, { numRuns: 2000, seed: 20261121 })
    .map(mixed)
    .filter(({ bytes }) => !EMPTY_PART.test(bytes.toString()));
  const theirs = await pythonSees(samples.map(({ bytes }) => bytes));
  const differing = samples.filter(({ bytes }, index) => {
    const other = theirs[index];
    return other === undefined || outline(weSee(bytes)) !== outline(other);
  });
  const first = differing[0]?.bytes.toString();
  assert.equal(differing.length, 0, `${differing.length} differ, as ${JSON.stringify(first)}`);
});
