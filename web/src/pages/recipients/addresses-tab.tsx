import { Badge, Button, Field, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import { AddRegular, DeleteRegular } from "@fluentui/react-icons";
import { type FormEvent, useState } from "react";
import type { AnyCall } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { visibleText } from "../../base/visible-text.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { useNotify } from "../../widgets/notify.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { Warnings } from "../../widgets/run-dialog.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useRun } from "../../widgets/use-run.ts";
import { addAddress, addressesOf, makePrimary, removeAddress } from "./own-addresses.ts";
import type { RecipientKind } from "./recipient-kind.ts";
import type { ShownRecipient } from "./shown-recipient.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "12px" },
  list: { listStyleType: "none", margin: 0, padding: 0 },
  one: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "8px",
    minHeight: "36px",
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
  },
  address: { flexGrow: 1, overflowWrap: "anywhere" },
  add: { display: "flex", flexWrap: "wrap", alignItems: "end", gap: "8px" },
  grow: { flexGrow: 1 },
});

/** The addresses of a recipient: which is primary, one more, one less. */
export function AddressesTab(props: {
  readonly kind: RecipientKind;
  readonly recipient: ShownRecipient;
}) {
  const styles = useStyles();
  const mayChange = useMayRun()(`Set-${props.kind.noun}`);
  const { own, run, call, change, promote } = useAddresses(props);
  const remove = (address: string) =>
    change(texts.addressRemoved(address), {
      act: removeAddress(address),
      undo: call(addAddress(address)),
    });
  return (
    <div className={styles.root}>
      <Text>{texts.addressesAbout}</Text>
      <ul className={styles.list}>
        <li className={styles.one}>
          <bdi className={styles.address}>{visibleText(own.primary)}</bdi>
          <Badge appearance="tint" color="brand">
            {texts.primary}
          </Badge>
        </li>
        {own.further.map((address) => (
          <li key={address} className={styles.one}>
            <bdi className={styles.address}>{visibleText(address)}</bdi>
            {mayChange && (
              <>
                <Button
                  size="small"
                  aria-label={texts.makePrimaryOf(visibleText(address))}
                  onClick={() => void promote(address)}
                >
                  {texts.makePrimary}
                </Button>
                <Button
                  size="small"
                  appearance="subtle"
                  icon={<DeleteRegular />}
                  aria-label={texts.removeAddress(visibleText(address))}
                  onClick={() => void remove(address)}
                />
              </>
            )}
          </li>
        ))}
      </ul>
      {own.further.length === 0 && <Text>{texts.noOtherAddress}</Text>}
      {run.kind === "failed" && <FaultNotice fault={run.fault} />}
      {run.kind === "done" && <Warnings warnings={run.result.warnings} />}
      {mayChange && (
        <NewAddress
          callOf={(address) => call(addAddress(address))}
          onAdd={(address) =>
            change(texts.addressAdded(address), {
              act: addAddress(address),
              undo: call(removeAddress(address)),
            })
          }
        />
      )}
    </div>
  );
}

/** What can be done to the addresses of a recipient, each with what undoes it. */
function useAddresses(of: { readonly kind: RecipientKind; readonly recipient: ShownRecipient }) {
  const { kind, recipient } = of;
  const notify = useNotify();
  const [state, setState] = usePageState();
  const { state: run, run: start } = useRun();
  const own = addressesOf(recipient);
  const call = (change: object): AnyCall => ({
    cmdlet: `Set-${kind.noun}`,
    parameters: { Identity: own.primary, ...change },
  });
  const change = async (title: string, acts: { readonly act: object; readonly undo: AnyCall }) => {
    const isDone = await start(call(acts.act));
    if (isDone) notify({ title, undo: acts.undo });
    return isDone;
  };
  const promote = async (address: string) => {
    const undo = call({ ...makePrimary(address, own.primary), Identity: address });
    const title = texts.addressPrimary(address);
    const isDone = await change(title, { act: makePrimary(own.primary, address), undo });
    if (isDone && state["open"] === own.primary) setState({ open: address }, { isReplacing: true });
  };
  return { own, run, call, change, promote };
}

function NewAddress(props: {
  readonly callOf: (address: string) => AnyCall;
  readonly onAdd: (address: string) => Promise<boolean>;
}) {
  const { callOf, onAdd } = props;
  const styles = useStyles();
  const [address, setAddress] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await onAdd(address.trim())) setAddress("");
  };
  return (
    <form className={styles.add} onSubmit={(event) => void submit(event)} noValidate>
      <Field label={texts.newAddress} className={styles.grow}>
        <Input
          type="email"
          value={address}
          autoComplete="off"
          onChange={(_event, { value }) => setAddress(value)}
        />
      </Field>
      <Button type="submit" icon={<AddRegular />} disabled={address.trim() === ""}>
        {texts.addAddress}
      </Button>
      {address.trim() !== "" && <ShowCmdlet call={callOf(address.trim())} />}
    </form>
  );
}
