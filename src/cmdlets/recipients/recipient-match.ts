import { compileFilter } from "../../cmdlet/filter-match.ts";
import { compileWildcard } from "../../cmdlet/wildcard.ts";
import { configText } from "../../org/config-value.ts";
import type { RecipientObject } from "../../org/organization-editor.ts";
import { createShow } from "./recipient-output.ts";
import type { RecipientQuery } from "./recipient-search.ts";

/** Makes a test of a query, for whoever reads the recipients. */
export function matchRecipients(query: RecipientQuery): (recipient: RecipientObject) => boolean {
  const { pattern, filter, view, nowMs } = query;
  const isNamed = pattern === undefined ? undefined : compileWildcard(pattern);
  const passes = filter && compileFilter(filter, { nowMs });
  const show = createShow(view, filter?.properties);
  return (recipient) => {
    if (isNamed !== undefined && !namesOf(recipient).some(isNamed)) return false;
    return passes === undefined || passes(show(recipient));
  };
}

function namesOf({ name, properties }: RecipientObject): readonly string[] {
  const { primarySmtpAddress, emailAddresses } = properties;
  // One that stands alone need not be a list.
  const further = [emailAddresses ?? []].flat();
  return [name, configText(primarySmtpAddress), ...further.map(String)];
}
