import type { Cmdlet } from "../cmdlet/cmdlet.ts";
import { type CmdletTable, nounOf } from "../cmdlet/cmdlet-table.ts";

/** How a cmdlet is reached by REST. */
export interface RestEndpoint {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly cmdlet: Cmdlet<never>;
}

/** Where the cmdlets are. */
export const API_ROOT = "/api/v1";

const METHODS: Readonly<Record<string, RestEndpoint["method"]>> = {
  Get: "GET",
  Search: "GET",
  New: "POST",
  Set: "PATCH",
  Remove: "DELETE",
};

/**
 * Every cmdlet's endpoint: Get and Search, New, Set, Remove are the methods of a noun's path; other
 * verbs are POST to a path of their own below it, and so is a Search beside a Get.
 */
export function listEndpoints(table: CmdletTable<never>): readonly RestEndpoint[] {
  return table.all.map((cmdlet) => {
    const noun = nounOf(cmdlet);
    const verb = cmdlet.name.slice(0, cmdlet.name.indexOf("-"));
    const path = `${API_ROOT}/${kebabCase(noun)}`;
    const method = METHODS[verb];
    if (method === undefined) return { method: "POST", path: `${path}/${kebabCase(verb)}`, cmdlet };
    const isBesideGet = verb === "Search" && table.find(`Get-${noun}`) !== undefined;
    return { method, path: isBesideGet ? `${path}/search` : path, cmdlet };
  });
}

/** Whether its parameters stand in the query, not in a body. */
export function takesQuery({ method }: Pick<RestEndpoint, "method">): boolean {
  return method === "GET" || method === "DELETE";
}

/** `receive-connector` of `ReceiveConnector`; `dns-records` of `DNSRecords`. */
export function kebabCase(name: string): string {
  return name
    .replace("OAuth", "Oauth")
    .replace(/([a-z\d])([A-Z])/g, "$1-$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
}
