import type { MessageClassification } from "./message-classification.ts";
import type { ReadObject } from "./read-object.ts";

/** The classifications; one that could be taken for another is a fault. */
export function buildMessageClassifications(
  objects: readonly ReadObject<"messageClassification">[],
): readonly MessageClassification[] {
  const owners = new Map<string, string>();
  for (const { values, declared, report } of objects) {
    const { classificationID, displayName, name } = values;
    for (const [property, text] of Object.entries({ name, classificationID, displayName })) {
      if (text === undefined) continue;
      const owner = owners.get(text.toLowerCase()) ?? declared.label;
      owners.set(text.toLowerCase(), owner);
      if (owner !== declared.label) report(property, `${property}: ${text} is that of ${owner}`);
    }
  }
  return objects.map(({ values }) => values);
}
