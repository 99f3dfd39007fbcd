import type { FaultList } from "./configuration-fault.ts";
import type { DeclaredObject } from "./declared-object.ts";
import { buildDkimSigningConfigs } from "./dkim-signing-config.ts";
import type { PolicySettings } from "./policy-settings.ts";
import { readObjects } from "./read-object.ts";

/** What the objects say of trust and rules; `undefined` when a fault was reported. */
export function readPolicySettings(
  declared: readonly DeclaredObject[],
  faults: FaultList,
): PolicySettings | undefined {
  return {
    dkimSigningConfigs: buildDkimSigningConfigs(readObjects("dkimSigningConfig", declared, faults)),
  };
}
