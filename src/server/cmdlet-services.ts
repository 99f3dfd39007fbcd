import type { CmdletServices } from "../management/all-cmdlets.ts";

/** Joins what the cmdlets ask for with what the server is made of. */
export function createCmdletServices(): CmdletServices {
  return {};
}
