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
