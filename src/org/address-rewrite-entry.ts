import type { ADDRESS_REWRITE_ENTRY } from "./settings/address-rewrite-entry.ts";
import type { ValuesOf } from "./settings/setting.ts";

/** Reference §17.4. */
export type AddressRewriteEntry = ValuesOf<typeof ADDRESS_REWRITE_ENTRY>;
