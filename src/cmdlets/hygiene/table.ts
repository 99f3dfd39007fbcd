import type { Cmdlet } from "../../cmdlet/cmdlet.ts";
import { IP_LIST_ENTRY_CMDLETS } from "./ip-list-entry.ts";
import { LIST_PROVIDER_TESTS } from "./list-provider-test.ts";
import { getSenderReputation } from "./sender-reputation.ts";
import type { HygieneServices } from "./services.ts";

/** The cmdlets of this room. */
export const HYGIENE_CMDLETS: readonly Cmdlet<HygieneServices>[] = [
  ...IP_LIST_ENTRY_CMDLETS,
  ...LIST_PROVIDER_TESTS,
  getSenderReputation,
];
