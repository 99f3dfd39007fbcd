import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { COMPLIANCE_NOUNS } from "./compliance-nouns.ts";
import { DKIM_SIGNING_CMDLETS } from "./dkim-signing-config.ts";
import { exportConfiguration } from "./export-configuration.ts";
import { importConfiguration } from "./import-configuration.ts";
import { NOUNS } from "./nouns.ts";
import { objectCmdlets } from "./object-cmdlets.ts";
import { RULE_NOUNS } from "./rule-nouns.ts";
import type { OrganizationServices } from "./services.ts";

/** The cmdlets of this room. */
export const ORGANIZATION_CMDLETS: readonly Cmdlet<OrganizationServices>[] = [
  ...NOUNS.flatMap(objectCmdlets),
  ...RULE_NOUNS.flatMap(objectCmdlets),
  ...COMPLIANCE_NOUNS.flatMap(objectCmdlets),
  ...DKIM_SIGNING_CMDLETS,
  importConfiguration,
  exportConfiguration,
];
