import { line, listOf } from "../../org/settings/setting-types.ts";

/** Characters of an identity; no object has a longer one. */
export const IDENTITY_MAX = 320;

/** Objects that an act names one by one; what is about more takes a filter. */
const IDENTITIES_MAX = 1_000;

/** `-Identity` of acts, which may be about several. */
export function identities() {
  return listOf(line({ max: IDENTITY_MAX }), { min: 1, max: IDENTITIES_MAX });
}
