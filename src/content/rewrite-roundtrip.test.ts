import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { applyDisclaimer } from "./apply-disclaimer.ts";
import { CONTENT_LIMITS } from "./content-limits.ts";
import { allParts, type ContentPart, type MessageView } from "./message-view.ts";
import { readMessage } from "./read-message.ts";
import { removeParts, replaceParts } from "./replace-parts.ts";

function read(message: Buffer): MessageView {
  const view = readMessage(message, CONTENT_LIMITS);
  assert(view.ok);
  return view.value;
}

function raw(message: Buffer, part: ContentPart): string {
  return message.toString("latin1", part.place.headerFrom, part.place.to);
}

const leaf = fc.record(
  {
    header: fc.constantFrom(
      "",
      "Content-Type: text/plain; charset=utf-8\r\n",
      "Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n",
      "Content-Type: text/plain; charset=shift_jis\r\nContent-Transfer-Encoding: 8bit\r\n",
      "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n",
      "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n",
      "Content-Disposition: attachment; filename=a\r\n",
    ),
    body: fc
      .array(fc.constantFrom("text", "=", " ", "\r\n", "--", "ü", "<b>", "=3D", "-- b2"))
      .map((words) => words.join("")),
  },
  { noNullPrototype: true },
);
const tree = fc.letrec<{ part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3, depthIdentifier: "parts" },
    leaf.map(({ header, body }) => `${header}\r\n${body}`),
    fc
      .tuple(
        fc.constantFrom("mixed", "alternative", "related"),
        fc.nat(1e6),
        fc.array(tie("part"), { minLength: 1, maxLength: 3 }),
      )
      .map(([type, number, parts]) => {
        const boundary = `b${number}_${parts.length}`;
        const inner = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join("");
        const header = `Content-Type: multipart/${type}; boundary="${boundary}"`;
        return `${header}\r\n\r\n${inner}--${boundary}--\r\n`;
      }),
  ),
})).part;

test("whatever a message is made of, only the texts change, and they have the text in them", () => {
  const place = fc.constantFrom("append" as const, "prepend" as const);
  fc.assert(
    fc.property(tree, place, fc.constantFrom("Note", "Größe €"), (text, where, note) => {
      const message = Buffer.from(`X-First: 1\r\n${text}`);
      const before = read(message);
      const result = applyDisclaimer(message, before, { html: `<p>${note}</p>`, place: where });
      if (result.kind === "cannot") return;
      const after = Buffer.concat(result.content);
      const view = read(after);
      const [old, young] = [[...allParts(before.root)], [...allParts(view.root)]];
      assert.deepEqual(
        young.map(({ path, mediaType }) => [path, mediaType]),
        old.map(({ path, mediaType }) => [path, mediaType]),
      );
      const changed = new Set(
        view.bodies.filter((body) => body.text.includes(note)).map(({ path }) => path),
      );
      assert(changed.size > 0);
      for (const [index, part] of old.entries()) {
        const same = young[index] ?? part;
        if (part.kind === "leaf" && !changed.has(part.path)) {
          assert.equal(raw(after, same), raw(message, part));
        }
        assert.equal(same.fileName, part.fileName);
      }
      assert.deepEqual(
        view.header.slice(0, before.header.length).map(({ name }) => name),
        before.header.map(({ name }) => name),
      );
      for (const body of before.bodies) {
        const now = view.bodies.find(({ path }) => path === body.path);
        const isThere = squeeze(now?.text ?? "").includes(squeeze(body.text));
        assert(isThere, `${JSON.stringify(body.text)} in ${JSON.stringify(now?.text)}`);
      }
    }),
    { numRuns: 2000 },
  );
});

function squeeze(text: string): string {
  return text.replace(/\s+/g, "");
}

test("replaced and removed parts leave the others byte for byte", () => {
  fc.assert(
    fc.property(tree, fc.nat(), fc.boolean(), (text, choice, isRemoved) => {
      const message = Buffer.from(`X-First: 1\r\n${text}`);
      const before = read(message);
      const leaves = [...allParts(before.root)].filter(({ kind, path }) => kind === "leaf" && path);
      const gone = leaves[choice % Math.max(1, leaves.length)];
      if (gone === undefined) return;
      const result = isRemoved
        ? removeParts(message, before, [gone.path])
        : replaceParts(message, before, [{ path: gone.path, text: "x", fileName: "x.txt" }]);
      assert(result.kind === "done");
      const after = Buffer.concat(result.content);
      const left = [...allParts(read(after).root)].filter(({ kind }) => kind === "leaf");
      const bytes = left.map((part) => raw(after, part));
      const parent = [...allParts(before.root)].find(({ children }) => children.includes(gone));
      const isAlone = parent?.children.length === 1;
      const wanted = leaves.flatMap((part) => {
        if (part !== gone) return [raw(message, part)];
        // A multipart cannot be without a part.
        return isRemoved ? (isAlone ? ["\r\n"] : []) : [undefined];
      });
      assert.deepEqual(
        bytes.map((each, index) => (wanted[index] === undefined ? undefined : each)),
        wanted,
      );
    }),
    { numRuns: 1000 },
  );
});
