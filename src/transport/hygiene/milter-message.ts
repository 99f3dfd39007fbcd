import { unreachable } from "../../base/assert.ts";
import type { Result } from "../../base/result.ts";
import { type Address, addressKey, parseAddress } from "../../mail/address.ts";
import type { MilterMacros } from "../../scan/milter-machine.ts";
import type { MilterModification } from "../../scan/milter-reply.ts";
import type { MilterAnswer, MilterSession } from "../../scan/milter-session.ts";
import type { ScanFault } from "../../scan/scan-fault.ts";
import type { IncomingMessage, MessageChanges } from "../agents/receive-agent.ts";
import { fieldText, MilterHeader } from "./milter-header.ts";

const LF = 10;
const CRLF = Buffer.from("\r\n");

/** A message on its way through milters: each sees what those before it have made of it. */
export class MilterMessage {
  readonly #message: IncomingMessage;
  readonly #header: MilterHeader;
  readonly #before: MilterHeader;
  #body: Uint8Array | undefined;
  #sender: Address | "" | undefined;
  readonly #added = new Map<string, Address>();
  readonly #removed = new Map<string, Address>();
  /** Why a milter wants it held back. */
  quarantine: string | undefined;

  constructor(message: IncomingMessage) {
    this.#message = message;
    this.#header = new MilterHeader(message.headerBytes, message.edits);
    this.#before = this.#header.copy();
  }

  /**
   * Tells a milter all of it; the answer is that of the end, or the first that settles the message.
   * Changes have not been taken over yet. Rejects when the content cannot be read.
   */
  async tell(
    session: MilterSession,
    macros: MilterMacros,
  ): Promise<Result<MilterAnswer, ScanFault>> {
    for (const { name, value } of this.#header.fields) {
      const said = await session.ask({ kind: "header", name, value });
      if (!goesOn(said)) return said;
    }
    const heard = await session.ask({ kind: "eoh" }, macros);
    if (!goesOn(heard)) return heard;
    // A body that it does not want is not read.
    const body = session.wants("body") ? this.#readBody() : [];
    for await (const piece of body) {
      const said = await session.askBody(piece);
      if (said.ok && said.value.verdict.kind === "skip") break;
      if (!goesOn(said)) return said;
    }
    return session.ask({ kind: "eob" }, macros);
  }

  /** Takes over what a milter wants changed. */
  take(modifications: readonly MilterModification[], session: MilterSession): void {
    const text = (value: string) => fieldText(value, session.keepsLeadingSpace);
    const bodies: Uint8Array[] = [];
    for (const modification of modifications) {
      if (modification.kind === "replaceBody") bodies.push(modification.bytes);
      else this.#change(modification, text);
    }
    if (bodies.length > 0) this.#body = withLineEnds(Buffer.concat(bodies));
  }

  /** All of it together. */
  changes(): MessageChanges {
    const edits = this.#header.editsSince(this.#before);
    return {
      ...(edits.length > 0 && { edits }),
      ...(this.#sender !== undefined && { sender: this.#sender }),
      ...(this.#added.size > 0 && { addRecipients: [...this.#added.values()] }),
      ...(this.#removed.size > 0 && { removeRecipients: [...this.#removed.values()] }),
      ...(this.#body && { content: [this.#message.headerBytes, CRLF, this.#body] }),
    };
  }

  #change(
    modification: Exclude<MilterModification, { readonly kind: "replaceBody" }>,
    text: (value: string) => string,
  ): void {
    switch (modification.kind) {
      case "addHeader":
        this.#header.add(modification.name, text(modification.value));
        return;
      case "insertHeader": {
        const { index, name, value } = modification;
        this.#header.insert(index, { name, text: text(value) });
        return;
      }
      case "changeHeader": {
        const { index, name, value } = modification;
        this.#header.change(index, { name, text: value === "" ? "" : text(value) });
        return;
      }
      case "changeFrom": {
        const sender = bare(modification.address);
        const parsed = sender === "" ? "" : parseAddress(sender, { smtpUtf8: true });
        if (parsed !== undefined) this.#sender = parsed;
        return;
      }
      case "addRecipient":
      case "deleteRecipient": {
        const address = parseAddress(bare(modification.address), { smtpUtf8: true });
        if (address === undefined) return;
        const isAdded = modification.kind === "addRecipient";
        const [to, from] = isAdded ? [this.#added, this.#removed] : [this.#removed, this.#added];
        from.delete(addressKey(address));
        to.set(addressKey(address), address);
        return;
      }
      case "quarantine":
        this.quarantine = modification.reason;
        return;
      default:
        unreachable(modification);
    }
  }

  async *#readBody(): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#body !== undefined) return yield this.#body;
    let left = this.#message.headerBytes.length;
    let isAtStart = true;
    let carry: Uint8Array = new Uint8Array();
    for await (const piece of this.#message.content()) {
      const rest = piece.subarray(Math.min(left, piece.length));
      left -= piece.length - rest.length;
      if (!isAtStart) {
        yield rest;
        continue;
      }
      // The empty line is no part of the body; it may come in two pieces.
      carry = Buffer.concat([carry, rest]);
      if (carry.length < CRLF.length) continue;
      isAtStart = false;
      yield withoutEmptyLine(carry);
    }
    if (isAtStart) yield withoutEmptyLine(carry);
  }
}

function goesOn(said: Result<MilterAnswer, ScanFault>): boolean {
  return (
    said.ok && (said.value.verdict.kind === "continue" || said.value.verdict.kind === "accept")
  );
}

function withoutEmptyLine(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === CRLF[0] && bytes[1] === LF) return bytes.subarray(2);
  return bytes[0] === LF ? bytes.subarray(1) : bytes;
}

function bare(address: string): string {
  return address.trim().replace(/^<([^<>]*)>$/, "$1");
}

/** Bare line feeds would be taken for something else by those who read it next. */
function withLineEnds(bytes: Buffer): Uint8Array {
  const text = bytes.toString("latin1");
  return Buffer.from(text.replace(/\r\n|\r|\n/g, "\r\n"), "latin1");
}
