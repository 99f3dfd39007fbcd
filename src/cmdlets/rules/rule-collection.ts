import { fault, ok, type Result } from "../../base/result.ts";
import { readMarkup } from "../../content/markup.ts";
import { type CommandBlock, parseCommandBlock } from "./command-block.ts";

/** A rule of a collection: what `Export-TransportRuleCollection` of Exchange writes. */
export interface CollectedRule {
  readonly name: string;
  /** `undefined`: it is not in the form of a cmdlet, or what stands there is none. */
  readonly command: CommandBlock | undefined;
}

/** Rules of one collection. */
const RULES_MAX = 5000;

/**
 * Reads a collection (XML; UTF-8, or UTF-16 as Exchange writes it). The fault says why it is none.
 * Of several versions of a rule the last counts, as it does for the newest server.
 */
export function parseRuleCollection(bytes: Uint8Array): Result<readonly CollectedRule[], string> {
  const text = decode(bytes);
  if (text === undefined) return fault("the file is neither UTF-8 nor UTF-16");
  const rules: { name: string; block: string }[] = [];
  const open: string[] = [];
  let isCollection = false;
  let isTooLarge = false;
  let current: { name: string; block: string } | undefined;
  readMarkup(text, "xml", {
    open(name, attributes) {
      // Deeper than the format goes: nothing in there is ours.
      if (open.length < 8) open.push(name);
      if (open.join("/") === "rules") isCollection = true;
      if (name === "rule" && open.join("/") === "rules/rule") {
        isTooLarge ||= rules.length >= RULES_MAX;
        current = { name: attributes.get("name") ?? "", block: "" };
        if (!isTooLarge) rules.push(current);
      }
      if (name === "commandBlock" && current !== undefined) current.block = "";
    },
    close(name) {
      const at = open.lastIndexOf(name);
      if (at >= 0) open.length = at;
      if (name === "rule") current = undefined;
    },
    text(piece) {
      if (open.at(-1) === "commandBlock" && current !== undefined) current.block += piece;
    },
  });
  if (!isCollection) return fault("the file is no collection of transport rules");
  if (isTooLarge) return fault(`the file has more than ${RULES_MAX} rules`);
  return ok(
    rules.map(({ name, block }) => {
      const command = parseCommandBlock(block);
      const isRule = command?.cmdlet.toLowerCase() === "new-transportrule";
      return { name, command: isRule ? command : undefined };
    }),
  );
}

function decode(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const isWide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const label = isWide ? (first === 0xff ? "utf-16le" : "utf-16be") : "utf-8";
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Writes a collection as Exchange does: XML in UTF-16, a command for each rule. */
export function formatRuleCollection(
  rules: readonly { readonly name: string; readonly id: string; readonly command: string }[],
): Uint8Array {
  const items = rules.map(
    ({ name, id, command }) =>
      `  <rule name="${escapeXml(name)}" id="${escapeXml(id)}" format="cmdlet">\r\n` +
      `    <version requiredMinVersion="15.0.3.0">\r\n      <commandBlock>` +
      `<![CDATA[${command.replaceAll("]]>", "]]]]><![CDATA[>")}]]></commandBlock>\r\n` +
      `    </version>\r\n  </rule>\r\n`,
  );
  const text =
    `<?xml version="1.0" encoding="utf-16" standalone="yes"?>\r\n` +
    `<rules name="TransportVersioned">\r\n${items.join("")}</rules>\r\n`;
  return Buffer.from(`\ufeff${text}`, "utf16le");
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
