import { makeStyles, Text } from "@fluentui/react-components";
import type { OutputOf } from "../../api/run-cmdlet.ts";
import { visibleText } from "../../base/visible-text.ts";
import { VerdictMark, verdictOf } from "../../widgets/verdict-mark.tsx";
import { texts } from "./dkim-texts.ts";

/** The keys of a domain. */
export type DkimConfig = OutputOf<"Get-DkimSigningConfig">;

/** What DNS was found to have, by name; `undefined`: nobody has looked. */
export type DnsState = ReadonlyMap<string, OutputOf<"Test-DnsRecords">> | undefined;

const useStyles = makeStyles({
  state: { display: "flex", gap: "6px", alignItems: "center", overflowWrap: "anywhere" },
});

/** Whether DNS has a record. */
export function DnsMark({ name, dns }: { readonly name: string; readonly dns: DnsState }) {
  const styles = useStyles();
  const found = dns?.get(name);
  if (found === undefined) return <Text size={200}>{texts.notChecked}</Text>;
  return (
    <span className={styles.state}>
      <VerdictMark verdict={verdictOf(found.Verdict)} />
      <Text size={200}>{visibleText(found.Detail ?? "")}</Text>
    </span>
  );
}
