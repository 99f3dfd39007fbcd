import { runAny } from "../../api/run-cmdlet.ts";
import { bytesOfBase64, saveFile } from "../../base/file.ts";
import { textOf } from "../../base/text-of.ts";

/** Has the browser save all rules in Exchange's form. @throws CmdletFault */
export async function exportRules(): Promise<void> {
  const call = { cmdlet: "Export-TransportRuleCollection", parameters: {} };
  const { objects } = await runAny(call);
  const pieces = objects.map((part) => bytesOfBase64(textOf(part["FileData"] ?? "")));
  saveFile({ name: "rules.xml", type: "application/xml", pieces });
}
