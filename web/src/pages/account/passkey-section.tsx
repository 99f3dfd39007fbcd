import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { createPasskey, hasPasskeys } from "../../api/passkey.ts";
import { requestJson } from "../../api/request.ts";
import { formatDate } from "../../base/format.ts";
import { visibleText } from "../../base/visible-text.ts";
import { useNotify } from "../../widgets/notify.tsx";
import { type Account, changeAccount, type Passkey } from "./account.ts";
import { ActDialog } from "./act-dialog.tsx";
import { Row, Rows, Section } from "./section.tsx";
import { CurrentPassword, TextInput } from "./text-input.tsx";
import { texts } from "./texts.ts";

type Open =
  | { readonly kind: "add" }
  | { readonly kind: "rename" | "remove"; readonly passkey: Passkey };

/** One's own passkeys. */
export function PasskeySection({ account }: { readonly account: Account }) {
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const isHere = hasPasskeys();
  return (
    <Section
      title={texts.passkeys}
      about={isHere ? texts.passkeysAbout : `${texts.passkeysAbout} ${texts.passkeysNotHere}`}
      actions={
        isHere && <Button onClick={() => setOpen({ kind: "add" })}>{texts.addPasskey}</Button>
      }
    >
      {account.passkeys.length > 0 && (
        <Rows>
          {account.passkeys.map((passkey) => (
            <PasskeyRow key={passkey.id} passkey={passkey} onOpen={setOpen} />
          ))}
        </Rows>
      )}
      {open?.kind === "add" && <AddDialog onClose={close} />}
      {open?.kind === "rename" && <RenameDialog passkey={open.passkey} onClose={close} />}
      {open?.kind === "remove" && (
        <ActDialog
          title={texts.removeNamed(open.passkey.name)}
          about={texts.removePasskeyAbout(open.passkey.name)}
          action={texts.removeTotp}
          act={async () => {
            await changeAccount("passkeys/remove", { id: open.passkey.id });
            close();
          }}
          onClose={close}
        />
      )}
    </Section>
  );
}

function PasskeyRow(props: { readonly passkey: Passkey; readonly onOpen: (open: Open) => void }) {
  const { passkey, onOpen } = props;
  const { name, created, lastUsed } = passkey;
  const used = lastUsed === null ? texts.never : formatDate(lastUsed);
  return (
    <Row
      name={name}
      facts={texts.passkeyUsed(formatDate(created), used)}
      actions={
        <>
          <Button
            size="small"
            aria-label={texts.renameNamed(visibleText(name))}
            onClick={() => onOpen({ kind: "rename", passkey })}
          >
            {texts.renamePasskey}
          </Button>
          <Button
            size="small"
            aria-label={texts.removeNamed(visibleText(name))}
            onClick={() => onOpen({ kind: "remove", passkey })}
          >
            {texts.removeTotp}
          </Button>
        </>
      }
    />
  );
}

function AddDialog({ onClose }: { readonly onClose: () => void }) {
  const notify = useNotify();
  const [name, setName] = useState("");
  const [current, setCurrent] = useState("");
  return (
    <ActDialog
      title={texts.addPasskey}
      action={texts.next}
      isReady={name !== "" && current !== ""}
      act={async () => {
        const options = await requestJson<PublicKeyCredentialCreationOptionsJSON>({
          method: "POST",
          path: "/account/passkeys/options",
          body: { current },
        });
        const response = await createPasskey(options);
        await changeAccount("passkeys", { name, response });
        notify({ title: texts.passkeyAdded(name) });
        onClose();
      }}
      onClose={onClose}
    >
      <TextInput
        label={texts.passkeyName}
        hint={texts.passkeyNameHint}
        value={name}
        onChange={setName}
      />
      <CurrentPassword value={current} onChange={setCurrent} />
    </ActDialog>
  );
}

function RenameDialog(props: { readonly passkey: Passkey; readonly onClose: () => void }) {
  const { passkey, onClose } = props;
  const [name, setName] = useState(passkey.name);
  return (
    <ActDialog
      title={texts.renameNamed(passkey.name)}
      action={texts.renamePasskey}
      isReady={name.trim() !== ""}
      act={async () => {
        await changeAccount("passkeys/rename", { id: passkey.id, name });
        onClose();
      }}
      onClose={onClose}
    >
      <TextInput label={texts.passkeyName} value={name} onChange={setName} />
    </ActDialog>
  );
}
