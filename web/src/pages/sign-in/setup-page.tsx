import { Button, Field, Input } from "@fluentui/react-components";
import { useState } from "react";
import { requestJson } from "../../api/request.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { EntryCard, EntryForm } from "./entry-card.tsx";
import { texts } from "./texts.ts";
import { useDoor } from "./use-door.ts";

/** Of the link; it does not stay in the address, where others would read it. */
const taken = { token: "" };

function takeToken(): string {
  const { hash, pathname } = window.location;
  if (hash.length > 1) {
    taken.token = hash.slice(1);
    window.history.replaceState(window.history.state, "", pathname);
  }
  return taken.token;
}

const PASSWORD_CHARACTERS_MIN = 12;

/** Makes the first administrator. */
export function SetupPage() {
  const [token] = useState(takeToken);
  const [values, setValues] = useState({ name: "", password: "", again: "" });
  const { fault, isBusy, enter } = useDoor("/");
  const field = (name: keyof typeof values) => ({
    value: values[name],
    onChange: (_event: unknown, { value }: { readonly value: string }) =>
      setValues({ ...values, [name]: value }),
  });
  if (token === "") {
    return (
      <EntryCard title={texts.setupTitle}>
        <EmptyState title={texts.noTokenTitle}>{texts.noToken}</EmptyState>
      </EntryCard>
    );
  }
  const { name, password, again } = values;
  const isShort = password !== "" && password.length < PASSWORD_CHARACTERS_MIN;
  const isOther = again !== "" && again !== password;
  const body = { token, name, password, cookie: true };
  return (
    <EntryCard title={texts.setupTitle} about={texts.setupAbout}>
      {fault && <FaultNotice fault={fault} />}
      <EntryForm
        onSubmit={() => void enter(() => requestJson({ method: "POST", path: "/setup", body }))}
      >
        <Field label={texts.name} hint={texts.nameHint} required>
          <Input {...field("name")} autoComplete="username" autoFocus />
        </Field>
        <Field
          label={texts.password}
          hint={texts.passwordHint(PASSWORD_CHARACTERS_MIN)}
          validationMessage={isShort ? texts.tooShort(PASSWORD_CHARACTERS_MIN) : undefined}
          required
        >
          <Input {...field("password")} type="password" autoComplete="new-password" />
        </Field>
        <Field
          label={texts.again}
          validationMessage={isOther ? texts.notTheSame : undefined}
          required
        >
          <Input {...field("again")} type="password" autoComplete="new-password" />
        </Field>
        <Button
          type="submit"
          appearance="primary"
          disabled={isBusy || name === "" || isShort || password === "" || again !== password}
        >
          {texts.setUp}
        </Button>
      </EntryForm>
    </EntryCard>
  );
}
