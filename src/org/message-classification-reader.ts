import {
  classificationKey,
  findClassification,
  type MessageClassification,
} from "./message-classification.ts";
import type { ReadObject } from "./read-object.ts";
import type { TransportRule } from "./transport-rule.ts";

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

/**
 * Rules with what their headers have for the classifications that they name; one that nobody has
 * made stays as it is written.
 */
export function withClassifications(
  rules: readonly TransportRule[],
  classifications: readonly MessageClassification[],
): readonly TransportRule[] {
  if (classifications.length === 0) return rules;
  const keyOf = (text: string): string => {
    const found = findClassification(classifications, text);
    return found === undefined ? text : classificationKey(found);
  };
  return rules.map((rule) => ({
    ...rule,
    applyClassification: rule.applyClassification && keyOf(rule.applyClassification),
    hasClassification: rule.hasClassification && keyOf(rule.hasClassification),
    exceptIfHasClassification:
      rule.exceptIfHasClassification && keyOf(rule.exceptIfHasClassification),
  }));
}
