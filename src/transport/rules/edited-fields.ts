import { decodeEncodedWords } from "../../mail/encoded-word.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { type HeaderField, parseHeaderFields } from "../../mail/header-fields.ts";
import type { RuleField } from "./rule-facts.ts";

/** The header as it will be sent: what stands in the content, and the edits kept beside it. */
export function editedFields(
  header: Uint8Array,
  edits: readonly HeaderEdit[],
): readonly RuleField[] {
  const counts = new Map<string, number>();
  const stored = parseHeaderFields(header).map(({ name, value }): PlacedField => {
    const position = counts.get(name) ?? 0;
    counts.set(name, position + 1);
    return { name, value, origin: { name, position } };
  });
  return edits
    .reduce(edit, stored)
    .map(({ name, value }) => ({ name, raw: value, value: decodeEncodedWords(value) }));
}

interface PlacedField extends Pick<HeaderField, "name" | "value"> {
  /** Its name and place in the content as it is stored; absent: an edit has put it there. */
  readonly origin?: { readonly name: string; readonly position: number };
}

function edit(fields: readonly PlacedField[], one: HeaderEdit): readonly PlacedField[] {
  switch (one.kind) {
    case "prepend":
      return [...readLines(one.text), ...fields];
    case "append":
      return [...fields, ...readLines(one.text)];
    case "remove": {
      const name = one.name.toLowerCase();
      return fields.filter((field) => field.name !== name);
    }
    case "removeAt": {
      const name = one.name.toLowerCase();
      const { positions } = one;
      return fields.filter(
        ({ origin }) => origin?.name !== name || !positions.includes(origin.position),
      );
    }
    // Octets of addresses that are rewritten on the way out; rules look at mail before that.
    case "replaceAt":
      return fields;
    case "rename": {
      const [from, to] = [one.from.toLowerCase(), one.to.toLowerCase()];
      return fields.map((field) => (field.name === from ? { ...field, name: to } : field));
    }
  }
}

function readLines(text: string): readonly PlacedField[] {
  return parseHeaderFields(Buffer.from(text));
}
