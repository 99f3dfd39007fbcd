import type { FaultList } from "./configuration-fault.ts";
import { readConnectionFilter } from "./connection-filter-reader.ts";
import type { DeclaredObject } from "./declared-object.ts";
import type { HygieneSettings } from "./hygiene-settings.ts";
import { readObjects, readSingle } from "./read-object.ts";
import type { ConfigurationKind } from "./settings/object-kinds.ts";

/** What the objects say of mail that is not wanted; `undefined` when a fault was reported. */
export function readHygieneSettings(
  declared: readonly DeclaredObject[],
  faults: FaultList,
): HygieneSettings | undefined {
  const single = <Kind extends ConfigurationKind>(kind: Kind) =>
    readSingle(kind, declared, faults)?.values;
  const connectionFilter = readConnectionFilter(declared, faults);
  const senderFilterConfig = single("senderFilterConfig");
  const recipientFilterConfig = single("recipientFilterConfig");
  const senderReputationConfig = single("senderReputationConfig");
  const greylistingConfig = single("greylistingConfig");
  const backscatterProtectionConfig = single("backscatterProtectionConfig");
  const attachmentFilterListConfig = single("attachmentFilterListConfig");
  const organizationConfig = single("organizationConfig");
  const attachmentFilterEntries = readObjects("attachmentFilterEntry", declared, faults).map(
    ({ values }) => values,
  );
  if (connectionFilter === undefined || senderFilterConfig === undefined) return undefined;
  if (recipientFilterConfig === undefined || senderReputationConfig === undefined) return undefined;
  if (greylistingConfig === undefined || organizationConfig === undefined) return undefined;
  if (backscatterProtectionConfig === undefined) return undefined;
  if (attachmentFilterListConfig === undefined) return undefined;
  return {
    ...connectionFilter,
    senderFilterConfig,
    recipientFilterConfig,
    senderReputationConfig,
    greylistingConfig,
    backscatterProtectionConfig,
    attachmentFilterListConfig,
    attachmentFilterEntries,
    organizationConfig,
  };
}
