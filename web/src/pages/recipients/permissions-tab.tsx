import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { DeleteRegular } from "@fluentui/react-icons";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useMayRun } from "../../api/session.ts";
import { visibleText } from "../../base/visible-text.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { Loading } from "../../widgets/loading.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { RecipientPicker } from "../../widgets/recipient-picker.tsx";
import { Warnings } from "../../widgets/run-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useRun } from "../../widgets/use-run.ts";
import type { ShownRecipient } from "./shown-recipient.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "12px" },
  list: { listStyleType: "none", margin: 0, padding: 0 },
  one: {
    display: "flex",
    alignItems: "center",
    gap: "8px",
    minHeight: "36px",
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  address: { flexGrow: 1, overflowWrap: "anywhere" },
});

/** Who may send as a recipient. */
export function PermissionsTab({ recipient }: { readonly recipient: ShownRecipient }) {
  const styles = useStyles();
  const mayRun = useMayRun();
  const notify = useNotify();
  const { state, run } = useRun();
  const identity = String(recipient["PrimarySmtpAddress"]);
  const call = {
    cmdlet: "Get-RecipientPermission",
    parameters: { Identity: identity, ResultSize: "unlimited" },
  } as const;
  const reading = useCmdlet(call);
  const rights = reading.data?.objects ?? [];
  const change = async (verb: "Add" | "Remove", trustee: string) => {
    const parameters = { Identity: identity, Trustee: trustee };
    const isDone = await run({ cmdlet: `${verb}-RecipientPermission`, parameters });
    if (!isDone) return;
    const inverse = `${verb === "Add" ? "Remove" : "Add"}-RecipientPermission`;
    const title = (verb === "Add" ? texts.permissionAdded : texts.permissionRemoved)(trustee);
    notify({ title, undo: { cmdlet: inverse, parameters } });
  };
  return (
    <div className={styles.root}>
      <Text>{texts.permissionsAbout}</Text>
      {reading.error && (
        <FaultNotice fault={reading.error} onRetry={() => void reading.refetch()} />
      )}
      {reading.isPending && <Loading />}
      {reading.data && rights.length === 0 && <Text>{texts.noPermission}</Text>}
      <ul className={styles.list}>
        {rights.map(({ Trustee }) => (
          <li key={Trustee} className={styles.one}>
            <bdi className={styles.address}>{visibleText(Trustee ?? "")}</bdi>
            {mayRun("Remove-RecipientPermission") && (
              <Button
                size="small"
                appearance="subtle"
                icon={<DeleteRegular />}
                aria-label={texts.removePermission(visibleText(Trustee ?? ""))}
                onClick={() => void change("Remove", Trustee ?? "")}
              />
            )}
          </li>
        ))}
      </ul>
      {state.kind === "failed" && <FaultNotice fault={state.fault} />}
      {state.kind === "done" && <Warnings warnings={state.result.warnings} />}
      {mayRun("Add-RecipientPermission") && (
        <RecipientPicker
          label={texts.addPermission}
          types={["UserMailbox"]}
          onPick={(address) => void change("Add", address)}
        />
      )}
      <div>
        <ShowCmdlet call={call} />
      </div>
    </div>
  );
}
