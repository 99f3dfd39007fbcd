import { Field, Input, Radio, RadioGroup, Text } from "@fluentui/react-components";
import { type ReactNode, useState } from "react";
import { useMayRun } from "../../api/session.ts";
import { useNotify } from "../../widgets/notify.tsx";
import { SecretDialog } from "../../widgets/secret-dialog.tsx";
import { texts } from "./texts.ts";

/** Another password for a mailbox: made up and shown once, or typed. */
export function PasswordDialog(props: {
  readonly name: string;
  readonly identity: string;
  readonly onClose: () => void;
}) {
  const { name, identity, onClose } = props;
  const mayRun = useMayRun();
  const notify = useNotify();
  const [how, setHow] = useState(mayRun("Reset-MailboxPassword") ? "made" : "typed");
  const [password, setPassword] = useState("");
  const choice: ReactNode = (
    <>
      <Text>{texts.resetAbout}</Text>
      <Field label={texts.resetHow}>
        <RadioGroup value={how} onChange={(_event, { value }) => setHow(value)}>
          {mayRun("Reset-MailboxPassword") && <Radio value="made" label={texts.resetMade} />}
          {mayRun("Set-Mailbox") && <Radio value="typed" label={texts.resetTyped} />}
        </RadioGroup>
      </Field>
    </>
  );
  const title = texts.resetPasswordOf(name);
  if (how === "made") {
    return (
      <SecretDialog
        title={title}
        call={{ cmdlet: "Reset-MailboxPassword", parameters: { Identity: identity } }}
        verb={texts.reset}
        secret="Password"
        onClose={onClose}
      >
        {choice}
      </SecretDialog>
    );
  }
  return (
    <SecretDialog
      title={title}
      call={{ cmdlet: "Set-Mailbox", parameters: { Identity: identity, Password: password } }}
      verb={texts.reset}
      isReady={password !== ""}
      onClose={({ isDone }) => {
        if (isDone) notify({ title: texts.passwordSet });
        onClose();
      }}
    >
      {choice}
      <Field label={texts.newPassword} required>
        <Input
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={(_event, { value }) => setPassword(value)}
        />
      </Field>
    </SecretDialog>
  );
}
