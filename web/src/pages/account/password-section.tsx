import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { formatDate } from "../../base/format.ts";
import { useNotify } from "../../widgets/notify.tsx";
import { type Account, changeAccount } from "./account.ts";
import { ActDialog } from "./act-dialog.tsx";
import { Section } from "./section.tsx";
import { CurrentPassword, TextInput } from "./text-input.tsx";
import { texts } from "./texts.ts";

/** One's own password. */
export function PasswordSection({ account }: { readonly account: Account }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Section
      title={texts.password}
      about={texts.passwordSet(formatDate(account.passwordSet))}
      actions={<Button onClick={() => setOpen(true)}>{texts.changePassword}</Button>}
    >
      {isOpen && <PasswordDialog onClose={() => setOpen(false)} />}
    </Section>
  );
}

function PasswordDialog({ onClose }: { readonly onClose: () => void }) {
  const notify = useNotify();
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const isOther = again !== "" && again !== password;
  return (
    <ActDialog
      title={texts.changePassword}
      action={texts.change}
      isReady={current !== "" && password !== "" && again === password}
      act={async () => {
        await changeAccount("password", { current, password });
        notify({ title: texts.passwordChanged });
        onClose();
      }}
      onClose={onClose}
    >
      <CurrentPassword value={current} onChange={setCurrent} />
      <TextInput
        label={texts.newPassword}
        hint={texts.newPasswordHint}
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={setPassword}
      />
      <TextInput
        label={texts.again}
        problem={isOther ? texts.notTheSame : undefined}
        type="password"
        autoComplete="new-password"
        value={again}
        onChange={setAgain}
      />
    </ActDialog>
  );
}
