import { encodeHeaderText } from "../../mail/header-text.ts";
import { FAULT, type Fault, type RuleFacts, type RuleField } from "./rule-facts.ts";

/** What a rule has changed in the header; later rules see it. */
export type HeaderChange =
  | { readonly kind: "set"; readonly name: string; readonly value: string }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "prefixSubject"; readonly text: string }
  /** A further address in To or Cc. */
  | { readonly kind: "addAddress"; readonly field: "to" | "cc"; readonly address: string };

/** A message as the rules before have left it for some of its recipients. */
export interface MessageCopy {
  readonly changes: readonly HeaderChange[];
  /** What a rule has set; `undefined`: as it came. */
  readonly scl: number | undefined;
}

/** A message that no rule has touched. */
export const UNTOUCHED: MessageCopy = { changes: [], scl: undefined };

/** A predicate looks at this. */
export interface Sight {
  readonly facts: RuleFacts;
  readonly copy: MessageCopy;
}

/** The header as it is now. */
export function fieldsOf({ facts, copy }: Sight): readonly RuleField[] | Fault | undefined {
  const came = facts.header();
  if (came === undefined || came === FAULT || copy.changes.length === 0) return came;
  const known = changedFields.get(copy);
  if (known !== undefined) return known;
  const made = copy.changes.reduce<readonly RuleField[]>(change, came);
  changedFields.set(copy, made);
  return made;
}

/** A copy with changes is of one message, so that its fields are made once for all rules. */
const changedFields = new WeakMap<MessageCopy, readonly RuleField[]>();

function change(fields: readonly RuleField[], one: HeaderChange): readonly RuleField[] {
  switch (one.kind) {
    case "remove":
      return fields.filter(({ name }) => name !== one.name.toLowerCase());
    case "set": {
      const name = one.name.toLowerCase();
      const set = { name, raw: encodeHeaderText(one.value), value: one.value };
      return [...fields.filter((field) => field.name !== name), set];
    }
    case "prefixSubject":
      return edited(fields, "subject", ({ value }) => {
        const text = one.text + value;
        // Anew as a whole: a word before an encoded one would need its space twice.
        return { raw: encodeHeaderText(text), value: text };
      });
    case "addAddress":
      return edited(fields, one.field, (came) => {
        const add = (list: string) => (list === "" ? one.address : `${list}, ${one.address}`);
        return { raw: add(came.raw), value: add(came.value) };
      });
  }
}

/** Changes the first field of that name, or makes one. */
function edited(
  fields: readonly RuleField[],
  name: string,
  edit: (came: Omit<RuleField, "name">) => Omit<RuleField, "name">,
): readonly RuleField[] {
  const first = fields.find((field) => field.name === name);
  const made = { name, ...edit(first ?? { raw: "", value: "" }) };
  return first === undefined
    ? [...fields, made]
    : fields.map((field) => (field === first ? made : field));
}

/** The subject as it is now; of several the first counts. */
export function subjectOf(sight: Sight): string | Fault | undefined {
  const fields = fieldsOf(sight);
  if (fields === undefined || fields === FAULT) return fields;
  return fields.find(({ name }) => name === "subject")?.value ?? "";
}

/** The spam confidence level as it is now. */
export function sclOf({ facts, copy }: Sight): number | undefined {
  return copy.scl ?? facts.scl;
}
