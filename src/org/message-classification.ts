import type { ReadObject } from "./read-object.ts";
import type { MESSAGE_CLASSIFICATION } from "./settings/message-classification.ts";
import type { ValuesOf } from "./settings/setting.ts";

/** A class of messages of the organization, as `Company Confidential`. */
export type MessageClassification = ValuesOf<typeof MESSAGE_CLASSIFICATION>;

/** What the header X-MS-Exchange-Organization-Classification has for it. */
export function classificationKey({ classificationID, name }: MessageClassification): string {
  return classificationID ?? name;
}

/** The one of that name, id or display name, in any case. */
export function findClassification(
  classifications: readonly MessageClassification[],
  text: string,
): MessageClassification | undefined {
  const wanted = text.trim().toLowerCase();
  return classifications.find((one) =>
    [classificationKey(one), one.name, one.displayName].some(
      (known) => known?.toLowerCase() === wanted,
    ),
  );
}

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
